//! The first answer of a process that has just started, and remembers nothing.

use std::time::Duration;

use super::{
    Measurement, Site, Situation,
    figure::{Figure, ensure_between},
    latency::Latency,
    plain::Plain,
};
use crate::bench::{client::Client, stage};

/// Processes that are started, one after the other.
const TIMES: usize = 5;

/// Measures a figure while nothing else happens, so that it must be exactly what SQL says.
///
/// # Errors
/// When an answer is not 200, or not true.
pub async fn measure(site: &Site, figure: Figure, plain: &Plain) -> anyhow::Result<Measurement> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let mut query = stage::query(&site.database).await;
        let mut client = Client::connect(&query.url(""), 1, &site.reader).await?;
        let path = figure.path(&site.event);
        let answers = client.ask(&path, Duration::ZERO).await?;
        query.terminate().await;
        for body in &answers.bodies {
            ensure_between(&figure.told(body)?, &plain.counts, &plain.counts)?;
        }
        times.extend(answers.times);
    }
    let latency = Latency::of(times);
    eprintln!("  {figure}, {}: {latency}", Situation::First);
    Ok(Measurement {
        figure,
        situation: Situation::First,
        latency,
        lap: None,
        made: None,
    })
}
