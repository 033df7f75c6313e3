//! The command line.

use analytics_migration::maintenance::{Person, Scope};
use analytics_shared::config::{CalendarConfig, ConnectionUrl, LogConfig, Secret};
use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

/// Brings the schema `analytics_service` to the version of this program, or back, and keeps what is
/// stored in it in order.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    /// TimescaleDB, as `postgres://user:password@host:port/database`; the user owns the schema and
    /// may create roles and the extension `timescaledb`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_parser = ConnectionUrl::POSTGRES, global = true)]
    pub database_url: Option<Secret>,
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
}

/// What changes the schema.
#[derive(Subcommand)]
pub enum Schema {
    /// Apply all changes that are missing, and the retention policy where the edition has one.
    Up,
    /// Take back changes, newest first. Deletes the data of the tables that they made.
    Down {
        /// How many changes.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List all changes: applied, pending, or outdated where the schema was created by another version.
    Status,
    /// Drop the schema and create it anew. Deletes all data.
    Fresh,
}

/// What keeps the data in order, all of it while ingest runs.
#[derive(Subcommand)]
pub enum Maintenance {
    /// Count the rollup anew from the facts.
    Rebuild {
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
    /// Compare the rollup with the facts; ends with 1 and a table where they differ.
    Verify {
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
    /// Delete everything that is older than a year now, as the service does by itself.
    Retention {
        /// Only show what would be deleted.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
    /// Forget a person: no fact tells of them any more, and no figure changes.
    Forget {
        #[command(flatten)]
        person: PersonArgs,
        /// Delete the facts instead of unlinking them; then the figures change.
        #[arg(long)]
        delete: bool,
        #[command(flatten)]
        calendar: CalendarConfig,
    },
}

#[derive(Args)]
pub struct PersonArgs {
    /// The organization that is to forget.
    #[arg(long)]
    tenant: Uuid,
    #[command(flatten)]
    who: Who,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Who {
    /// A user who was logged in.
    #[arg(long)]
    user: Option<Uuid>,
    /// A visitor, by `properties.visitorId`.
    #[arg(long)]
    visitor: Option<String>,
}

impl PersonArgs {
    /// Whom they name.
    pub fn person(self) -> Person {
        let user = self.who.user.map(|user| user.to_string());
        Person {
            tenant: self.tenant,
            visitor: self.who.visitor.or(user).unwrap_or_default(),
        }
    }
}

impl Maintenance {
    /// The zone of events that name none.
    pub fn calendar(&self) -> &CalendarConfig {
        match self {
            Self::Rebuild { calendar, .. }
            | Self::Verify { calendar, .. }
            | Self::Retention { calendar, .. }
            | Self::Forget { calendar, .. } => calendar,
        }
    }
}
