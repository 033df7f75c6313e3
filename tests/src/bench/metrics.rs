//! Metrics of a running service. A metric may have another name in a baseline, so each look-up has a list of
//! names.

use crate::service::Service;

/// Names of the metric with the label `outcome`.
const FACTS: [&str; 1] = ["analytics_ingest_facts_total"];
/// Names of the gauge of the writers.
const WRITER_QUEUE: [&str; 1] = ["analytics_ingest_queue_depth_rows"];
/// Names of the histogram of the duration of batches.
const BATCH_SECONDS: [&str; 3] = [
    "analytics_ingest_batch_write_duration_seconds",
    "analytics_ingest_batch_duration_seconds",
    "analytics_ingest_batch_seconds",
];
/// Names of the metric that counts cached and computed responses, and the label value of the latter.
const COMPUTED: [(&str, &str); 2] = [
    ("analytics_query_cache_requests_total", "\"miss\""),
    ("analytics_query_answers_total", "\"made\""),
];

/// All series of a service at one time.
pub struct Metrics(Vec<(String, f64)>);

impl Metrics {
    /// Reads the metrics of a service.
    ///
    /// # Errors
    /// When the service does not respond.
    pub async fn of(service: &Service) -> anyhow::Result<Self> {
        let text = reqwest::get(service.management_url("/metrics"))
            .await?
            .text()
            .await?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let series = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit_once(' '))
            .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)));
        Self(series.collect())
    }

    /// Facts that ingest has stored since its start.
    #[must_use]
    pub fn stored_facts(&self) -> usize {
        whole(self.sum(&FACTS, "", "outcome=\"stored\""))
    }

    /// Seconds that a writer of ingest has waited for the database since its start, on average.
    #[must_use]
    pub fn seconds_of_writer(&self) -> f64 {
        let writers = self.series(&WRITER_QUEUE, "", "").count();
        let writers = f64::from(u32::try_from(writers).unwrap_or(u32::MAX));
        self.sum(&BATCH_SECONDS, "_sum", "") / writers.max(1.0)
    }

    /// Responses that query has computed since its start; the others came from its cache.
    #[must_use]
    pub fn computed_responses(&self) -> usize {
        let sums = COMPUTED.map(|(name, label)| self.sum(&[name], "", label));
        whole(sums.iter().sum())
    }

    fn sum(&self, names: &[&str], suffix: &str, label: &str) -> f64 {
        self.series(names, suffix, label).sum()
    }

    /// Values of the series of a metric that have a label; an empty label matches all of them.
    fn series(&self, names: &[&str], suffix: &str, label: &str) -> impl Iterator<Item = f64> {
        let matching = move |series: &str| {
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let is_named = name
                .strip_suffix(suffix)
                .is_some_and(|name| names.contains(&name));
            is_named && labels.contains(label)
        };
        self.0
            .iter()
            .filter(move |(series, _)| matching(series))
            .map(|(_, value)| *value)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a counter, far below 2^52"
)]
fn whole(counter: f64) -> usize {
    counter as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const INGEST: &str = "\
# TYPE analytics_ingest_facts_total counter
analytics_ingest_facts_total{transport=\"http\",outcome=\"stored\"} 40
analytics_ingest_facts_total{transport=\"amqp\",outcome=\"stored\"} 2
analytics_ingest_facts_total{transport=\"http\",outcome=\"duplicate\"} 9
analytics_ingest_queue_depth_rows{writer=\"0\"} 0
analytics_ingest_queue_depth_rows{writer=\"1\"} 0
";

    #[test]
    fn stored_facts_are_summed_over_every_transport() {
        assert_eq!(Metrics::parse(INGEST).stored_facts(), 42);
        assert_eq!(Metrics::parse("").stored_facts(), 0);
    }

    #[test]
    fn the_time_of_a_writer_is_an_average_under_any_name_of_the_metric() {
        assert!(Metrics::parse(INGEST).seconds_of_writer().abs() < f64::EPSILON);
        for name in BATCH_SECONDS {
            let text = format!("{INGEST}{name}_count 4\n{name}_sum 3.0\n");
            let seconds = Metrics::parse(&text).seconds_of_writer();
            assert!((seconds - 1.5).abs() < 1e-9, "{name}: {seconds}");
        }
    }

    #[test]
    fn computed_responses_are_found_under_either_name() {
        for text in [
            "analytics_query_answers_total{how=\"made\"} 7\nanalytics_query_answers_total{how=\"known\"} 9\n",
            "analytics_query_cache_requests_total{result=\"miss\"} 7\n",
        ] {
            assert_eq!(Metrics::parse(text).computed_responses(), 7);
        }
    }
}
