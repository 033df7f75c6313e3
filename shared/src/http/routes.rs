//! The routes of a tier: its API and its API reference.

use std::{future, sync::Arc, time::Instant};

use bytes::Bytes;
use poem::{
    Endpoint, EndpointExt, Error, IntoResponse, PathPattern, Request, Response, Route, get,
    handler,
    http::{Method, StatusCode, header},
    middleware::AddData,
    web::Data,
};
use poem_openapi::{OpenApi, OpenApiService, Webhook};

use super::{
    allowed_methods::AllowedMethods,
    rate_limit::{RateLimits, limited},
};
use crate::{auth::Authorizer, problem::Problem};

/// The duration of requests in seconds, by route, method and status.
const REQUEST_DURATION_SECONDS: &str = "analytics_http_request_duration_seconds";

/// The bodies of `/openapi.yaml` and `/docs`, shared by all responses: the page is more than 1 MiB.
struct Document {
    yaml: Bytes,
    page: Bytes,
}

/// Combines an API, whose callers `authorizer` authenticates and authorizes, with `/docs` and
/// `/openapi.yaml`. Requests are limited by `limits` and measured, and every error is returned as a problem.
pub fn routes<T, W, S>(
    api: OpenApiService<T, W>,
    state: S,
    authorizer: Authorizer,
    limits: RateLimits,
) -> impl Endpoint<Output = Response>
where
    T: OpenApi + 'static,
    W: Webhook + 'static,
    S: Clone + Send + Sync + 'static,
{
    let document = Arc::new(Document {
        yaml: api.spec_yaml().into(),
        page: api.swagger_ui_html().into(),
    });
    let allowed = Arc::new(AllowedMethods::from_openapi(&api.spec()));
    let keys = authorizer.keys.clone();
    Route::new()
        .nest("/", api)
        .at("/docs", get(reference))
        .at("/openapi.yaml", get(openapi))
        .with(AddData::new(authorizer))
        .with(AddData::new(state))
        .with(AddData::new(document))
        .catch_all_error(move |error| future::ready(error_response(error, &allowed)))
        .around(move |endpoint, request| limited(endpoint, request, limits.clone(), keys.clone()))
        .around(measured)
        .map_to_response()
}

/// Returns the response of an error. Errors of the framework become problems.
pub(super) fn error_response(error: Error, allowed: &AllowedMethods) -> Response {
    let pattern = error.data::<PathPattern>().cloned();
    let mut response = if error.is_from_response() {
        error.into_response()
    } else {
        Problem::from_framework(&error).into_response()
    };
    if let Some(pattern) = pattern {
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let methods = allowed.at(&pattern.0);
            response.headers_mut().insert(header::ALLOW, methods);
        }
        response.set_data(pattern);
    }
    response
}

async fn measured<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let (started, method) = (Instant::now(), method_label(request.method()));
    let response = endpoint.call(request).await?;
    // The pattern, not the path: a label must not have a value for every event.
    let route = response
        .data::<PathPattern>()
        .map_or("unknown", |pattern| &pattern.0)
        .to_owned();
    let status = response.status().as_u16().to_string();
    metrics::histogram!(REQUEST_DURATION_SECONDS, "route" => route, "method" => method, "status" => status)
        .record(started.elapsed());
    Ok(response)
}

/// Returns a standard method, or `other`: clients may send any text as the method.
fn method_label(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known
        .into_iter()
        .find(|known| method == *known)
        .unwrap_or("other")
}

#[handler]
fn reference(Data(document): Data<&Arc<Document>>) -> Response {
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .body(document.page.clone())
}

#[handler]
fn openapi(Data(document): Data<&Arc<Document>>) -> Response {
    Response::builder()
        .content_type("application/yaml")
        .body(document.yaml.clone())
}
