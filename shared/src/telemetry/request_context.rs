//! The request that is being processed: its id and route for logs and problems, and its caller for the audit
//! log.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
};

use opentelemetry::context::FutureExt;
use poem::{
    PathPattern, Request,
    http::{HeaderMap, HeaderName},
};
use tracing::{Instrument, Span};
use uuid::Uuid;

use crate::{auth::Caller, http::DocumentedRoutes};

/// The header with the id of a request, in requests and responses.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The maximum length of an id that a client or proxy has chosen.
const MAX_LENGTH: usize = 64;

tokio::task_local! {
    static CURRENT: Arc<RequestContext>;
}

/// The context of a request.
#[derive(Debug)]
pub(crate) struct RequestContext {
    id: String,
    caller: OnceLock<Caller>,
    route: OnceLock<(PathPattern, Option<Arc<DocumentedRoutes>>)>,
    /// The span of the request's log lines.
    span: Span,
}

impl RequestContext {
    /// The context of a request with these headers. Its id is that of the header `X-Request-Id`, if there is
    /// one of 1 to 64 letters, digits, `-`, `_` and `.`, else a new one.
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(REQUEST_ID).iter();
        let id = match (given.next(), given.next()) {
            (Some(id), None) => id.to_str().ok().filter(|id| is_valid(id)),
            _ => None,
        };
        let id = id.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
        // At the highest level, so that no filter removes the id from the lines that it lets pass.
        let span = tracing::error_span!("request", request_id = id);
        Self {
            id,
            caller: OnceLock::new(),
            route: OnceLock::new(),
            span,
        }
    }

    /// The id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The authenticated caller, if there is one.
    pub(crate) fn caller(&self) -> Option<&Caller> {
        self.caller.get()
    }

    /// Runs `future` in this context.
    pub(crate) async fn scope<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        let span = self.span.clone();
        CURRENT.scope(self, future).instrument(span).await
    }
}

/// Returns a future for a task of its own, whose log lines and spans are those of the current request.
pub fn in_current_request<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let context = CURRENT.try_with(Arc::clone);
    let future = async move {
        match context {
            Ok(context) => CURRENT.scope(context, future).await,
            Err(_) => future.await,
        }
    };
    future.in_current_span().with_current_context()
}

/// Returns the id of the current request; `None` outside of a request.
pub(crate) fn current_request_id() -> Option<String> {
    CURRENT.try_with(|context| context.id.clone()).ok()
}

/// Records the caller of the current request.
pub(crate) fn record_caller(caller: &Caller) {
    // Outside of a request there is nothing to record.
    let _ = CURRENT.try_with(|context| context.caller.set(caller.clone()));
}

/// Returns the name of the route of the current request, once it is known.
pub(crate) fn current_route() -> Option<String> {
    let name = CURRENT.try_with(|context| {
        let (pattern, documented) = context.route.get()?;
        let documented = documented.as_ref();
        Some(documented.map_or_else(|| pattern.0.to_string(), |it| it.name(&pattern.0)))
    });
    name.ok().flatten()
}

/// Records the route of the current request, which its JSON log lines name.
pub fn record_route(request: &Request) {
    if let Some(pattern) = request.data::<PathPattern>() {
        // Outside of a request there is nothing to record.
        let _ = CURRENT.try_with(|context| {
            let documented = request.data::<Arc<DocumentedRoutes>>().cloned();
            context.route.set((pattern.clone(), documented))
        });
    }
}

fn is_valid(id: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn id_of(values: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                REQUEST_ID,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        RequestContext::new(&headers).id
    }

    #[test]
    fn a_plain_id_is_accepted_and_another_is_replaced() {
        assert_eq!(id_of(&["a.B_9-c"]), "a.B_9-c");
        let too_long: &'static str = "a".repeat(65).leak();
        for given in [
            &[][..],
            &[""],
            &["a b"],
            &["a\"b"],
            &["ann@example.org"],
            &["é"],
            &[too_long],
            &["a", "b"],
        ] {
            let id = id_of(given);
            assert!(id.parse::<Uuid>().is_ok(), "{given:?}: {id}");
        }
    }

    #[tokio::test]
    async fn the_id_and_the_caller_belong_to_the_request() {
        let context = Arc::new(RequestContext::new(&HeaderMap::new()));
        let caller = Caller {
            tenant_id: Some(Uuid::from_u128(1)),
            user_id: None,
            roles: vec![],
        };
        let request = async {
            record_caller(&caller);
            current_request_id()
        };
        let id = Arc::clone(&context).scope(request).await;
        assert_eq!(id.as_deref(), Some(context.id()));
        assert_eq!(context.caller(), Some(&caller));
        assert_eq!(current_request_id(), None);
    }
}
