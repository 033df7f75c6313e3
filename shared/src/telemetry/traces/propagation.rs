//! The W3C Trace Context of requests and messages: `traceparent` and `tracestate`.

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// The header with the trace, its span, and whether it is exported.
pub(super) const TRACE_PARENT: &str = "traceparent";
/// The header with the data of tracing systems.
pub(super) const TRACE_STATE: &str = "tracestate";
/// The minimum length of `traceparent`. The SDK accepts ids that are too short.
const TRACE_PARENT_LENGTH: usize = 55;
/// The maximum length of `tracestate`, which is not passed on if it is longer; the specification requires no more.
const MAX_TRACE_STATE: usize = 512;

/// Returns the context of a caller; an empty one without a valid `traceparent`.
#[must_use]
pub fn extract(trace_parent: Option<&str>, trace_state: Option<&str>) -> Context {
    let trace_parent = trace_parent.filter(|parent| parent.len() >= TRACE_PARENT_LENGTH);
    let trace_state = trace_state.filter(|state| state.len() <= MAX_TRACE_STATE);
    let headers = Received {
        trace_parent,
        trace_state,
    };
    TraceContextPropagator::new().extract_with_context(&Context::new(), &headers)
}

/// Calls `set` with the names and values of the headers of `context`; not without a trace.
pub fn inject(context: &Context, set: impl FnMut(&str, String)) {
    if context.has_active_span() {
        TraceContextPropagator::new().inject_context(context, &mut Sent(set));
    }
}

struct Received<'a> {
    trace_parent: Option<&'a str>,
    trace_state: Option<&'a str>,
}

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            TRACE_PARENT => self.trace_parent,
            TRACE_STATE => self.trace_state,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACE_PARENT, TRACE_STATE]
    }
}

struct Sent<F>(F);

impl<F: FnMut(&str, String)> Injector for Sent<F> {
    fn set(&mut self, key: &str, value: String) {
        // A context without a state has an empty one.
        if !value.is_empty() {
            (self.0)(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn passed_on(parent: Option<&str>, state: Option<&str>) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        inject(&extract(parent, state), |name, value| {
            headers.push((name.to_owned(), value));
        });
        headers
    }

    #[test]
    fn a_context_is_passed_on_and_an_invalid_or_large_one_is_not() {
        let parent = || (TRACE_PARENT.to_owned(), PARENT.to_owned());
        let state = || (TRACE_STATE.to_owned(), "vendor=1".to_owned());
        assert_eq!(
            passed_on(Some(PARENT), Some("vendor=1")),
            [parent(), state()]
        );
        let large = format!("vendor={}", "1".repeat(MAX_TRACE_STATE));
        for state in [None, Some(""), Some("not a state"), Some(&large)] {
            assert_eq!(passed_on(Some(PARENT), state), [parent()]);
        }
        let zero = PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32));
        for parent in [None, Some(""), Some("00-1-2-01"), Some(&zero)] {
            assert_eq!(passed_on(parent, Some("vendor=1")), []);
        }
    }
}
