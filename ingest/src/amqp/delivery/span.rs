//! The spans of messages, by the semantic conventions for RabbitMQ, and their context in the headers of messages.

use analytics_shared::telemetry::traces::{extract, inject, is_sampled, start_span};
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldTable},
};
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, Status, TraceContextExt},
};

/// Begins the span of processing a message of a queue, below that of its publisher.
pub fn start_processing(delivery: &Delivery, queue: &str) -> Context {
    let headers = delivery.properties.headers().as_ref();
    let header = |name| headers.and_then(|headers| text(headers, name));
    let publisher = extract(header("traceparent"), header("tracestate"));
    let context = start_span("process", SpanKind::Consumer, &publisher);
    let (exchange, key) = (delivery.exchange.as_str(), delivery.routing_key.as_str());
    let mut parts = vec![exchange, key];
    if key != queue {
        parts.push(queue);
    }
    describe(&context, "process", &parts, key, delivery.data.len());
    context
}

/// Begins the span of publishing a message, below the current one, and adds its context to the headers.
pub fn start_publishing(
    exchange: &str,
    key: &str,
    body: &[u8],
    properties: BasicProperties,
) -> (Context, BasicProperties) {
    let mut context = Context::current();
    if is_sampled() {
        context = start_span("send", SpanKind::Producer, &context);
        describe(&context, "send", &[exchange, key], key, body.len());
    }
    if !context.has_active_span() {
        return (context, properties);
    }
    let mut headers = properties.headers().clone().unwrap_or_default();
    inject(&context, |name, value| {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    });
    (context, properties.with_headers(headers))
}

/// Records that the current operation on a message has failed.
pub fn record_failure(error_type: &'static str) {
    Context::map_current(|context| {
        let span = context.span();
        span.set_attribute(KeyValue::new("error.type", error_type));
        span.set_status(Status::error(""));
    });
}

/// Adds the attributes of a message to its span. The destination has the parts that are not empty.
fn describe(
    context: &Context,
    operation: &'static str,
    destination: &[&str],
    routing_key: &str,
    bytes: usize,
) {
    let span = context.span();
    if !span.is_recording() {
        return;
    }
    let parts = destination.iter().filter(|part| !part.is_empty());
    let destination = parts.copied().collect::<Vec<_>>().join(":");
    span.update_name(format!("{operation} {destination}"));
    span.set_attributes([
        KeyValue::new("messaging.system", "rabbitmq"),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.operation.type", operation),
        KeyValue::new("messaging.destination.name", destination),
        KeyValue::new(
            "messaging.rabbitmq.destination.routing_key",
            routing_key.to_owned(),
        ),
        KeyValue::new(
            "messaging.message.body.size",
            i64::try_from(bytes).unwrap_or(i64::MAX),
        ),
    ]);
}

fn text<'a>(headers: &'a FieldTable, name: &str) -> Option<&'a str> {
    match headers.inner().get(name)? {
        AMQPValue::LongString(text) => str::from_utf8(text.as_bytes()).ok(),
        AMQPValue::ShortString(text) => Some(text.as_str()),
        _ => None,
    }
}
