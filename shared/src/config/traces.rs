//! The settings of traces, with the names and defaults of the OpenTelemetry specification.

use std::{str::FromStr, sync::Arc};

use hyper::Uri;

use super::ca_file::CaFile;

/// A sampler of the OpenTelemetry specification.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[value(rename_all = "snake_case")]
pub enum TraceSampler {
    /// Every trace.
    AlwaysOn,
    /// No trace.
    AlwaysOff,
    /// A ratio of traces.
    #[value(name = "traceidratio")]
    TraceIdRatio,
    /// The decision of the caller; every trace that begins here.
    #[value(name = "parentbased_always_on")]
    ParentBasedAlwaysOn,
    /// The decision of the caller; no trace that begins here.
    #[value(name = "parentbased_always_off")]
    ParentBasedAlwaysOff,
    /// The decision of the caller; a ratio of the traces that begin here.
    #[value(name = "parentbased_traceidratio")]
    ParentBasedTraceIdRatio,
}

/// Traces, which are off without an endpoint.
#[derive(clap::Args, Clone, Debug)]
pub struct TraceConfig {
    /// OpenTelemetry collector to which traces are exported, as `http://host:4318` (OTLP over HTTP; `/v1/traces` is
    /// appended). Without it there are no traces.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_parser = endpoint)]
    pub otel_exporter_otlp_endpoint: Option<Uri>,

    /// PEM file with certificates of certification authorities that may sign the certificate of the collector,
    /// instead of those of the system.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_CERTIFICATE", value_parser = |path: &str| CaFile::read(path))]
    pub otel_exporter_otlp_certificate: Option<CaFile>,

    /// Traces that are exported. Samplers based on the parent follow the decision of the caller (`traceparent`).
    /// Whatever the sampler, a process starts or continues at most 100 traces per second.
    #[arg(
        long,
        env = "OTEL_TRACES_SAMPLER",
        value_enum,
        default_value = "parentbased_always_on"
    )]
    pub otel_traces_sampler: TraceSampler,

    /// Ratio of traces for the samplers `traceidratio` and `parentbased_traceidratio`, from 0 to 1.
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", default_value = "1", value_parser = ratio)]
    pub otel_traces_sampler_arg: f64,

    /// Name of the service in traces and in JSON logs. Default: the name of the program.
    #[arg(long, env = "OTEL_SERVICE_NAME")]
    pub otel_service_name: Option<String>,

    /// Further attributes of the service in traces, as `name=value`, separated by commas.
    #[arg(
        long,
        env = "OTEL_RESOURCE_ATTRIBUTES",
        default_value = "",
        hide_default_value = true
    )]
    pub otel_resource_attributes: ResourceAttributes,
}

/// The names and values of attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceAttributes(Arc<[(String, String)]>);

impl ResourceAttributes {
    /// The names and values.
    pub fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
}

impl FromStr for ResourceAttributes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text.split(',').map(str::trim);
        let attributes = entries.filter(|entry| !entry.is_empty()).map(|entry| {
            let (name, value) = entry
                .split_once('=')
                .filter(|(name, _)| !name.trim().is_empty())
                .ok_or_else(|| format!("`{entry}` is not `name=value`"))?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        });
        attributes.collect::<Result<_, _>>().map(Self)
    }
}

fn endpoint(text: &str) -> Result<Uri, String> {
    let invalid = || "must be a URL like http://collector:4318".to_owned();
    let url = format!("{}/v1/traces", text.trim_end_matches('/'));
    let url: Uri = url.parse().map_err(|_| invalid())?;
    match url.scheme_str() {
        Some("http" | "https") => Ok(url),
        _ => Err(invalid()),
    }
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok();
    ratio
        .filter(|ratio| (0.0..=1.0).contains(ratio))
        .ok_or_else(|| "must be a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_the_url_of_a_collector() {
        for text in ["http://collector:4318", "http://collector:4318/"] {
            assert_eq!(endpoint(text).unwrap(), "http://collector:4318/v1/traces");
        }
        let nested = endpoint("https://otel.example/prefix").unwrap();
        assert_eq!(nested, "https://otel.example/prefix/v1/traces");
        for text in [
            "",
            "collector:4318",
            "grpc://collector:4317",
            "http://",
            "/",
        ] {
            assert!(endpoint(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_ratio_and_attributes_are_checked() {
        assert_eq!(
            (ratio("0"), ratio("1"), ratio("0.05")),
            (Ok(0.0), Ok(1.0), Ok(0.05))
        );
        for text in ["", "-0.1", "1.1", "NaN", "5%"] {
            assert!(ratio(text).is_err(), "{text}");
        }
        let attributes: ResourceAttributes = "a=1, b.c = x=y ,".parse().unwrap();
        let pairs: Vec<_> = attributes
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(pairs, [("a", "1"), ("b.c", "x=y")]);
        assert!("a".parse::<ResourceAttributes>().is_err());
        assert!("=1".parse::<ResourceAttributes>().is_err());
    }
}
