//! An OpenTelemetry collector: it receives spans over OTLP/HTTP and keeps them.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    trace::v1::{Span, span::SpanKind, status::StatusCode as SpanStatus},
};
use prost::Message;
use rand::random;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The time in which spans must arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A collector. It ends with the runtime.
pub struct Collector {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` of the services under test.
    pub url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    spans: Mutex<Vec<ReceivedSpan>>,
    requests: AtomicUsize,
}

/// A span as it was received.
#[derive(Clone, Debug)]
pub struct ReceivedSpan {
    /// The name.
    pub name: String,
    /// The kind, as `SPAN_KIND_SERVER`.
    pub kind: &'static str,
    /// The trace, in hexadecimal digits.
    pub trace: String,
    /// The id, in hexadecimal digits.
    pub id: String,
    /// The id of the parent; empty for a root.
    pub parent: String,
    /// The ids of linked spans.
    pub links: Vec<String>,
    /// The attributes.
    pub attributes: BTreeMap<String, Value>,
    /// The attributes of the service.
    pub resource: BTreeMap<String, Value>,
    /// Whether it has the status of an error.
    pub is_error: bool,
    /// The state of the trace.
    pub trace_state: String,
}

impl Collector {
    /// Starts a collector on a free port.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> Self {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Starts a collector on an address.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::<State>::default();
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&serving);
                let service = service_fn(move |request| receive(Arc::clone(&state), request));
                let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(serving);
            }
        });
        Self {
            url: format!("http://{address}"),
            state,
        }
    }

    /// The environment variables of a service that exports to it at once.
    #[must_use]
    pub fn environment(&self) -> [(&str, &str); 2] {
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &self.url),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ]
    }

    /// The number of requests so far.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.state.requests.load(Relaxed)
    }

    /// All spans so far.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.state.spans.lock().expect("no panic").clone()
    }

    /// The spans of a trace so far.
    #[must_use]
    pub fn trace(&self, trace: &str) -> Vec<ReceivedSpan> {
        let spans = self.spans().into_iter();
        spans.filter(|span| span.trace == trace).collect()
    }

    /// Waits until a trace has a span with this name, and returns the spans of the trace.
    ///
    /// # Panics
    /// When there is none within half a minute.
    pub async fn until(&self, trace: &str, name: &str) -> Vec<ReceivedSpan> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let spans = self.trace(trace);
            if spans.iter().any(|span| span.name == name) {
                return spans;
            }
            assert!(Instant::now() < deadline, "no `{name}` in {spans:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn receive(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    state.requests.fetch_add(1, Relaxed);
    let is_traces = request.uri().path() == "/v1/traces";
    let body = request.into_body().collect().await;
    let decoded = body.map(|body| ExportTraceServiceRequest::decode(body.to_bytes()));
    let mut response = Response::new(Full::default());
    match decoded {
        Ok(Ok(exported)) if is_traces => {
            let mut spans = state.spans.lock().expect("no panic");
            spans.extend(received(exported));
        }
        _ => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    Ok(response)
}

fn received(exported: ExportTraceServiceRequest) -> Vec<ReceivedSpan> {
    let mut spans = Vec::new();
    for of_resource in exported.resource_spans {
        let resource = of_resource.resource.unwrap_or_default();
        let resource = values(resource.attributes);
        for scope in of_resource.scope_spans {
            let of_scope = scope.spans.into_iter();
            spans.extend(of_scope.map(|span| received_span(span, resource.clone())));
        }
    }
    spans
}

fn received_span(span: Span, resource: BTreeMap<String, Value>) -> ReceivedSpan {
    let links = span.links.iter();
    let links = links.map(|link| hex::encode(&link.span_id)).collect();
    let status = span.status.clone().unwrap_or_default();
    ReceivedSpan {
        kind: SpanKind::try_from(span.kind).map_or("", |kind| kind.as_str_name()),
        trace: hex::encode(&span.trace_id),
        id: hex::encode(&span.span_id),
        parent: hex::encode(&span.parent_span_id),
        links,
        attributes: values(span.attributes),
        resource,
        is_error: status.code == SpanStatus::Error as i32,
        trace_state: span.trace_state,
        name: span.name,
    }
}

fn values(attributes: Vec<KeyValue>) -> BTreeMap<String, Value> {
    let value = |value: Option<AnyValue>| match value.and_then(|value| value.value) {
        Some(any_value::Value::StringValue(text)) => text.into(),
        Some(any_value::Value::IntValue(number)) => number.into(),
        Some(any_value::Value::BoolValue(flag)) => flag.into(),
        Some(any_value::Value::DoubleValue(number)) => json!(number),
        _ => Value::Null,
    };
    let attributes = attributes.into_iter();
    attributes
        .map(|attribute| (attribute.key, value(attribute.value)))
        .collect()
}

/// The trace of a client, whose span is the parent of those of the service.
pub struct ClientTrace {
    /// The trace, in hexadecimal digits.
    pub trace: String,
    /// The span of the client, in hexadecimal digits.
    pub span: String,
}

impl ClientTrace {
    /// A new trace.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            trace: format!("{:032x}", random::<u128>() | 1),
            span: format!("{:016x}", random::<u64>() | 1),
        }
    }

    /// The header `traceparent`; `is_sampled` is the decision of the client.
    #[must_use]
    pub fn parent(&self, is_sampled: bool) -> String {
        let flags = u8::from(is_sampled);
        format!("00-{}-{}-{flags:02x}", self.trace, self.span)
    }
}
