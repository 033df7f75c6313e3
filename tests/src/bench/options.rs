//! The command line of the bench.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures the real services on real servers.
#[derive(Parser, Clone, Debug)]
#[command(version, name = "analytics-bench")]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the bench can do.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Measure how fast facts are taken, by each way, beside a floor of the same run.
    ///
    /// Prints a table, and as the last line one JSON object. `make bench-ingest` brings up the
    /// servers, builds what is needed, and runs this; docs/PERFORMANCE.md tells what a row means.
    Ingest(IngestOptions),
    /// Answer 202 to every POST and store nothing, until killed. Prints its address first.
    #[command(hide = true)]
    EmptyRoute,
}

/// Settings of `ingest`.
#[derive(Args, Clone, Debug)]
pub struct IngestOptions {
    /// TimescaleDB, as `dev/stack env` names it. Its user may create databases; the bench makes
    /// some of its own and drops them.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,

    /// RabbitMQ, as `dev/stack env` names it. The bench uses an exchange and queues of its own.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: String,

    /// Facts that each way takes.
    #[arg(long, value_name = "N", default_value_t = 300_000, value_parser = facts)]
    pub facts: usize,

    /// The same seed makes the same facts, but for the moment at which they end.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Measure these ways only, separated by commas.
    #[arg(long, value_name = "WAYS", value_enum, value_delimiter = ',', default_values_t = Way::ALL)]
    pub only: Vec<Way>,
}

/// A way in which facts come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// One fact per request.
    Single,
    /// Many facts per request.
    Batch,
    /// Messages of the platform.
    Amqp,
    /// A file.
    Import,
}

impl Way {
    /// All of them.
    const ALL: [Self; 4] = [Self::Single, Self::Batch, Self::Amqp, Self::Import];

    /// Its name on the command line and in the JSON object.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Batch => "batch",
            Self::Amqp => "amqp",
            Self::Import => "import",
        }
    }
}

fn facts(text: &str) -> Result<usize, &'static str> {
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

    #[test]
    fn every_way_can_be_chosen_by_its_name() {
        for way in Way::ALL {
            assert_eq!(Way::from_str(way.name(), false), Ok(way));
        }
    }
}
