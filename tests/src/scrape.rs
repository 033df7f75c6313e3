//! The metrics of a running service, as Prometheus reads them.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::Service;

/// The series of a service at one time.
pub struct Scrape {
    /// The text format of Prometheus.
    pub text: String,
}

/// A metric.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// The names of its labels, without that of buckets.
    pub labels: BTreeSet<String>,
}

impl Scrape {
    /// Reads the metrics of a service.
    ///
    /// # Panics
    /// When it does not respond.
    pub async fn of(service: &Service) -> Self {
        let response = reqwest::get(service.management_url("/metrics")).await;
        let text = response.expect("a response").text().await.expect("a text");
        Self { text }
    }

    /// The value of each series; its key is the name with the labels.
    #[must_use]
    pub fn series(&self) -> BTreeMap<&str, f64> {
        let lines = self.text.lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let series = lines.filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            Some((series, value.parse().ok()?))
        });
        series.collect()
    }

    /// The value of a series; `None` if there is none.
    #[must_use]
    pub fn value(&self, series: &str) -> Option<f64> {
        self.series().get(series).copied()
    }

    /// All metrics by name.
    #[must_use]
    pub fn families(&self) -> BTreeMap<String, Family> {
        let mut families = BTreeMap::<String, Family>::new();
        for line in self.text.lines() {
            if let Some((name, kind)) = line
                .strip_prefix("# TYPE ")
                .and_then(|it| it.split_once(' '))
            {
                kind.clone_into(&mut families.entry(name.to_owned()).or_default().kind);
            }
        }
        for series in self.series().keys() {
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let suffixes = ["_bucket", "_sum", "_count"];
            let plain = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
            let plain = plain.filter(|plain| families.contains_key(*plain));
            let family = families
                .entry(plain.unwrap_or(name).to_owned())
                .or_default();
            let names = labels.split(',').filter_map(|label| label.split_once('='));
            let names = names.map(|(name, _)| name.to_owned());
            family.labels.extend(names.filter(|name| name != "le"));
        }
        families
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_one_metric() {
        let text = "# TYPE a_seconds histogram\n\
                    a_seconds_bucket{route=\"/{id}\",le=\"+Inf\"} 2\n\
                    a_seconds_sum{route=\"/{id}\"} 0.5\n\n\
                    # TYPE b_total counter\nb_total 3\n";
        let scrape = Scrape {
            text: text.to_owned(),
        };
        let of = |kind: &str, labels: &[&str]| Family {
            kind: kind.to_owned(),
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
        };
        let expected = [
            ("a_seconds".to_owned(), of("histogram", &["route"])),
            ("b_total".to_owned(), of("counter", &[])),
        ];
        assert_eq!(scrape.families(), BTreeMap::from(expected));
        assert_eq!(scrape.value("b_total"), Some(3.0));
    }
}
