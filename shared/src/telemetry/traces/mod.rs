//! Traces: spans of requests, messages and statements, exported to an OpenTelemetry collector.
//!
//! A span that belongs to one task is a `tracing` span of [`SPAN_TARGET`]. Spans of messages and commits are begun
//! with [`start_span`]: they outlive the task that begins them, or have several callers. Without a collector, neither
//! costs more than a check, and no log line contains them.

mod collector;
mod propagation;
mod request_span;
mod sampler;
mod statement;

pub use propagation::{extract, inject};
pub(crate) use request_span::RequestSpan;
pub use statement::{ErrorType, set_database, traced_statement};

use std::{sync::OnceLock, time::Duration};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanBuilder, SpanKind, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    resource::TelemetryResourceDetector,
    trace::{BatchSpanProcessor, SdkTracer, SdkTracerProvider},
};
use thiserror::Error;
use tracing_subscriber::{Layer, Registry, filter::filter_fn};

use super::service_info::ServiceInfo;
use crate::config::TraceConfig;
use collector::Collector;
use sampler::BoundedSampler;

/// A layer of the subscriber.
pub(super) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// The target of the spans that are exported. No log filter enables it.
pub const SPAN_TARGET: &str = "otel";
/// The name of the instrumentation scope.
const SCOPE: &str = "analytics-service";
/// The time in which the last spans are exported at shutdown.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(3);

/// The tracer of this process, if spans are exported.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// The export of spans, which ends last.
#[must_use]
pub struct Traces(Option<SdkTracerProvider>);

/// The reason why spans cannot be exported.
#[derive(Debug, Error)]
pub enum TraceError {
    /// The settings are not valid.
    #[error("the exporter of traces cannot be used: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// The system has no root certificates, or permits no signal handler.
    #[error("traces cannot be exported: {0}")]
    System(#[from] std::io::Error),
}

impl Traces {
    /// Starts the export of spans, if there is a collector, and returns the layer that begins them.
    pub(super) fn start(
        config: &TraceConfig,
        service: &ServiceInfo,
    ) -> Result<(Self, Option<BoxedLayer>), TraceError> {
        let Some(endpoint) = &config.otel_exporter_otlp_endpoint else {
            return Ok((Self(None), None));
        };
        let collector = Collector::new(config.otel_exporter_otlp_certificate.as_ref())?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.to_string())
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource(config, service))
            .with_sampler(BoundedSampler::new(config))
            .with_span_processor(BatchSpanProcessor::builder(exporter).build())
            .build();
        let tracer = provider.tracer(SCOPE);
        let _ = TRACER.set(tracer.clone());
        let layer = tracing_opentelemetry::layer::<Registry>()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| {
                metadata.is_span() && metadata.target() == SPAN_TARGET
            }));
        Ok((Self(Some(provider)), Some(layer.boxed())))
    }

    /// Exports the last spans, within a few seconds.
    pub async fn finish(self) {
        let Some(provider) = self.0 else { return };
        let flushing = tokio::task::spawn_blocking(move || {
            // The failure of the export has been logged.
            let _ = provider.shutdown_with_timeout(FLUSH_TIMEOUT);
        });
        let _ = flushing.await;
    }
}

/// Returns whether the current span is exported. Spans below it are begun only then.
#[must_use]
pub fn is_sampled() -> bool {
    Context::map_current(|context| context.span().span_context().is_sampled())
}

/// Begins a span below that of `parent`, and returns the context with it; `parent` if no spans are exported. The
/// span ends with the last clone of its context.
#[must_use]
pub fn start_span(name: &'static str, kind: SpanKind, parent: &Context) -> Context {
    let Some(tracer) = TRACER.get() else {
        return parent.clone();
    };
    let mut builder = SpanBuilder::from_name(name);
    builder.span_kind = Some(kind);
    parent.with_span(tracer.build_with_context(builder, parent))
}

fn resource(config: &TraceConfig, service: &ServiceInfo) -> Resource {
    let attributes = config.otel_resource_attributes.iter();
    let attributes = attributes.map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new("service.version", service.version))
        .with_attributes(attributes)
        .with_service_name(service.name.clone())
        .build()
}
