//! The database and the service of the page that `cargo bench --bench page` opens in Chromium.

use std::path::PathBuf;

use analytics_shared::{auth::Caller, clock};
use clap::Args;
use uuid::Uuid;

use super::{shape, stored};
use crate::{
    api,
    bench::{
        mix::Mix,
        options::facts,
        programs::Programs,
        stage,
    },
    database::TestDatabase,
    service::Service,
};

/// Settings of the bench of the page.
#[derive(Args, Clone, Debug)]
pub struct PageOptions {
    /// TimescaleDB, as printed by `dev/stack env`. Its user can create databases; the bench creates and drops
    /// its own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,

    /// Seed of the facts.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Directory of the release binaries.
    #[arg(long, value_name = "DIR")]
    pub programs: PathBuf,

    /// Number of facts of the database. The measured event has a tenth of them.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = facts)]
    pub facts: usize,

    /// Number of measurements of each action.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rounds: u32,

    /// Keep the database. The next run with the same number of facts and seed uses it, also that of
    /// `analytics-bench query`.
    #[arg(long)]
    pub keep: bool,
}

/// The most popular event of a database, and the service that shows it.
pub struct PageSite {
    /// The event.
    pub event: Uuid,
    /// The token of a reader in its organization.
    pub reader: String,
    programs: Programs,
    database: TestDatabase,
}

impl PageSite {
    /// Opens or creates the database.
    ///
    /// # Errors
    /// When it cannot be created.
    pub async fn open(options: &PageOptions) -> anyhow::Result<Self> {
        let programs = Programs::in_directory(options.programs.clone());
        let mix = Mix::of(options.seed, &shape(options.facts), clock::now());
        let event = &mix.scene.events[0];
        let kept = stored::DatabaseOptions {
            server_url: &options.database_url,
            seed: options.seed,
            keep: options.keep,
        };
        let database = stored::database(kept, &programs, &mix, options.facts);
        Ok(Self {
            event: event.id,
            reader: api::token(&Caller {
                tenant_id: Some(event.tenant),
                user_id: None,
                roles: Vec::new(),
            }),
            database: database.await?,
            programs,
        })
    }

    /// Starts the read tier.
    pub async fn query(&self) -> Service {
        stage::query(&self.database, &self.programs).await
    }
}
