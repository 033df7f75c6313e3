//! The configuration of the service.

use std::time::Duration;

use analytics_shared::config::{
    AuthConfig, CalendarConfig, ConnectionUrl, DatabaseConfig, LogConfig, Secret, ServerConfig,
    WriteRolesConfig,
};
use clap::{ArgAction, Args, builder::BoolishValueParser, value_parser};
use lapin::uri::AMQPUri;

use crate::http::{cors::AllowedOrigins, sender::trusted_proxies::TrustedProxies};

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
    /// RabbitMQ, as `amqp://user:password@host:port/vhost`. `amqps` requires TLS and a certificate that the
    /// system's root certificates verify. Without a URL only HTTP is served.
    #[arg(long, env = "AMQP_URL", hide_env_values = true, value_parser = AMQP_URL)]
    pub amqp_url: Option<Secret>,

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

/// Browsers and proxies.
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
    pub cors_allowed_origins: AllowedOrigins,

    /// Trusted proxies, as addresses or networks like `10.0.0.0/8`, separated by commas. Only their
    /// `X-Forwarded-For` is used for the address of a client, from which the visitor id without cookies is derived.
    #[arg(
        long,
        env = "TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true
    )]
    pub trusted_proxies: TrustedProxies,

    /// Reject facts of senders that have neither a token nor a write key (`?writeKey=`).
    #[arg(long, env = "REQUIRE_WRITE_KEY", value_parser = BoolishValueParser::new(), default_value = "false",
          num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    pub require_write_key: bool,
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
