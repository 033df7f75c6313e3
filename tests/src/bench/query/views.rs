//! Page views that arrive through a running ingest while something is measured.

use analytics_shared::{
    auth::{Caller, Role},
    clock,
};
use anyhow::Context;
use indicatif::ProgressBar;
use rand::{SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::{
    api,
    bench::{
        client::{Body, Client},
        mix::{Deed, Event, Fact, Scene, Visit},
    },
    service::Service,
};

/// A client that posts page views.
pub struct Views<'a> {
    scene: &'a Scene,
    client: Client,
    rng: StdRng,
}

impl<'a> Views<'a> {
    /// Connects to an ingest; the seed selects the visitors.
    ///
    /// # Errors
    /// When it does not accept the connection.
    pub async fn connect(scene: &'a Scene, ingest: &Service, seed: u64) -> anyhow::Result<Self> {
        let service = api::token(&Caller {
            tenant_id: None,
            user_id: None,
            roles: vec![Role::Service.name().to_owned()],
        });
        Ok(Self {
            scene,
            client: Client::connect(&ingest.url(""), 1, &service).await?,
            rng: StdRng::seed_from_u64(seed),
        })
    }

    /// Posts a view of an event at the current time, and waits for its acknowledgement.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn post(&mut self, event: &Event) -> anyhow::Result<()> {
        let view = self.view(event);
        self.send("/api/v1/analytics/track", view, 1).await
    }

    /// Posts a view of each event in one request, and waits for its acknowledgement.
    ///
    /// # Errors
    /// When one is not accepted.
    pub async fn post_batch(&mut self, events: &[&Event]) -> anyhow::Result<()> {
        let views: Vec<String> = events.iter().map(|event| self.view(event)).collect();
        let json = format!("[{}]", views.join(","));
        self.send("/api/v1/analytics/track/batch", json, events.len())
            .await
    }

    fn view(&mut self, event: &Event) -> String {
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
        fact.request()
    }

    async fn send(&mut self, path: &str, json: String, facts: usize) -> anyhow::Result<()> {
        let body = Body {
            json: json.into(),
            facts,
        };
        let hidden = ProgressBar::hidden();
        let posted = self.client.post_all(path, [body].into_iter(), &hidden);
        posted.await.context("a view was not accepted")?;
        Ok(())
    }
}
