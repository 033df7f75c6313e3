//! Everything that can be set, with defaults that work.

use std::time::Duration;

use analytics_shared::config::{
    AuthConfig, CalendarConfig, ConnectionUrl, DatabaseConfig, LogConfig, Secret, ServerConfig,
};
use clap::{Args, Parser, Subcommand};
use lapin::uri::AMQPUri;

use crate::{
    dead_letters::DeadLettersConfig,
    http::{Networks, Origins},
    import::{self, ImportConfig},
};

/// Takes facts about ticketing events over HTTP and from RabbitMQ, and stores each exactly once.
///
/// Without a command it serves. Every setting is a flag and an environment variable: see
/// `analytics-ingest serve --help`.
#[derive(Parser, Debug)]
#[command(version, name = "analytics-ingest")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Take facts until SIGTERM (the default).
    Serve(Box<ServeConfig>),
    /// Store the facts of files (NDJSON, CSV, compressed or not), each exactly once.
    #[command(long_about = import::HELP)]
    Import(Box<ImportConfig>),
    /// Look at dead letters, give them back to the queue, or delete them.
    DeadLetters(Box<DeadLettersConfig>),
    /// Print the OpenAPI document; needs no configuration.
    Openapi,
}

/// All settings of the service.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// Database.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// Tokens.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// HTTP.
    #[command(flatten)]
    pub server: ServerConfig,
    /// Logs.
    #[command(flatten)]
    pub log: LogConfig,
    /// Days.
    #[command(flatten)]
    pub calendar: CalendarConfig,
    /// Writers.
    #[command(flatten)]
    pub writer: WriterConfig,
    /// RabbitMQ.
    #[command(flatten)]
    pub amqp: AmqpConfig,
    /// Browsers.
    #[command(flatten)]
    pub http: HttpConfig,
}

/// Group commit.
#[derive(Args, Clone, Debug)]
pub struct WriterConfig {
    /// Rows written per transaction at most.
    #[arg(long, env = "BATCH_MAX_ROWS", default_value_t = 2_000, value_parser = at_least_one)]
    pub batch_max_rows: usize,

    /// MiB of facts that wait to be written at most; beyond that `POST /track` answers 503.
    #[arg(long, env = "QUEUE_MIB", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub queue_mib: u16,

    /// Seconds between two runs of the compaction of the rollup.
    #[arg(long, env = "COMPACTION_INTERVAL_SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub compaction_interval_seconds: u64,
}

/// The parser of `AMQP_URL`.
const AMQP_URL: ConnectionUrl =
    ConnectionUrl::new("amqp", "amqps", |text| text.parse::<AMQPUri>().is_ok());

/// RabbitMQ.
#[derive(Args, Clone, Debug)]
pub struct AmqpConfig {
    /// RabbitMQ, as `amqp://user:password@host:port/vhost`. `amqps` requires TLS and a certificate
    /// that the root certificates of the system verify. Without a URL only HTTP is served.
    #[arg(long, env = "AMQP_URL", hide_env_values = true, value_parser = AMQP_URL)]
    pub amqp_url: Option<Secret>,

    /// The topic exchange that the platform publishes its events to.
    #[arg(long, env = "AMQP_EXCHANGE", default_value = "events")]
    pub amqp_exchange: String,

    /// Our queue. One that exists is used as it is.
    #[arg(long, env = "AMQP_QUEUE", default_value = "analytics.queue")]
    pub amqp_queue: String,

    /// Routing keys that our queue is bound with, separated by commas.
    #[arg(
        long,
        env = "AMQP_BINDINGS",
        value_delimiter = ',',
        default_value = "event.published,registration.created,registration.cancelled,checkin.completed,payment.completed"
    )]
    pub amqp_bindings: Vec<String>,

    /// Messages that the broker hands us before we acknowledge them.
    #[arg(long, env = "AMQP_PREFETCH", default_value_t = 4_000, value_parser = clap::value_parser!(u16).range(1..))]
    pub amqp_prefetch: u16,

    /// Seconds that a message waits before we look for its registration again.
    #[arg(long, env = "AMQP_RETRY_DELAY_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub amqp_retry_delay_seconds: u32,

    /// How often we look for a registration before its message becomes a dead letter.
    #[arg(long, env = "AMQP_RETRY_LIMIT", default_value_t = 60)]
    pub amqp_retry_limit: u32,
}

/// Browsers, and what stands between them and us.
#[derive(Args, Clone, Debug)]
pub struct HttpConfig {
    /// Origins whose pages may send facts with `fetch`, as `https://example.org`, separated by
    /// commas. `navigator.sendBeacon` with a text needs none.
    #[arg(
        long,
        env = "CORS_ORIGINS",
        default_value = "",
        hide_default_value = true
    )]
    pub cors_origins: Origins,

    /// Networks of our own proxies, as `10.0.0.0/8`, separated by commas: only theirs is the word
    /// `X-Forwarded-For` believed, from which visitors without cookies are told apart.
    #[arg(
        long,
        env = "TRUSTED_NETWORKS",
        default_value = "",
        hide_default_value = true
    )]
    pub trusted_networks: Networks,
}

impl WriterConfig {
    /// Bytes of facts that may wait.
    #[must_use]
    pub fn queue_bytes(&self) -> usize {
        usize::from(self.queue_mib) * 1024 * 1024
    }

    /// Time between two runs of the compaction.
    #[must_use]
    pub fn compaction_interval(&self) -> Duration {
        Duration::from_secs(self.compaction_interval_seconds)
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}
