//! Log lines as JSON objects of one level, whose fields have their own types.

use std::fmt;

use chrono::SecondsFormat;
use opentelemetry::{Context, trace::TraceContextExt};
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormattedFields,
        format::{JsonFields, Writer},
    },
    registry::{LookupSpan, Scope},
};

use crate::{
    clock,
    telemetry::{request_context::current_route, service_info::ServiceInfo},
};

/// The format of JSON lines: time, level, service, version, target, the fields of the spans (`request_id`), the route,
/// the ids of the trace, the message, and its fields.
pub(super) struct JsonLine {
    service: ServiceInfo,
}

impl JsonLine {
    pub(super) fn new(service: &ServiceInfo) -> Self {
        let service = service.clone();
        Self { service }
    }
}

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        // The metadata of a record of the crate `log` are in its fields.
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        let time = clock::now().to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut line = Line::default();
        line.add("timestamp", time);
        line.add("level", metadata.level().as_str());
        line.add("service", &self.service.name);
        line.add("version", self.service.version);
        line.add("target", metadata.target());
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            if let Some(fields) = span.extensions().get::<FormattedFields<JsonFields>>() {
                let fields: Map<String, Value> = serde_json::from_str(fields).unwrap_or_default();
                for (name, value) in fields {
                    line.add(&name, value);
                }
            }
        }
        if let Some(route) = current_route() {
            line.add("route", route);
        }
        Context::map_current(|context| {
            let span = context.span();
            let ids = span.span_context();
            if ids.is_valid() {
                line.add("trace_id", ids.trace_id().to_string());
                line.add("span_id", ids.span_id().to_string());
            }
        });
        event.record(&mut line);
        writeln!(writer, "{{{}}}", line.text)
    }
}

/// The members of a JSON object. Of two with the same name, the first is kept.
#[derive(Default)]
struct Line {
    text: String,
    names: Vec<String>,
}

impl Line {
    fn add(&mut self, name: &str, value: impl Serialize) {
        if self.names.iter().any(|known| known == name) {
            return;
        }
        let (Ok(key), Ok(value)) = (serde_json::to_string(name), serde_json::to_string(&value))
        else {
            return;
        };
        if !self.names.is_empty() {
            self.text.push(',');
        }
        self.text.extend([key.as_str(), ":", value.as_str()]);
        self.names.push(name.to_owned());
    }

    fn record(&mut self, field: &Field, value: impl Serialize) {
        let name = field.name();
        if !name.starts_with("log.") {
            self.add(name.strip_prefix("r#").unwrap_or(name), value);
        }
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.record(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.record(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.record(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_occurs_once_and_values_have_their_types() {
        let mut line = Line::default();
        line.add("service", "analytics-query");
        line.add("service", "another");
        line.add("pause_ms", 453_u128);
        line.add("text", "\"\n");
        line.add("ratio", f64::NAN);
        assert_eq!(
            line.text,
            r#""service":"analytics-query","pause_ms":453,"text":"\"\n","ratio":null"#
        );
    }
}
