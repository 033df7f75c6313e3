//! The command line.

use analytics_migration::maintenance::{Person, Scope};
use analytics_shared::config::{CaFile, CalendarConfig, ConnectionUrl, LogConfig, Secret};
use clap::{Parser, Subcommand};
use uuid::Uuid;

use crate::{bi_user::BiUserCommand, wait::WaitConfig, write_key::WriteKeyCommand};

/// Changes the schema `analytics_service` and maintains the data stored in it.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    /// TimescaleDB, as `postgres://user:password@host:port/database`, also behind a connection pooler. The user owns
    /// the database. It creates the group roles and the extension `timescaledb`, unless they exist.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_parser = ConnectionUrl::POSTGRES, global = true)]
    pub database_url: Option<Secret>,
    /// PEM file with certificates of certification authorities that may sign the certificate of the
    /// database, beside those of the system. Requires `sslmode=verify-full` or `verify-ca`.
    #[arg(long, env = "DATABASE_CA_FILE", value_parser = |path: &str| CaFile::read(path), global = true)]
    pub database_ca_file: Option<CaFile>,
    #[command(flatten)]
    pub log: LogConfig,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    #[command(flatten)]
    Schema(Schema),
    #[command(flatten)]
    Maintenance(Maintenance),
    /// Print everything that is stored about a person, as NDJSON.
    ExportPerson(Person),
    /// Manage the logins of BI tools.
    #[command(subcommand)]
    BiUser(BiUserCommand),
    /// Manage the write keys of event pages.
    #[command(subcommand)]
    WriteKey(WriteKeyCommand),
}

/// The commands that change the schema.
#[derive(Subcommand)]
pub enum Schema {
    /// Apply all pending migrations, and the retention policy where the edition of TimescaleDB has them. Leaves a
    /// schema as it is that a newer version has migrated.
    Up(WaitConfig),
    /// Revert migrations, newest first. Deletes the data of their tables.
    Down {
        /// Number of migrations.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List the migrations: applied, pending, unknown if a newer version has applied one, or outdated if another
    /// version of one created the schema.
    Status,
    /// Drop the schema and create it again. Deletes all data.
    Fresh,
}

/// The maintenance commands, all of which run beside the service.
#[derive(Subcommand)]
pub enum Maintenance {
    /// Rebuild the rollup from the facts.
    Rebuild {
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
    /// Compare the rollup with the facts. If they differ, print a table and exit with 1.
    Verify {
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
    /// Delete everything older than a year, and long expired share links, as the service does daily.
    Retention {
        /// Only print what would be deleted.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
    /// Unlink a person from their facts. No figure changes.
    Forget {
        #[command(flatten)]
        person: Person,
        /// Delete the facts instead of unlinking them, which changes figures.
        #[arg(long)]
        delete: bool,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
    /// Delete everything that is stored of a tenant: facts, figures, events, write keys, share links
    /// and logins of BI tools.
    DeleteTenant {
        /// The tenant (organization).
        #[arg(long)]
        tenant: Uuid,
        /// Confirm the deletion. Without it, the command only prints what is stored.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
}

impl Maintenance {
    /// The calendar settings of the command.
    pub fn calendar(&self) -> &CalendarConfig {
        match self {
            Self::Rebuild { calendar, .. }
            | Self::Verify { calendar, .. }
            | Self::Retention { calendar, .. }
            | Self::Forget { calendar, .. }
            | Self::DeleteTenant { calendar, .. } => calendar,
        }
    }
}
