//! The latency of figures and the throughput of exports, relative to plain SQL of the same run.
//!
//! ```text
//! mix ──▶ fill ──▶ stored ──┬▶ first       responses of a new process ──┐
//!       (small, then large) ├▶ arriving    responses while facts arrive ├  versus  plain
//!                           ├▶ recomputed  the response after a fact ───┘
//!                           ├▶ files       exports                         versus  COPY
//!                           └▶ zone change facts that arrive during a rebuild
//!              each with the baseline, then with the current binaries ──▶ report
//! ```

mod arriving;
mod exporting;
mod figure;
mod files;
mod fill;
mod first;
mod latency;
mod measurement;
mod options;
mod page;
mod plain;
mod recomputed;
mod report;
mod row;
mod site;
mod stored;
mod views;
mod zone_change;

use analytics_shared::{clock, lifecycle};
use anyhow::Context;
use chrono::TimeDelta;

pub use latency::{Latency, milliseconds};
pub use options::QueryOptions;
pub use page::{PageOptions, PageSite};

use super::{
    mix::{Mix, Scene, Shape},
    programs::{self, Programs},
    unless_stopped,
};
use figure::Figure;
use files::Format;
use measurement::{Measured, Situation};
use site::Site;

/// Organizations: each has a hundred events.
const ORGANIZATIONS: usize = 10;
/// Average number of facts per person.
const FACTS_OF_PERSON: usize = 5;
/// The share of the most popular event.
const FIRST: f64 = 0.1;
/// The time over which facts are spread, up to now.
const SPAN: TimeDelta = TimeDelta::days(90);

/// Runs the measurements of `options`, and prints the results.
///
/// # Errors
/// When anything is missing, or a response differs from SQL.
pub async fn query(options: QueryOptions) -> anyhow::Result<()> {
    let stop = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let programs = programs::all(options.common.baseline.as_deref())?;
    report::facts(&options, &programs);
    let measuring = Box::pin(async {
        let small = measure(&options, &programs, options.small, false).await?;
        let large = measure(&options, &programs, options.facts, true).await?;
        Ok((small, large))
    });
    let (small, large) = unless_stopped(&stop, measuring).await?;
    report::measured(&programs, &small, &large);
    Ok(())
}

/// Measures one number of facts with all binaries: each measurement with one after the other.
async fn measure(
    options: &QueryOptions,
    programs: &[Programs],
    facts: usize,
    with_files: bool,
) -> anyhow::Result<Vec<Measured>> {
    let mix = Mix::of(options.common.seed, &shape(facts), clock::now());
    let mut sites = Vec::new();
    for one in programs {
        let site = Site::open(options, one, &mix, facts).await?;
        let measured = Measured {
            facts,
            is_baseline: one.is_baseline(),
            plain: Vec::new(),
            figures: Vec::new(),
            files: Vec::new(),
            zone_change: None,
        };
        sites.push((site, measured));
    }
    for figure in Figure::ALL {
        for (site, measured) in &mut sites {
            measure_figure(site, &mix.scene, figure, measured).await?;
        }
    }
    if with_files {
        for format in Format::ALL {
            for (site, measured) in &mut sites {
                measured.files.push(files::measure(site, format).await?);
            }
        }
        // The last one, because it changes the zone of the large event.
        for (site, measured) in &mut sites {
            if !measured.is_baseline {
                measured.zone_change = Some(zone_change::measure(site, &mix.scene).await?);
            }
        }
    }
    let all: Vec<Measured> = sites.into_iter().map(|(_, measured)| measured).collect();
    for measured in &all {
        files::ensure_equal_rows(&measured.files)?;
    }
    Ok(all)
}

async fn measure_figure(
    site: &Site,
    scene: &Scene,
    figure: Figure,
    measured: &mut Measured,
) -> anyhow::Result<()> {
    let plain = plain::measure(site, figure).await?;
    let figures = &mut measured.figures;
    figures.push(first::measure(site, figure, &plain).await?);
    figures.extend(arriving::measure(site, scene, figure, &plain).await?);
    for situation in [Situation::Recomputed, Situation::RecomputedDuringExport] {
        figures.push(recomputed::measure(site, scene, figure, situation).await?);
    }
    measured.plain.push((figure, plain));
    Ok(())
}

/// A platform whose size is proportional to the number of facts.
fn shape(facts: usize) -> Shape {
    Shape {
        organizations: ORGANIZATIONS,
        visitors: facts / FACTS_OF_PERSON,
        first: Some(FIRST),
        span: SPAN,
    }
}
