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
    /// Measure the write throughput of each transport, relative to floors of the same run.
    ///
    /// Prints tables, and a JSON object as the last line. `make bench-ingest` starts the servers, builds the
    /// programs, and runs this command; docs/PERFORMANCE.md explains the rows.
    Ingest(IngestOptions),
    /// Measure the latency of reads and the throughput of exports, relative to plain SQL of the same run.
    ///
    /// Prints tables, and a JSON object as the last line. `make bench-query` starts the servers, builds the
    /// programs, and runs this command; docs/PERFORMANCE.md explains the rows.
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

/// Settings of all measurements.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// TimescaleDB, as printed by `dev/stack env`. Its user can create databases; the bench creates and drops
    /// its own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,

    /// Seed of the facts: equal seeds generate equal facts, except for the time at which they end.
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
