//! The settings of logging.

/// The format of log lines.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Human-readable lines.
    Text,
    /// One JSON object per line.
    Json,
}

/// Logging.
#[derive(clap::Args, Clone, Debug)]
pub struct LogConfig {
    /// Format of the log lines.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,

    /// Log filter: `error`, `warn`, `info`, `debug`, or per module (`info,sqlx=warn`).
    #[arg(
        long,
        env = "LOG_FILTER",
        default_value = "info,sqlx=warn,sea_orm_migration=warn,lapin::channel=off"
    )]
    pub log_filter: String,
}
