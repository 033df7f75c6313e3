//! Conditional responses (RFC 9110, 13): 304 if the client has the current response.

use std::{future::Future, marker::PhantomData};

use analytics_shared::{http::listed_in_any_coding, problem::Problem};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::{Json, Payload},
    registry::{MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};

use crate::{
    cache::{CachedResponse, ResponseCache},
    store::Fingerprint,
};

/// Clients may store the response but must revalidate it.
const CACHE_CONTROL: &str = "private, no-cache";

/// A serialized `T`.
pub struct SerializedJson<T>(CachedResponse, PhantomData<T>);

impl<T: Type> Payload for SerializedJson<T> {
    const CONTENT_TYPE: &'static str = Json::<T>::CONTENT_TYPE;

    fn check_content_type(content_type: &str) -> bool {
        Json::<T>::check_content_type(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Send> IntoResponse for SerializedJson<T> {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .content_type("application/json; charset=utf-8")
            .body(self.0.json.clone());
        // For `compress`.
        response.set_data(self.0);
        response
    }
}

/// The response of a read.
#[derive(ApiResponse)]
pub enum ConditionalResponse<T: ToJSON> {
    /// The metrics.
    #[oai(status = 200)]
    Found(
        SerializedJson<T>,
        /// Entity tag of the response.
        #[oai(header = "ETag")]
        String,
        /// The client may store the response but must revalidate it.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The client has the current response.
    #[oai(status = 304)]
    NotModified(
        /// Entity tag of the response.
        #[oai(header = "ETag")]
        String,
        /// The client may store the response but must revalidate it.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// Returns the cached response for `key`, or builds it; 304 if `if_none_match` lists its entity tag.
///
/// # Errors
/// Returns the errors of `build`.
pub async fn respond<T: ToJSON>(
    cache: &ResponseCache,
    key: Fingerprint,
    if_none_match: Option<&str>,
    build: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<ConditionalResponse<T>, Problem> {
    let response = cache.get_or_build(key, build).await?;
    Ok(conditional(response, if_none_match))
}

/// Returns a response; 304 if `if_none_match` lists its entity tag.
pub fn conditional<T: ToJSON>(
    response: CachedResponse,
    if_none_match: Option<&str>,
) -> ConditionalResponse<T> {
    let (etag, cache_control) = (response.etag.clone(), CACHE_CONTROL.to_owned());
    if let Some(listed) = if_none_match.and_then(|etags| listed_in_any_coding(etags, &etag)) {
        return ConditionalResponse::NotModified(listed, cache_control);
    }
    let json = SerializedJson(response, PhantomData);
    ConditionalResponse::Found(json, etag, cache_control)
}
