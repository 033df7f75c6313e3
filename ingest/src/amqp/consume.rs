//! Receiving chunks of deliveries and finding out what each of them says.

use analytics_shared::clock;
use futures_util::StreamExt;
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use tokio::task::JoinSet;

use super::{
    message::{self, Message},
    publish::attempts,
    settle::{Pending, Settler, acknowledge},
};
use crate::{
    config::AmqpConfig,
    enrich::{Draft, Enricher, Refusal},
    metrics,
    store::{Publication, Registered, Registrations, Store},
};

/// Deliveries that are looked at together.
const CHUNK: usize = 500;
/// The name that our consumer has in the broker.
const CONSUMER_TAG: &str = "analytics-ingest";

/// Consumes our queue.
pub struct Consumer {
    /// Looks up registrations, registers events.
    pub store: Store,
    /// Completes drafts.
    pub enricher: Enricher,
    /// Brings messages to their end.
    pub settler: Settler,
    /// How often a message waits for its registration.
    pub retry_limit: u32,
}

/// A draft and the message that told it.
type Told = (Delivery, Draft);

impl Consumer {
    /// Consumes until we are asked to stop, and then finishes what is under way.
    ///
    /// # Errors
    /// When the channel or the connection ends; all that is unacknowledged will come again.
    pub async fn run(&self, channel: &Channel, config: &AmqpConfig) -> lapin::Result<()> {
        channel
            .basic_qos(config.amqp_prefetch, BasicQosOptions::default())
            .await?;
        let (queue, options) = (
            config.amqp_queue.as_str().into(),
            BasicConsumeOptions::default(),
        );
        let consumer = channel
            .basic_consume(queue, CONSUMER_TAG.into(), options, FieldTable::default())
            .await?;
        let mut chunks = consumer.ready_chunks(CHUNK);
        let mut under_way: JoinSet<lapin::Result<()>> = JoinSet::new();
        loop {
            tokio::select! {
                () = self.settler.shutdown.cancelled() => break,
                Some(settled) = under_way.join_next() => settled_well(settled)?,
                chunk = chunks.next() => {
                    let Some(chunk) = chunk else {
                        return Err(std::io::Error::other("the broker ended the consumer").into());
                    };
                    let deliveries = chunk.into_iter().collect::<lapin::Result<Vec<_>>>()?;
                    self.take(deliveries, &mut under_way).await?;
                }
            }
        }
        channel
            .basic_cancel(CONSUMER_TAG.into(), BasicCancelOptions::default())
            .await?;
        finish(&mut under_way).await
    }

    /// Takes a chunk: everything is settled, or under way, when it returns.
    async fn take(
        &self,
        deliveries: Vec<Delivery>,
        under_way: &mut JoinSet<lapin::Result<()>>,
    ) -> lapin::Result<()> {
        let mut told: Vec<Told> = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            match message::parse(delivery.routing_key.as_str(), &delivery.data) {
                Ok(Message::Happened(draft)) => told.push((delivery, draft)),
                Ok(Message::Published(publication)) => {
                    self.register(&delivery, publication).await?;
                }
                Ok(Message::Foreign) => {
                    metrics::message_ignored();
                    acknowledge(&delivery).await;
                }
                Err(refusal) => self.refuse(&delivery, &refusal).await?,
            }
        }
        let incomplete = self.complete(told, false, under_way).await?;
        if incomplete.is_empty() {
            return Ok(());
        }
        // The registration may be among what is being stored at this moment.
        finish(under_way).await?;
        let incomplete = self.complete(incomplete, false, under_way).await?;
        let is_spent = |told: &Told| attempts(&told.0) >= self.retry_limit;
        let (spent, waiting): (Vec<_>, Vec<_>) = incomplete.into_iter().partition(is_spent);
        for (delivery, _) in waiting {
            self.settler.publisher.retry(&delivery).await?;
            metrics::message_retried();
            acknowledge(&delivery).await;
        }
        for (delivery, _) in self.complete(spent, true, under_way).await? {
            let detail = "registrationId: no such registration has been stored";
            self.settler
                .dead_letter(&delivery, "unknown_registration", detail)
                .await?;
        }
        Ok(())
    }

    async fn register(&self, delivery: &Delivery, publication: Publication) -> lapin::Result<()> {
        let refusal = match self
            .settler
            .held(|| self.store.register(publication.clone()))
            .await
        {
            Ok(None) => return Ok(()),
            Ok(Some(Registered::Now | Registered::Before)) => {
                acknowledge(delivery).await;
                return Ok(());
            }
            Ok(Some(Registered::ElsewhereOwned)) => {
                Refusal::invalid("tenantId", "the event is registered by another tenant")
            }
            Err(_) => {
                Refusal::invalid("body", "the database refuses a value, perhaps the timezone")
            }
        };
        self.refuse(delivery, &refusal).await
    }

    /// Hands what can be completed to the writers; returns what lacks its registration.
    async fn complete(
        &self,
        told: Vec<Told>,
        is_last_try: bool,
        under_way: &mut JoinSet<lapin::Result<()>>,
    ) -> lapin::Result<Vec<Told>> {
        let Some(registrations) = self.registrations(&told).await else {
            return Ok(Vec::new());
        };
        let (mut pending, mut incomplete) = (Vec::with_capacity(told.len()), Vec::new());
        for (delivery, draft) in told {
            let registration = draft
                .followed_registration()
                .and_then(|id| registrations.fitting(id, draft.tenant_id, draft.event_id));
            let completed = self
                .settler
                .held(|| async {
                    let draft = draft.clone();
                    match self
                        .enricher
                        .told_by_platform(draft, registration, is_last_try, clock::now())
                        .await
                    {
                        Err(Refusal::Store(error)) => Err(error),
                        completed => Ok(completed),
                    }
                })
                .await;
            match completed {
                Ok(Some(Ok(Some(fact)))) => {
                    let outcome = self.settler.writers.submit(fact.clone()).await;
                    pending.push(Pending {
                        delivery,
                        fact,
                        outcome,
                    });
                }
                Ok(Some(Ok(None))) => incomplete.push((delivery, draft)),
                Ok(Some(Err(refusal))) => self.refuse(&delivery, &refusal).await?,
                Err(error) => self.refuse(&delivery, &error.into()).await?,
                // Asked to stop: unacknowledged, it goes to somebody else.
                Ok(None) => {}
            }
        }
        if !pending.is_empty() {
            under_way.spawn(self.settler.clone().settle(pending));
        }
        Ok(incomplete)
    }

    /// The stored registrations that `told` follows; `None` if we are asked to stop meanwhile.
    async fn registrations(&self, told: &[Told]) -> Option<Registrations> {
        let ids = told
            .iter()
            .filter_map(|(_, draft)| draft.followed_registration());
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        let found = self
            .settler
            .held(|| self.store.registrations(ids.clone()))
            .await;
        found.unwrap_or_else(|refused| {
            tracing::error!(error = %refused, "looking up registrations failed");
            Some(Registrations::default())
        })
    }

    async fn refuse(&self, delivery: &Delivery, refusal: &Refusal) -> lapin::Result<()> {
        self.settler
            .dead_letter(delivery, refusal.reason(), &refusal.to_string())
            .await
    }
}

/// Waits until all that is under way is settled.
async fn finish(under_way: &mut JoinSet<lapin::Result<()>>) -> lapin::Result<()> {
    while let Some(settled) = under_way.join_next().await {
        settled_well(settled)?;
    }
    Ok(())
}

fn settled_well(settled: Result<lapin::Result<()>, tokio::task::JoinError>) -> lapin::Result<()> {
    settled.unwrap_or_else(|panicked| Err(std::io::Error::other(panicked).into()))
}
