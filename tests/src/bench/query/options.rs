//! The settings of `analytics-bench query`.

use std::time::Duration;

use clap::Args;

use crate::bench::options::{Common, facts};

/// Clients of the figures in the last line.
pub const TYPICAL: usize = 8;

/// Settings of `query`.
#[derive(Args, Clone, Debug)]
pub struct QueryOptions {
    /// Settings that all measurements have.
    #[command(flatten)]
    pub common: Common,

    /// Facts of the large database.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = facts)]
    pub facts: usize,

    /// Facts of the small database, which is measured first.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = facts)]
    pub small: usize,

    /// Seconds that each measurement takes.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,

    /// Numbers of clients to measure with, separated by commas. The last line tells of 8 clients,
    /// which are measured in any case.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1, TYPICAL, 32], value_parser = clients)]
    pub clients: Vec<usize>,

    /// Leave the databases on the server. The next run with as many facts and the same seed takes
    /// what is there, so that it need not make the facts again.
    #[arg(long)]
    pub keep: bool,
}

impl QueryOptions {
    /// The time that each measurement takes.
    #[must_use]
    pub fn span(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// The numbers of clients to measure with, in order.
    #[must_use]
    pub fn all_clients(&self) -> Vec<usize> {
        let mut all = self.clients.clone();
        all.push(TYPICAL);
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn clients(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(clients @ 1..=1_000) => Ok(clients),
        _ => Err("must be from 1 to 1000"),
    }
}
