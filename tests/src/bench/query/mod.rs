//! How fast figures and exports of many facts are, beside plain SQL of the same run.
//!
//! ```text
//! mix ──▶ fill ──▶ stored ──┬▶ first      answers of a new process ──┐  beside  plain
//!       (small, then large) ├▶ arriving   answers while facts arrive ┘
//!                           └▶ files      exports                       beside  COPY
//!                                                       ──▶ report
//! ```

mod arriving;
mod figure;
mod files;
mod fill;
mod first;
mod latency;
mod options;
mod plain;
mod report;
mod row;
mod stored;

use std::{fmt, time::Duration};

use analytics_shared::{auth::Caller, clock, lifecycle};
use anyhow::Context;
use chrono::TimeDelta;

pub use options::QueryOptions;

use super::{
    mix::{Event, Mix, Shape},
    unless_stopped,
    watch::Lap,
};
use crate::{api, database::TestDatabase};
use figure::{Counts, Figure};
use files::File;
use latency::Latency;
use plain::Plain;

/// Organizations: each has a hundred events.
const ORGANIZATIONS: usize = 10;
/// Facts for each person: they have five of them on average.
const FACTS_OF_PERSON: usize = 5;
/// The part of all facts that the most popular event has.
const FIRST: f64 = 0.1;
/// The time over which facts are spread, up to now.
const SPAN: TimeDelta = TimeDelta::days(90);

/// A database, and what is asked of it.
struct Site {
    database: TestDatabase,
    /// The most popular event.
    event: Event,
    /// Speaks for its organization.
    reader: String,
    span: Duration,
    clients: Vec<usize>,
}

/// In which situation a figure is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Situation {
    /// By the first request to a process.
    First,
    /// By so many clients, while facts arrive.
    Arriving(usize),
}

impl fmt::Display for Situation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => formatter.write_str("first time"),
            Self::Arriving(1) => formatter.write_str("1 client"),
            Self::Arriving(clients) => write!(formatter, "{clients} clients"),
        }
    }
}

/// A figure in a situation.
struct Measurement {
    figure: Figure,
    situation: Situation,
    latency: Latency,
    /// What was used meanwhile, where it was long enough to tell.
    lap: Option<Lap>,
    /// Answers that were not remembered.
    made: Option<u64>,
}

/// Everything that was measured of one number of facts.
struct Measured {
    facts: usize,
    plain: Vec<(Figure, Plain)>,
    figures: Vec<Measurement>,
    files: Vec<File>,
}

/// Measures what `options` ask for, and prints it.
///
/// # Errors
/// When anything is missing, or an answer is not what SQL says.
pub async fn query(options: QueryOptions) -> anyhow::Result<()> {
    let stop = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    report::facts(&options);
    let measuring = Box::pin(async {
        let small = measure(&options, options.small, false).await?;
        let large = measure(&options, options.facts, true).await?;
        Ok((small, large))
    });
    let (small, large) = unless_stopped(&stop, measuring).await?;
    report::figures(&small);
    report::figures(&large);
    report::files(&large.files);
    println!("{}", report::object(&small, &large));
    Ok(())
}

async fn measure(
    options: &QueryOptions,
    facts: usize,
    with_files: bool,
) -> anyhow::Result<Measured> {
    let mix = Mix::of(options.common.seed, &shape(facts), clock::now());
    let event = mix.scene.events[0].clone();
    let site = Site {
        database: stored::database(options, &mix, facts).await?,
        reader: api::token(Caller {
            tenant_id: Some(event.tenant),
            user_id: None,
            roles: Vec::new(),
        }),
        event,
        span: options.span(),
        clients: options.all_clients(),
    };
    let (mut plain, mut figures) = (Vec::new(), Vec::new());
    for figure in Figure::ALL {
        let by_sql = plain::measure(&site, figure).await?;
        figures.push(first::measure(&site, figure, &by_sql).await?);
        plain.push((figure, by_sql));
    }
    let before: Vec<(Figure, Counts)> = plain
        .iter()
        .map(|(figure, plain)| (*figure, plain.counts.clone()))
        .collect();
    figures.extend(arriving::measure(&site, &mix.scene, &before).await?);
    let files = if with_files {
        files::measure(&site).await?
    } else {
        Vec::new()
    };
    Ok(Measured {
        facts,
        plain,
        figures,
        files,
    })
}

/// A platform that is larger the more facts it has.
fn shape(facts: usize) -> Shape {
    Shape {
        organizations: ORGANIZATIONS,
        visitors: facts / FACTS_OF_PERSON,
        first: Some(FIRST),
        span: SPAN,
    }
}
