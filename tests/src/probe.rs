//! The kubelet's readiness probe, with the numbers of the chart.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use reqwest::{Client, StatusCode};
use serde::Deserialize;
use tokio::{
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

/// The numbers of a probe.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeNumbers {
    /// The time between two probes, in seconds.
    pub period_seconds: f64,
    /// The time-out of a probe, in seconds.
    pub timeout_seconds: f64,
    /// The number of successive failures after which the pod is not ready.
    pub failure_threshold: usize,
}

#[derive(Deserialize)]
struct Values {
    ingest: Tier,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    readiness_probe: ProbeNumbers,
}

/// The results of probes.
#[derive(Debug, Default)]
pub struct Probed {
    /// The number of probes.
    pub probes: usize,
    /// The number of times that the pod became unready.
    pub unready: usize,
    /// The failures, with the time since the start.
    pub failures: Vec<(Duration, String)>,
    /// The longest time of a response.
    pub slowest: Duration,
}

/// A running probe.
pub struct Probe {
    stop: CancellationToken,
    probing: JoinHandle<Probed>,
}

impl ProbeNumbers {
    /// The numbers of the readiness probe of ingest in the values of the chart.
    ///
    /// # Panics
    /// When the values cannot be read.
    #[must_use]
    pub fn of_chart() -> Self {
        let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("../helm/analytics-service");
        let values = std::fs::read_to_string(chart.join("values.yaml")).expect("the values");
        let values: Values = serde_yaml::from_str(&values).expect("a readiness probe");
        values.ingest.readiness_probe
    }
}

impl Probe {
    /// Starts to probe a URL.
    #[must_use]
    pub fn start(url: String, numbers: ProbeNumbers) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let probing = tokio::spawn(async move {
            let (mut probed, mut successive) = (Probed::default(), 0);
            let (http, started) = (Client::new(), Instant::now());
            let mut turns = interval(Duration::from_secs_f64(numbers.period_seconds));
            while stopped.run_until_cancelled(turns.tick()).await.is_some() {
                let sent = Instant::now();
                let limit = Duration::from_secs_f64(numbers.timeout_seconds);
                let failure = failure(&http, &url, limit).await;
                probed.slowest = probed.slowest.max(sent.elapsed());
                probed.probes += 1;
                successive = if failure.is_some() { successive + 1 } else { 0 };
                probed.unready += usize::from(successive == numbers.failure_threshold);
                let failed = failure.map(|text| (started.elapsed(), text));
                probed.failures.extend(failed);
            }
            probed
        });
        Self { stop, probing }
    }

    /// Stops, and returns the results.
    ///
    /// # Panics
    /// When the probe has panicked.
    pub async fn stop(self) -> Probed {
        self.stop.cancel();
        self.probing.await.expect("it probes")
    }
}

/// The reason why a probe fails, if it does.
async fn failure(http: &Client, url: &str, limit: Duration) -> Option<String> {
    match timeout(limit, http.get(url).send()).await {
        Ok(Ok(response)) if response.status() == StatusCode::OK => None,
        Ok(Ok(response)) => Some(response.text().await.unwrap_or_default()),
        Ok(Err(error)) => Some(error.to_string()),
        Err(late) => Some(late.to_string()),
    }
}
