//! The settings of `analytics-bench ingest`.

use std::time::Duration;

use anyhow::ensure;
use clap::{Args, ValueEnum};

use super::workload::Workload;
use crate::bench::options::{Common, connections, facts};

/// Connections of single facts in the headline.
pub const HEADLINE_CONNECTIONS: usize = 64;

/// Settings of `ingest`.
#[derive(Args, Clone, Debug)]
pub struct IngestOptions {
    /// Settings of all measurements.
    #[command(flatten)]
    pub common: Common,

    /// RabbitMQ, as printed by `dev/stack env`. Required for `amqp` only. The bench uses its own exchange
    /// and queues.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: Option<String>,

    /// Duration for which each run sends facts, in seconds. A run ends when everything is committed and the
    /// compaction backlog is within its bound.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,

    /// Send this number of facts in each run, instead of for a duration.
    #[arg(long, value_name = "N", value_parser = facts, conflicts_with = "seconds")]
    pub facts: Option<usize>,

    /// Measure only these transports, separated by commas.
    #[arg(long, value_name = "WAYS", value_enum, value_delimiter = ',', default_values_t = Way::ALL)]
    pub only: Vec<Way>,

    /// Numbers of connections for single facts, separated by commas. The headline is that of 64, or of
    /// the first number if 64 is not among them.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [16, HEADLINE_CONNECTIONS, 256], value_parser = connections)]
    pub connections: Vec<usize>,
}

/// A transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// One fact per request.
    Single,
    /// Many facts per request.
    Batch,
    /// Messages of the platform.
    Amqp,
    /// NDJSON.
    Import,
}

impl IngestOptions {
    /// The number of facts of a run, or its duration.
    #[must_use]
    pub fn workload(&self) -> Workload {
        match self.facts {
            Some(facts) => Workload::Facts(facts),
            None => Workload::Duration(Duration::from_secs(self.seconds)),
        }
    }

    /// The URL of RabbitMQ; `None` if it is not needed.
    ///
    /// # Errors
    /// When it is needed and not set.
    pub fn required_amqp_url(&self) -> anyhow::Result<Option<&str>> {
        if !self.only.contains(&Way::Amqp) {
            return Ok(None);
        }
        let url = self.amqp_url.as_deref().filter(|url| !url.is_empty());
        ensure!(
            url.is_some(),
            "`amqp` needs RabbitMQ: set AMQP_URL or --amqp-url, or choose other ways with \
             --only single,batch,import"
        );
        Ok(url)
    }

    /// The number of connections in the headline.
    #[must_use]
    pub fn headline_connections(&self) -> usize {
        let is_measured = self.connections.contains(&HEADLINE_CONNECTIONS);
        let first = self.connections.first().copied();
        first
            .filter(|_| !is_measured)
            .unwrap_or(HEADLINE_CONNECTIONS)
    }
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
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        options: IngestOptions,
    }

    fn parse(arguments: &[&str]) -> Result<IngestOptions, clap::Error> {
        let program = ["bench", "--database-url", "postgres://localhost/analytics"];
        let line = CommandLine::try_parse_from(program.iter().chain(arguments));
        line.map(|line| line.options)
    }

    #[test]
    fn every_way_can_be_chosen_by_its_name() {
        for way in Way::ALL {
            assert_eq!(Way::from_str(way.name(), false), Ok(way));
        }
    }

    #[test]
    fn a_run_lasts_a_minute_unless_told_otherwise() {
        let minute = Workload::Duration(Duration::from_mins(1));
        assert_eq!(parse(&[]).unwrap().workload(), minute);
        let options = parse(&["--facts", "3000"]).unwrap();
        assert_eq!(options.workload(), Workload::Facts(3_000));
        assert!(parse(&["--facts", "3000", "--seconds", "5"]).is_err());
    }

    #[test]
    fn the_headline_is_that_of_64_connections_where_they_are_measured() {
        let of = |connections| {
            let options = parse(&["--connections", connections]).unwrap();
            options.headline_connections()
        };
        assert_eq!(parse(&[]).unwrap().connections, [16, 64, 256]);
        assert_eq!(of("16,64"), 64);
        assert_eq!(of("8,16"), 8);
        assert!(parse(&["--connections", "0"]).is_err());
    }

    #[test]
    fn rabbitmq_is_needed_for_messages_only() {
        let without = |only| {
            let mut options = parse(&["--only", only]).unwrap();
            options.amqp_url = Some(String::new());
            let url = options.required_amqp_url();
            url.map(|url| url.map(str::to_owned))
        };
        assert_eq!(without("single,batch,import").unwrap(), None);
        let error = without("import,amqp").unwrap_err().to_string();
        assert!(error.contains("set AMQP_URL"), "{error}");
        let options = parse(&["--amqp-url", "amqp://localhost"]).unwrap();
        assert_eq!(
            options.required_amqp_url().unwrap(),
            Some("amqp://localhost")
        );
    }
}
