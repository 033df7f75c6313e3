//! The configuration of the service.

use std::{num::NonZeroU32, time::Duration};

use analytics_shared::config::{
    AuthConfig, CaFile, CalendarConfig, ConnectionUrl, DatabaseConfig, LogConfig, Origins, Secret,
    ServerConfig, TraceConfig, WriteRolesConfig,
};
use clap::{ArgAction, Args, builder::BoolishValueParser, value_parser};
use lapin::uri::AMQPUri;

/// The configuration of the service.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// Database.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// Tokens.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// Roles.
    #[command(flatten)]
    pub roles: WriteRolesConfig,
    /// HTTP.
    #[command(flatten)]
    pub server: ServerConfig,
    /// Logs.
    #[command(flatten)]
    pub log: LogConfig,
    /// Traces.
    #[command(flatten)]
    pub traces: TraceConfig,
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

/// Group commit and compaction.
#[derive(Args, Clone, Debug)]
pub struct WriterConfig {
    /// Maximum number of facts in a batch.
    #[arg(long, env = "BATCH_MAX_ROWS", default_value_t = 2_000, value_parser = value_parser!(u32).range(1..))]
    pub batch_max_rows: u32,

    /// Maximum memory of facts that wait to be written, in MiB. If it is full, `POST /track` returns 503.
    #[arg(long, env = "WRITE_BUFFER_MIB", default_value_t = 32, value_parser = value_parser!(u16).range(1..=4096))]
    pub write_buffer_mib: u16,

    /// Time between two runs of the rollup compaction, in seconds.
    #[arg(long, env = "COMPACTION_INTERVAL_SECONDS", default_value_t = 3, value_parser = value_parser!(u64).range(1..))]
    pub compaction_interval_seconds: u64,
}

/// The parser of `AMQP_URL`.
const AMQP_URL: ConnectionUrl =
    ConnectionUrl::new("amqp", "amqps", |text| text.parse::<AMQPUri>().is_ok());

/// RabbitMQ.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub struct AmqpConfig {
    /// RabbitMQ, as `amqp://user:password@host:port/vhost`. `amqps` requires TLS and a certificate that an
    /// authority of the system or of `AMQP_CA_FILE` has signed. Without a URL only HTTP is served.
    #[arg(long, env = "AMQP_URL", hide_env_values = true, value_parser = AMQP_URL)]
    pub amqp_url: Option<Secret>,

    /// PEM file with certificates of certification authorities that may sign the certificate of the broker,
    /// beside those of the system. Requires `amqps://`.
    #[arg(long, env = "AMQP_CA_FILE", value_parser = |path: &str| CaFile::read(path))]
    pub amqp_ca_file: Option<CaFile>,

    /// Topic exchange of the platform's messages.
    #[arg(long, env = "AMQP_EXCHANGE", default_value = "events")]
    pub amqp_exchange: String,

    /// Queue of the service. An existing queue is used as it is.
    #[arg(long, env = "AMQP_QUEUE", default_value = "analytics.queue")]
    pub amqp_queue: String,

    /// Binding keys of the queue, separated by commas.
    #[arg(
        long,
        env = "AMQP_BINDING_KEYS",
        value_delimiter = ',',
        default_value = "event.published,registration.created,registration.cancelled,checkin.completed,payment.completed"
    )]
    pub amqp_binding_keys: Vec<String>,

    /// Maximum number of unacknowledged messages of a queue.
    #[arg(long, env = "AMQP_PREFETCH", default_value_t = 8_000, value_parser = value_parser!(u16).range(1..))]
    pub amqp_prefetch: u16,

    /// Time for which a message waits before its registration is looked up again, in seconds.
    #[arg(long, env = "AMQP_RETRY_DELAY_SECONDS", default_value_t = 5, value_parser = value_parser!(u32).range(1..=3600))]
    pub amqp_retry_delay_seconds: u32,

    /// Maximum number of times that a message waits for its registration before it becomes a dead letter.
    #[arg(long, env = "AMQP_MAX_RETRIES", default_value_t = 60)]
    pub amqp_max_retries: u32,
}

/// Event pages and tenants.
#[derive(Args, Clone, Debug)]
pub struct HttpConfig {
    /// Origins whose pages may send facts with `fetch`, as `https://example.org`, separated by commas; beside
    /// them, the origins of all active write keys. `navigator.sendBeacon` with a text body works from every origin.
    #[arg(
        long,
        env = "CORS_ALLOWED_ORIGINS",
        default_value = "",
        hide_default_value = true
    )]
    pub cors_allowed_origins: Origins,

    /// Reject facts of senders that have neither a token nor a write key (`?writeKey=`).
    #[arg(long, env = "REQUIRE_WRITE_KEY", value_parser = BoolishValueParser::new(), default_value = "false",
          num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    pub require_write_key: bool,

    /// Maximum number of requests per minute with tokens of a tenant, which may arrive at once. Each further
    /// fact of a batch counts as a request; requests of the role `SERVICE` do not count. Counted per
    /// process. More return 429.
    #[arg(long, env = "RATE_LIMIT_PER_TENANT", default_value = "60000")]
    pub rate_limit_per_tenant: NonZeroU32,

    /// Maximum disk space of the facts without a token that an event stores in a day, in MiB (estimated:
    /// properties and 1 KiB per fact). It may be used at once, and is available again after a day.
    /// Counted per process. More facts return 429.
    #[arg(long, env = "EVENT_QUOTA_MIB_PER_DAY", default_value_t = 256, value_parser = value_parser!(u16).range(1..=4_095))]
    pub event_quota_mib_per_day: u16,

    /// Maximum number of distinct sources, of ticket types and of custom event types of an event and day
    /// up to which callers without the role `SERVICE` may add new ones; one client address adds at most a
    /// tenth. Beyond it, a new source or ticket type is stored as `other`, and a new event type returns
    /// 422. Shared by all processes, up to those added within 10 seconds.
    #[arg(long, env = "EVENT_MAX_VALUES_PER_DAY", default_value = "200")]
    pub event_max_values_per_day: NonZeroU32,
}

impl WriterConfig {
    /// The maximum memory of facts that wait to be written, in bytes.
    pub fn write_buffer_bytes(&self) -> usize {
        usize::from(self.write_buffer_mib) * 1024 * 1024
    }

    /// The time between two runs of the compaction.
    pub fn compaction_interval(&self) -> Duration {
        Duration::from_secs(self.compaction_interval_seconds)
    }
}
