//! The command line of the bench.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{ingest::IngestOptions, query::QueryOptions};
use crate::load::LoadOptions;

/// Measures the real services on real servers.
#[derive(Parser, Clone, Debug)]
#[command(version, name = "analytics-bench")]
pub struct Options {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of the bench.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Measure how fast facts are taken, by each way, beside a floor of the same run.
    ///
    /// Prints a table, and as the last line one JSON object. `make bench-ingest` brings up the
    /// servers, builds what is needed, and runs this; docs/PERFORMANCE.md tells what a row means.
    Ingest(IngestOptions),
    /// Measure how fast figures and exports of many facts are, beside plain SQL of the same run.
    ///
    /// Prints tables, and as the last line one JSON object. `make bench-query` brings up the servers,
    /// builds what is needed, and runs this; docs/PERFORMANCE.md tells what a row means.
    Query(QueryOptions),
    /// Invent 200,000 sources of an event and 1,000,000 event ids, and measure disk, memory and latency.
    ///
    /// Prints a table without rate limits, and one with the defaults. Exits with 1 if a value exceeds its
    /// maximum.
    InventedValues,
    /// Attack the services, and measure the responses to probes and to another tenant meanwhile.
    ///
    /// Prints a table, and as the last line one JSON object. Exits with 1 if a response was late or failed.
    /// `make load-test` brings up the servers, builds what is needed, and runs this.
    Load(LoadOptions),
    /// Answer 202 to every POST and store nothing, until killed. Prints its address first.
    #[command(hide = true)]
    EmptyRoute,
}

/// Settings that all measurements have.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// TimescaleDB, as `dev/stack env` names it. Its user may create databases; the bench makes
    /// some of its own and drops them.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,

    /// The same seed makes the same facts, but for the moment at which they end.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Directory of release binaries of another commit (analytics-ingest, analytics-query,
    /// analytics-migration). Each measurement is made with them first and then with the current
    /// binaries, and ratios current / baseline are printed.
    #[arg(long, value_name = "DIR")]
    pub baseline: Option<PathBuf>,
}

/// Parses a number of connections or clients.
pub fn connections(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(connections @ 1..=1_000) => Ok(connections),
        _ => Err("must be from 1 to 1000"),
    }
}

/// Parses a number of facts.
pub fn facts(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(facts @ 1_000..=10_000_000) => Ok(facts),
        _ => Err("must be from 1000 to 10000000"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }
}
