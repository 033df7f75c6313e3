//! Batches over HTTP.

use super::{Bench, comparison::Run, http::Requests};
use crate::bench::programs::Programs;

/// Facts per request.
pub const SIZE: usize = 500;
/// Concurrent requests, each on its own connection.
pub const CONNECTIONS: usize = 8;

/// Measures a service of `programs`.
///
/// # Errors
/// When a fact is not stored.
pub async fn run(bench: &Bench, programs: &Programs) -> anyhow::Result<Run> {
    let requests = Requests {
        what: "batches".to_owned(),
        path: "/api/v1/analytics/track/batch",
        connections: CONNECTIONS,
        facts: SIZE,
    };
    requests.run(bench, programs).await
}
