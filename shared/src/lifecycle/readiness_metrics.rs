//! The metrics of readiness, from the newest report.

use metrics::{describe_gauge, gauge};

use super::health::{CheckStatus, ReadinessReport};

const READY: &str = "analytics_ready";
const CHECKS: &str = "analytics_readiness_check_status";

/// The values of the label `status`, of which one is 1.
const STATUSES: [&str; 3] = ["up", "degraded", "down"];

/// Describes the metrics.
pub(crate) fn describe() {
    describe_gauge!(READY, "1 while the service is ready, else 0.");
    describe_gauge!(
        CHECKS,
        "1 for the status of each readiness check, 0 for the others."
    );
    gauge!(READY).set(0.0);
}

/// Records a report.
pub(crate) fn record(report: &ReadinessReport) {
    gauge!(READY).set(f64::from(u8::from(report.is_ready())));
    for (&check, status) in &report.checks {
        let current = match status {
            CheckStatus::Up(_) => "up",
            CheckStatus::Degraded(_) => "degraded",
            CheckStatus::Down(_) => "down",
        };
        for status in STATUSES {
            let is_current = f64::from(u8::from(status == current));
            gauge!(CHECKS, "check" => check, "status" => status).set(is_current);
        }
    }
}
