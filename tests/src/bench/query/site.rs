//! A database and the binaries that are measured with it.

use std::time::Duration;

use analytics_shared::auth::Caller;

use super::{QueryOptions, stored};
use crate::{
    api,
    bench::{
        mix::{Event, Mix},
        programs::Programs,
        stage,
    },
    database::TestDatabase,
    service::Service,
};

/// The context of every measurement.
pub struct Site {
    /// The binaries.
    pub programs: Programs,
    /// Their database.
    pub database: TestDatabase,
    /// The most popular event.
    pub event: Event,
    /// The token of a reader in its organization.
    pub reader: String,
    /// The duration of the measurement of each number of clients.
    pub span: Duration,
    /// Numbers of clients.
    pub clients: Vec<usize>,
    /// The number of facts that are read back directly.
    pub rounds: usize,
}

impl Site {
    /// Opens or creates the database of `programs`.
    ///
    /// # Errors
    /// When it cannot be created.
    pub async fn open(
        options: &QueryOptions,
        programs: &Programs,
        mix: &Mix,
        facts: usize,
    ) -> anyhow::Result<Self> {
        let event = mix.scene.events[0].clone();
        let kept = stored::DatabaseOptions {
            server_url: &options.common.database_url,
            seed: options.common.seed,
            keep: options.keep,
        };
        Ok(Self {
            programs: programs.clone(),
            database: stored::database(kept, programs, mix, facts).await?,
            reader: api::token(&Caller {
                tenant_id: Some(event.tenant),
                user_id: None,
                roles: Vec::new(),
            }),
            event,
            span: options.span(),
            clients: options.all_clients(),
            rounds: options.rounds,
        })
    }

    /// Starts the write tier.
    pub async fn ingest(&self) -> Service {
        stage::ingest(&self.database, &self.programs).await
    }

    /// Starts the read tier.
    pub async fn query(&self) -> Service {
        stage::query(&self.database, &self.programs).await
    }
}
