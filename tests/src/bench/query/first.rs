//! The first response of a new process, whose caches are empty.

use std::time::Duration;

use super::{
    figure::{Figure, ensure_between},
    latency::Latency,
    measurement::{Measurement, Situation},
    plain::Plain,
    site::Site,
};
use crate::bench::client::Client;

/// The number of processes, one after the other.
const TIMES: usize = 5;

/// Measures a figure while no facts arrive, so that it must equal the result of SQL.
///
/// # Errors
/// When a response is not 200, or wrong.
pub async fn measure(site: &Site, figure: Figure, plain: &Plain) -> anyhow::Result<Measurement> {
    let (mut times, mut peak_kib) = (Vec::new(), 0);
    for _ in 0..TIMES {
        let mut query = site.query().await;
        let mut client = Client::connect(&query.url(""), 1, &site.reader).await?;
        let path = figure.path(&site.event);
        let answers = client.ask(&path, Duration::ZERO).await?;
        peak_kib = query.peak_memory_kib().max(peak_kib);
        query.terminate().await;
        for body in &answers.bodies {
            ensure_between(&figure.told(body)?, &plain.counts, &plain.counts)?;
        }
        times.extend(answers.times);
    }
    let latency = Latency::of(times);
    let what = format!("{figure}, {}", Situation::First);
    eprintln!("  {}: {latency}", site.programs.label(&what));
    Ok(Measurement {
        figure,
        situation: Situation::First,
        latency,
        lap: None,
        computed: None,
        peak_kib,
    })
}
