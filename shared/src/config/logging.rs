//! What is logged, and how it looks.

/// Form of a log line.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for collectors.
    Json,
}

/// Logging.
#[derive(clap::Args, Clone, Debug)]
pub struct LogConfig {
    /// Form of the log lines.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,

    /// What is logged: `error`, `warn`, `info`, `debug`, or per module (`info,sqlx=warn`).
    #[arg(
        long,
        env = "LOG_FILTER",
        default_value = "info,sqlx=warn,sea_orm_migration=warn,lapin::channel=off"
    )]
    pub log_filter: String,
}
