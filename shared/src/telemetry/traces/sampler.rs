//! The sampler: that of the configuration, with a bound on the traces per second.

use std::{num::NonZeroU32, sync::Arc};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, SpanRef, TraceContextExt, TraceId},
};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use crate::config::{TraceConfig, TraceSampler};

/// The maximum number of traces that a process starts or continues per second. A client decides by its `traceparent`
/// which requests are exported, and must not decide how many.
const MAX_TRACES_PER_SECOND: u32 = 100;

/// A sampler with a bound.
#[derive(Clone, Debug)]
pub(super) struct BoundedSampler {
    configured: Sampler,
    traces: Arc<DefaultDirectRateLimiter>,
}

impl BoundedSampler {
    /// The sampler of a configuration.
    pub(super) fn new(config: &TraceConfig) -> Self {
        let bound = NonZeroU32::new(MAX_TRACES_PER_SECOND).unwrap_or(NonZeroU32::MIN);
        Self {
            configured: sampler(config.otel_traces_sampler, config.otel_traces_sampler_arg),
            traces: Arc::new(RateLimiter::direct(Quota::per_second(bound))),
        }
    }
}

impl ShouldSample for BoundedSampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let span = parent.map(|parent| parent.span());
        let caller = span.as_ref().map(SpanRef::span_context);
        if let Some(local) = caller.filter(|caller| caller.is_valid() && !caller.is_remote()) {
            // The decision was made for the first span of the process.
            return SamplingResult {
                decision: if local.is_sampled() {
                    SamplingDecision::RecordAndSample
                } else {
                    SamplingDecision::Drop
                },
                attributes: Vec::new(),
                trace_state: local.trace_state().clone(),
            };
        }
        let configured = &self.configured;
        let mut result = configured.should_sample(parent, trace_id, name, kind, attributes, links);
        if result.decision == SamplingDecision::RecordAndSample && self.traces.check().is_err() {
            result.decision = SamplingDecision::Drop;
        }
        result
    }
}

fn sampler(sampler: TraceSampler, ratio: f64) -> Sampler {
    let parent_based = |root: Sampler| Sampler::ParentBased(Box::new(root));
    match sampler {
        TraceSampler::AlwaysOn => Sampler::AlwaysOn,
        TraceSampler::AlwaysOff => Sampler::AlwaysOff,
        TraceSampler::TraceIdRatio => Sampler::TraceIdRatioBased(ratio),
        TraceSampler::ParentBasedAlwaysOn => parent_based(Sampler::AlwaysOn),
        TraceSampler::ParentBasedAlwaysOff => parent_based(Sampler::AlwaysOff),
        TraceSampler::ParentBasedTraceIdRatio => parent_based(Sampler::TraceIdRatioBased(ratio)),
    }
}
