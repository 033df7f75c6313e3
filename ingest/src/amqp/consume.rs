//! Receiving chunks of deliveries and finding out what each of them says.

use std::sync::Arc;

use analytics_shared::{clock, fact::Fact};
use futures_util::{StreamExt, stream};
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};

use super::{
    message::{self, Message},
    overflow,
    publish::attempts,
    settle::{Pending, Settler},
    told::{Said, Told},
    topology::Topology,
    under_way::UnderWay,
};
use crate::{
    enrich::{Draft, Enricher, Refusal, fill_in},
    metrics::{self, Way},
    store::{EventPublished, Registration, Registrations, Store, Upsert},
};

/// Deliveries that are looked at together.
const CHUNK: usize = 1_000;

/// Consumes our queue, and that of facts that we kept.
pub struct Consumer {
    /// Looks up registrations, registers events.
    pub store: Store,
    /// Completes drafts.
    pub enricher: Enricher,
    /// Brings messages to their end.
    pub settler: Settler,
    /// The names of the queues.
    pub topology: Topology,
    /// Messages that the broker hands us of each queue before we acknowledge them.
    pub prefetch: u16,
    /// How often a message waits for its registration.
    pub retry_limit: u32,
}

impl Consumer {
    /// Consumes until we are asked to stop, and then finishes what is under way.
    ///
    /// # Errors
    /// When the channel or the connection ends; all that is unacknowledged will come again.
    pub async fn run(&self, channel: &Channel) -> lapin::Result<()> {
        channel
            .basic_qos(self.prefetch, BasicQosOptions::default())
            .await?;
        let mut consumers = Vec::new();
        for queue in [&self.topology.queue, &self.topology.overflow] {
            // The consumer is named by its queue.
            let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
            let (queue, name) = (queue.as_str().into(), queue.as_str().into());
            let consuming = channel.basic_consume(queue, name, options, arguments);
            // One that ends is an error, though the other goes on.
            let ended =
                stream::once(async { Err(std::io::Error::other("a consumer ended").into()) });
            consumers.push(consuming.await?.chain(ended).boxed());
        }
        let mut chunks = stream::select_all(consumers).ready_chunks(CHUNK);
        let mut under_way = UnderWay::default();
        loop {
            tokio::select! {
                () = self.settler.hold.over() => break,
                deferred = under_way.next_settled(), if !under_way.is_empty() => {
                    self.look_again(deferred?, &mut under_way).await?;
                }
                chunk = chunks.next() => {
                    let chunk = chunk.unwrap_or_default();
                    let deliveries = chunk.into_iter().collect::<lapin::Result<Vec<_>>>()?;
                    self.take(deliveries, &mut under_way).await?;
                }
            }
            self.settler.acknowledger.tell().await;
        }
        for queue in [&self.topology.queue, &self.topology.overflow] {
            let options = BasicCancelOptions::default();
            channel.basic_cancel(queue.as_str().into(), options).await?;
        }
        under_way.finish().await?;
        self.settler.acknowledger.tell_all().await;
        Ok(())
    }

    /// Takes a chunk: everything is settled, under way, or deferred when it returns.
    async fn take(&self, deliveries: Vec<Delivery>, under_way: &mut UnderWay) -> lapin::Result<()> {
        let mut told: Vec<Told> = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            match self.read(&delivery) {
                Ok(Message::Happened(said)) => told.push(Told { delivery, said }),
                Ok(Message::Published(publication)) => {
                    self.register(&delivery, publication).await?;
                }
                Ok(Message::Foreign) => {
                    metrics::message_ignored();
                    self.settler.acknowledger.settle(&delivery).await;
                }
                Err(refusal) => self.refuse(&delivery, &refusal).await?,
            }
        }
        let incomplete = self.complete(told, false, under_way).await?;
        if under_way.is_empty() {
            return self.look_again(incomplete, under_way).await;
        }
        // The registration may be among what is being stored at this moment.
        under_way.defer(incomplete);
        Ok(())
    }

    /// Takes what lacked its registration once all is settled that came before it. What lacks it
    /// still waits in the broker, or becomes a dead letter.
    async fn look_again(&self, deferred: Vec<Told>, under_way: &mut UnderWay) -> lapin::Result<()> {
        let incomplete = self.complete(deferred, false, under_way).await?;
        let is_spent = |told: &Told| attempts(&told.delivery) >= self.retry_limit;
        let (spent, waiting): (Vec<_>, Vec<_>) = incomplete.into_iter().partition(is_spent);
        for Told { delivery, .. } in waiting {
            self.settler.publisher.retry(&delivery).await?;
            metrics::message_retried();
            self.settler.acknowledger.settle(&delivery).await;
        }
        for Told { delivery, .. } in self.complete(spent, true, under_way).await? {
            let detail = "registrationId: no such registration has been stored";
            self.settler
                .dead_letter(&delivery, "unknown_registration", detail)
                .await?;
        }
        Ok(())
    }

    async fn register(
        &self,
        delivery: &Delivery,
        publication: EventPublished,
    ) -> lapin::Result<()> {
        let refusal = match self
            .settler
            .hold
            .held(|| self.store.register(&publication))
            .await
        {
            Ok(None) => return Ok(()),
            Ok(Some(Upsert::Applied | Upsert::Stale)) => {
                self.settler.acknowledger.settle(delivery).await;
                return Ok(());
            }
            Ok(Some(Upsert::Conflict)) => {
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
        under_way: &mut UnderWay,
    ) -> lapin::Result<Vec<Told>> {
        if told.is_empty() {
            return Ok(told);
        }
        let Some(registrations) = self.registrations(&told).await else {
            return Ok(Vec::new());
        };
        let (mut pending, mut incomplete) = (Vec::with_capacity(told.len()), Vec::new());
        for Told { delivery, said } in told {
            let registration = said.registration(&registrations);
            let draft = match said {
                Said::Draft(draft) => draft,
                Said::Kept(mut fact) => {
                    fill_in(&mut fact, registration);
                    pending.push(self.hand_over(delivery, Way::Overflow, fact).await);
                    continue;
                }
            };
            match self.completed(&draft, registration, is_last_try).await {
                Some(Ok(Some(fact))) => {
                    pending.push(self.hand_over(delivery, Way::Amqp, fact).await);
                }
                Some(Ok(None)) => incomplete.push(Told {
                    delivery,
                    said: Said::Draft(draft),
                }),
                Some(Err(refusal)) => self.refuse(&delivery, &refusal).await?,
                // Asked to stop: unacknowledged, it goes to somebody else.
                None => {}
            }
        }
        if !pending.is_empty() {
            under_way.spawn(self.settler.clone().settle(pending));
        }
        Ok(incomplete)
    }

    /// The fact that a draft tells, if it is complete; `None` if we are asked to stop meanwhile.
    async fn completed(
        &self,
        draft: &Draft,
        registration: Option<&Registration>,
        is_last_try: bool,
    ) -> Option<Result<Option<Fact>, Refusal>> {
        let held = self.settler.hold.held(|| async {
            let completing = self.enricher.told_by_platform(
                draft.clone(),
                registration,
                is_last_try,
                clock::now(),
            );
            match completing.await {
                Err(Refusal::Store(error)) => Err(error),
                completed => Ok(completed),
            }
        });
        match held.await {
            Ok(completed) => completed,
            Err(refused) => Some(Err(refused.into())),
        }
    }

    async fn hand_over(&self, delivery: Delivery, way: Way, fact: Fact) -> Pending {
        let row = Arc::new(fact.into());
        let outcome = self.settler.writers.submit(Arc::clone(&row)).await;
        Pending {
            delivery,
            way,
            row,
            outcome,
        }
    }

    fn read(&self, delivery: &Delivery) -> Result<Message, Refusal> {
        let key = delivery.routing_key.as_str();
        if key == self.topology.overflow {
            let fact = overflow::read(&delivery.data)?;
            return Ok(Message::Happened(Said::Kept(fact)));
        }
        message::parse(key, &delivery.data)
    }

    /// The stored registrations that `told` follows; `None` if we are asked to stop meanwhile.
    async fn registrations(&self, told: &[Told]) -> Option<Registrations> {
        let ids = told
            .iter()
            .filter_map(|told| told.said.followed_registration());
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        let found = self
            .settler
            .hold
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
