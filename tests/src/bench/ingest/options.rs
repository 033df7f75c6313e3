//! The settings of `analytics-bench ingest`.

use clap::{Args, ValueEnum};

use crate::bench::options::{Common, facts};

/// Settings of `ingest`.
#[derive(Args, Clone, Debug)]
pub struct IngestOptions {
    /// Settings that all measurements have.
    #[command(flatten)]
    pub common: Common,

    /// RabbitMQ, as `dev/stack env` names it. The bench uses an exchange and queues of its own.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: String,

    /// Facts that each way takes.
    #[arg(long, value_name = "N", default_value_t = 300_000, value_parser = facts)]
    pub facts: usize,

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_can_be_chosen_by_its_name() {
        for way in Way::ALL {
            assert_eq!(Way::from_str(way.name(), false), Ok(way));
        }
    }
}
