//! Compression of JSON responses. Their compressed form is cached beside them, so that a client cannot make the service
//! compress the same response again and again.

use std::sync::Arc;

use analytics_shared::http::{ContentCoding, of_coding};
use poem::{
    Body, Endpoint, Request, Response, Result,
    http::{HeaderValue, StatusCode, header},
};

use crate::cache::CachedResponse;

/// Sends the compressed form of a response of `endpoint`, if there is one and the client accepts it.
pub async fn compress<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    request: Request,
) -> Result<Response> {
    let coding = ContentCoding::negotiate(request.headers(), &[ContentCoding::Gzip]);
    let mut response = endpoint.call(request).await?;
    let cached = response.data::<CachedResponse>().cloned();
    let is_compressible = cached.as_ref().is_some_and(CachedResponse::is_compressible);
    let gzip = match cached {
        Some(cached) if coding == ContentCoding::Gzip => cached.gzip().await,
        _ => None,
    };
    let is_not_modified = response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    if is_compressible || is_not_modified {
        let vary = HeaderValue::from_static("Accept-Encoding");
        headers.entry(header::VARY).or_insert(vary);
    }
    if let (Some(body), Some(name)) = (gzip, coding.name()) {
        let etag = headers
            .get(header::ETAG)
            .and_then(|etag| etag.to_str().ok());
        let etag = etag.map(|etag| of_coding(etag, coding));
        if let Some(etag) = etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
            headers.insert(header::ETAG, etag);
        }
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        response.set_body(Body::from(body));
    }
    Ok(response)
}
