//! The spans of a batch, which commits the facts of many traces.
//!
//! Each trace gets a span of its own, below that of the request or message. The spans of the statements are in the
//! first of these traces; the spans of the others link to it.

use std::collections::HashSet;

use analytics_shared::telemetry::traces::start_span;
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanContext, SpanKind, Status, TraceContextExt, TraceState},
};

use super::outcome::Outcome;
use crate::metrics::FactOutcome;

/// The maximum number of traces that get a span, which is the default limit of links.
const MAX_TRACES: usize = 128;

/// The span that submits a fact, if it is exported.
pub type Origin = Option<SpanContext>;

/// Returns the current span as the origin of a fact.
pub fn current_origin() -> Origin {
    Context::map_current(|context| {
        let span = context.span();
        let current = span.span_context();
        // The state of the trace is only for further calls, and would take memory while the fact waits.
        current.is_sampled().then(|| {
            let (trace, flags) = (current.trace_id(), current.trace_flags());
            SpanContext::new(trace, current.span_id(), flags, false, TraceState::NONE)
        })
    })
}

/// The spans of a batch, each with the index of its first fact.
pub struct CommitSpans(Vec<(Context, usize)>);

impl CommitSpans {
    /// Begins the spans of the facts with these origins.
    pub fn start<'a>(origins: impl Iterator<Item = &'a Origin>) -> Self {
        let mut parents = HashSet::new();
        let mut spans: Vec<(Context, usize)> = Vec::new();
        for (index, origin) in origins.enumerate() {
            let Some(origin) = origin else { continue };
            let parent = (origin.trace_id(), origin.span_id());
            if spans.len() == MAX_TRACES || !parents.insert(parent) {
                continue;
            }
            let parent = Context::new().with_remote_span_context(origin.clone());
            let context = start_span("commit", SpanKind::Internal, &parent);
            if let Some((first, _)) = spans.first() {
                link(first, &context);
                link(&context, first);
            }
            spans.push((context, index));
        }
        Self(spans)
    }

    /// The context of the statements.
    pub fn context(&self) -> Context {
        let first = self.0.first();
        first.map_or_else(Context::new, |(context, _)| context.clone())
    }

    /// Ends the spans of a batch with these outcomes.
    pub fn finish(self, outcomes: &[Outcome]) {
        for (context, index) in self.0 {
            let span = context.span();
            let outcome = outcomes[index];
            let name = <&str>::from(FactOutcome::from(outcome));
            span.set_attribute(KeyValue::new("analytics.outcome", name));
            if !matches!(outcome, Outcome::Stored | Outcome::Duplicate) {
                span.set_attribute(KeyValue::new("error.type", name));
                span.set_status(Status::error(""));
            }
        }
    }
}

fn link(from: &Context, to: &Context) {
    let to = to.span().span_context().clone();
    from.span().add_link(to, Vec::new());
}
