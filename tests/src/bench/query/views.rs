//! Page views of the large event that arrive while it is read, one by one, through a running ingest.

use analytics_shared::{
    auth::{Caller, Role},
    clock,
};
use anyhow::Context;
use indicatif::ProgressBar;
use rand::{SeedableRng, rngs::StdRng};
use uuid::Uuid;

use super::site::Site;
use crate::{
    api,
    bench::{
        client::{Body, Client},
        mix::{Deed, Fact, Scene, Visit},
    },
    service::Service,
};

/// A client that posts page views.
pub struct Views<'a> {
    site: &'a Site,
    scene: &'a Scene,
    client: Client,
    rng: StdRng,
}

impl<'a> Views<'a> {
    /// Connects to an ingest.
    ///
    /// # Errors
    /// When it does not accept the connection.
    pub async fn connect(
        site: &'a Site,
        scene: &'a Scene,
        ingest: &Service,
    ) -> anyhow::Result<Self> {
        let service = api::token(Caller {
            tenant_id: None,
            user_id: None,
            roles: vec![Role::Service.name().to_owned()],
        });
        Ok(Self {
            site,
            scene,
            client: Client::connect(&ingest.url(""), 1, &service).await?,
            rng: StdRng::seed_from_u64(0),
        })
    }

    /// Posts a view of this moment, and waits for its acknowledgement.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn post(&mut self) -> anyhow::Result<()> {
        let event = &self.site.event;
        let fact = Fact {
            id: Uuid::now_v7(),
            at: clock::now(),
            deed: Deed::Viewed(Visit {
                event: event.id,
                tenant: event.tenant,
                person: self.scene.somebody_at(event, &mut self.rng),
                source: "newsletter",
                registration: None,
            }),
        };
        let body = Body {
            json: fact.request().into(),
            facts: 1,
        };
        let bodies = [body].into_iter();
        let hidden = ProgressBar::hidden();
        let posted = self
            .client
            .post_all("/api/v1/analytics/track", bodies, &hidden);
        posted.await.context("a view was not accepted")?;
        Ok(())
    }
}
