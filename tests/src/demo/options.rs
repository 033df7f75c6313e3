//! The command line of the demo.

use clap::{Parser, builder::FalseyValueParser};

/// Simulates a ticketing event on the real services, and prints their responses.
///
/// Starts `analytics-ingest` and `analytics-query` with their own database and queue, sends the facts of
/// one event over HTTP and RabbitMQ (page views, registrations, payments, check-ins; some of them twice
/// and out of order), reads all figures, and compares them with the expected ones. Both services then
/// run until Ctrl-C, for manual requests.
///
/// `make demo` starts the servers, builds everything, and runs this command.
#[derive(Parser, Clone, Debug)]
#[command(version, name = "analytics-demo")]
pub struct Options {
    /// TimescaleDB, as printed by `dev/stack env`. Its user can create databases; only the
    /// database `analytics_<NAME>` is used.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,

    /// RabbitMQ, as printed by `dev/stack env`.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: String,

    /// Name of this demo. Its database is `analytics_<NAME>`, its exchange `<NAME>.events`, its
    /// queue `<NAME>.analytics`; each run deletes and creates them.
    #[arg(long, env = "DEMO_NAME", default_value = "demo", value_parser = name)]
    pub name: String,

    /// Number of page views; everything else is proportional to it.
    #[arg(long, env = "DEMO_VIEWS", value_name = "N", default_value_t = 6_000, value_parser = views)]
    pub views: usize,

    /// Port of the write tier, on 127.0.0.1.
    #[arg(
        long,
        env = "DEMO_INGEST_PORT",
        value_name = "PORT",
        default_value_t = 8086
    )]
    pub ingest_port: u16,

    /// Port of the read tier, on 127.0.0.1.
    #[arg(
        long,
        env = "DEMO_QUERY_PORT",
        value_name = "PORT",
        default_value_t = 8087
    )]
    pub query_port: u16,

    /// Port of probes and metrics of the write tier, on 127.0.0.1.
    #[arg(
        long,
        env = "DEMO_INGEST_MANAGEMENT_PORT",
        value_name = "PORT",
        default_value_t = 9086
    )]
    pub ingest_management_port: u16,

    /// Port of probes and metrics of the read tier, on 127.0.0.1.
    #[arg(
        long,
        env = "DEMO_QUERY_MANAGEMENT_PORT",
        value_name = "PORT",
        default_value_t = 9087
    )]
    pub query_management_port: u16,

    /// End after printing instead of staying up. The exit code is 1 if any figure is not what was
    /// sent.
    #[arg(long, env = "DEMO_EXIT", value_parser = FalseyValueParser::new())]
    pub exit: bool,

    /// Delete the database at the end. (Exchange and queue are deleted in any case.)
    #[arg(long)]
    pub clean: bool,
}

impl Options {
    /// The database.
    #[must_use]
    pub fn database(&self) -> String {
        format!("analytics_{}", self.name)
    }

    /// The exchange that the platform publishes to.
    #[must_use]
    pub fn exchange(&self) -> String {
        format!("{}.events", self.name)
    }

    /// The queue of the write tier.
    #[must_use]
    pub fn queue(&self) -> String {
        format!("{}.analytics", self.name)
    }
}

/// Parses a name that needs no quotes in SQL, AMQP and shell.
fn name(text: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if (1..=40).contains(&text.len()) && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 40 of a-z, 0-9 and _")
    }
}

fn views(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(views @ 100..=1_000_000) => Ok(views),
        _ => Err("must be from 100 to 1000000"),
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
    fn a_name_can_be_part_of_any_statement() {
        assert!(name("demo_2").is_ok());
        for text in ["", "Demo", "a-b", "a;b", "a.b", &"a".repeat(41)] {
            assert!(name(text).is_err(), "{text}");
        }
    }
}
