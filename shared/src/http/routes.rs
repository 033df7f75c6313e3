//! The routes of a tier: its API and its API reference.

use std::{future, sync::Arc};

use poem::{
    EndpointExt, Error, IntoResponse, PathPattern, Request, Response, Route,
    endpoint::BoxEndpoint,
    get, handler,
    http::{StatusCode, header},
    middleware::AddData,
    web::Data,
};
use poem_openapi::{OpenApi, OpenApiService, Webhook};

use super::{
    middleware::standard_method,
    openapi::{DocumentedRoutes, openapi_document},
    rate_limit::{RateLimits, limited},
    representation::StaticDocument,
};
use crate::{auth::Authorizer, problem::Problem, telemetry::http_metrics};

/// The bodies of `/openapi.yaml` and `/docs`, shared by all responses: the page is more than 1 MiB.
struct Documents {
    yaml: StaticDocument,
    page: StaticDocument,
}

/// Combines an API, whose callers `authorizer` authenticates and authorizes, with `pages`, `/docs` and
/// `/openapi.yaml`. Requests are limited by `limits`, and every error is returned as a problem.
pub fn routes<T, W, S>(
    api: OpenApiService<T, W>,
    pages: Route,
    state: S,
    authorizer: Authorizer,
    limits: RateLimits,
) -> BoxEndpoint<'static, Response>
where
    T: OpenApi + 'static,
    W: Webhook + 'static,
    S: Send + Sync + 'static,
{
    let documents = Arc::new(Documents {
        yaml: StaticDocument::yaml(openapi_document(&api)),
        page: StaticDocument::page(api.swagger_ui_html()),
    });
    let documented = Arc::new(DocumentedRoutes::from_openapi(&api.spec()));
    http_metrics::register();
    register_responses(&documented);
    let (names, callers) = (Arc::clone(&documented), authorizer.clone());
    let recorded = Arc::clone(&documented);
    pages
        .nest("/", api)
        .at("/docs", get(reference))
        .at("/openapi.yaml", get(openapi))
        .with(AddData::new(authorizer))
        .with(AddData::new(Arc::new(state)))
        .with(AddData::new(documents))
        .with(AddData::new(recorded))
        .catch_all_error(move |error| future::ready(error_response(error, &documented)))
        .around(move |endpoint, request| {
            limited(endpoint, request, limits.clone(), callers.clone())
        })
        .map_to_response()
        .map(move |response| future::ready(named(response, &names)))
        // Otherwise the type of what is added around it is too deep for the compiler.
        .boxed()
}

/// Registers the durations of the responses of each operation that alerts and objectives compare: successes, and
/// failures of the service.
fn register_responses(documented: &DocumentedRoutes) {
    for response in documented.responses() {
        if response.status.starts_with(['2', '5']) {
            let method = standard_method(response.method).unwrap_or("other");
            let _ = http_metrics::request_duration(response.path, method, response.status);
        }
    }
}

/// Replaces the path pattern of a response by the name of its route.
fn named(mut response: Response, documented: &DocumentedRoutes) -> Response {
    if let Some(PathPattern(pattern)) = response.data() {
        let name = documented.name(pattern);
        response.set_data(PathPattern(name.into()));
    }
    response
}

/// Returns the response of an error. Errors of the framework become problems.
pub(super) fn error_response(error: Error, documented: &DocumentedRoutes) -> Response {
    let pattern = error.data::<PathPattern>().cloned();
    let mut response = if error.is_from_response() {
        error.into_response()
    } else {
        Problem::from_framework(&error).into_response()
    };
    if let Some(pattern) = pattern {
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let methods = documented.allow(&pattern.0);
            response.headers_mut().insert(header::ALLOW, methods);
        }
        response.set_data(pattern);
    }
    response
}

#[handler]
async fn reference(Data(documents): Data<&Arc<Documents>>, request: &Request) -> Response {
    documents.page.respond(request).await
}

#[handler]
async fn openapi(Data(documents): Data<&Arc<Documents>>, request: &Request) -> Response {
    documents.yaml.respond(request).await
}
