//! The settings of `analytics-bench query`.

use std::time::Duration;

use clap::Args;

use crate::bench::options::{Common, connections, facts};

/// The number of clients of the figures in the last line.
pub const TYPICAL: usize = 8;

/// Settings of `query`.
#[derive(Args, Clone, Debug)]
pub struct QueryOptions {
    /// Settings of all measurements.
    #[command(flatten)]
    pub common: Common,

    /// Number of facts of the large database.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = facts)]
    pub facts: usize,

    /// Number of facts of the small database, which is measured first.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = facts)]
    pub small: usize,

    /// Duration of the measurement of each number of clients, in seconds.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,

    /// Numbers of clients, separated by commas. The last line has the figures of 8 clients, which are always
    /// measured.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1, TYPICAL, 32], value_parser = connections)]
    pub clients: Vec<usize>,

    /// Number of facts that are read back directly after their acknowledgement, for each figure
    /// (`recomputed`). With fewer than 100, p99 is the maximum.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = rounds)]
    pub rounds: usize,

    /// Keep the databases. The next run with the same number of facts and seed (and the same commit, for a
    /// baseline) uses them.
    #[arg(long)]
    pub keep: bool,
}

impl QueryOptions {
    /// The duration of the measurement of each number of clients.
    #[must_use]
    pub fn span(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// The numbers of clients, in order.
    #[must_use]
    pub fn all_clients(&self) -> Vec<usize> {
        let mut all = self.clients.clone();
        all.push(TYPICAL);
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn rounds(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(rounds @ 1..=100_000) => Ok(rounds),
        _ => Err("must be from 1 to 100000"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        options: QueryOptions,
    }

    fn parse(arguments: &[&str]) -> Result<QueryOptions, clap::Error> {
        let program = ["bench", "--database-url", "postgres://localhost/analytics"];
        let line = CommandLine::try_parse_from(program.iter().chain(arguments));
        line.map(|line| line.options)
    }

    #[test]
    fn eight_clients_are_measured_in_any_case() {
        assert_eq!(parse(&[]).unwrap().all_clients(), [1, 8, 32]);
        let few = parse(&["--clients", "4,2"]).unwrap();
        assert_eq!(few.all_clients(), [2, 4, 8]);
    }

    #[test]
    fn a_hundred_facts_are_read_at_once_unless_told_otherwise() {
        assert_eq!(parse(&[]).unwrap().rounds, 100);
        assert!(parse(&["--rounds", "0"]).is_err());
    }
}
