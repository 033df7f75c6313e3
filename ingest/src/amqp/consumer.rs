//! Consumption of the queues: receives chunks of deliveries, completes their facts and submits them.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    future, io,
};

use analytics_shared::clock;
use futures_util::{Stream, StreamExt, stream};
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use opentelemetry::{Context, context::FutureExt};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use uuid::Uuid;

use super::{
    delivery::{
        body,
        parsed_delivery::{ParsedDelivery, Payload, split_by_registration},
        span::start_processing,
    },
    message::{self, Message},
    overflow,
    publisher::attempts,
    settler::{MessageOrigin, Settler},
    topology::Topology,
};
use crate::{
    enrich::{
        apply_registration,
        enricher::Enricher,
        error::FactError,
        message::{EnrichedMessage, enrich_message},
        properties::changes::PropertyChanges,
    },
    limits::event_values::EventValues,
    metrics::{self, RejectionReason, Transport},
    pipeline::in_flight::InFlight,
    store::{
        database::Store,
        error::StoreError,
        lookup::registrations::Registrations,
        registry::{EventPublished, Upsert},
    },
};

/// The maximum number of deliveries in a chunk.
const CHUNK_DELIVERIES: usize = 2_000;

/// The chunks in flight, and the messages that lack their registration.
type Chunks = InFlight<lapin::Result<()>, ParsedDelivery>;

/// Consumes the service's queue and its overflow queue.
pub struct Consumer {
    /// Looks up registrations and registers events.
    pub store: Store,
    /// Enriches facts.
    pub enricher: Enricher,
    /// Limits the values of facts that waited without an attribution.
    pub values: EventValues,
    /// Settles messages.
    pub settler: Settler,
    /// The names of the queues.
    pub topology: Topology,
    /// The maximum number of unacknowledged messages of each queue.
    pub prefetch: u16,
    /// The maximum number of times that a message waits for its registration.
    pub max_retries: u32,
}

impl Consumer {
    /// Consumes until shutdown, and then settles the messages in flight. Fails when the channel or the
    /// connection ends; the broker then delivers all unacknowledged messages again.
    pub async fn run(&self, channel: &Channel) -> lapin::Result<()> {
        channel
            .basic_qos(self.prefetch, BasicQosOptions::default())
            .await?;
        let mut consumers = Vec::new();
        for queue in [&self.topology.queue, &self.topology.overflow] {
            // The consumer tag is the name of the queue.
            let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
            let (queue, tag) = (queue.as_str().into(), queue.as_str().into());
            let consuming = channel.basic_consume(queue, tag, options, arguments);
            // The end of one consumer is an error, although the other continues.
            let ended = stream::once(async { Err(io::Error::other("a consumer ended").into()) });
            consumers.push(consuming.await?.chain(ended).boxed());
        }
        let (sender, received) = mpsc::unbounded_channel();
        tokio::select! {
            never = self.receive(stream::select_all(consumers), sender) => match never {},
            ended = self.process_received(channel, received) => ended,
        }
    }

    /// Receives deliveries as they arrive, also while none is processed, so that the metrics count all that the
    /// broker has sent: at most the prefetch limit of each queue.
    async fn receive(
        &self,
        mut deliveries: impl Stream<Item = lapin::Result<Delivery>> + Unpin,
        sender: UnboundedSender<lapin::Result<Delivery>>,
    ) -> Infallible {
        while let Some(delivery) = deliveries.next().await {
            if let Ok(delivery) = &delivery {
                self.settler.acknowledger.receive(delivery);
            }
            // The receiver lives as long as this future.
            let _ = sender.send(delivery);
        }
        future::pending().await
    }

    /// Processes deliveries until shutdown, and then settles the messages in flight.
    async fn process_received(
        &self,
        channel: &Channel,
        mut received: UnboundedReceiver<lapin::Result<Delivery>>,
    ) -> lapin::Result<()> {
        let (mut in_flight, mut chunk) = (Chunks::default(), Vec::new());
        loop {
            tokio::select! {
                () = self.settler.submitter.retry.cancelled() => break,
                Some(settled) = in_flight.next() => {
                    settled.map_err(io::Error::other)??;
                    let ready = in_flight.take_ready();
                    self.process_deferred(ready, &mut in_flight).await?;
                }
                _ = received.recv_many(&mut chunk, CHUNK_DELIVERIES), if in_flight.has_capacity() => {
                    let deliveries = chunk.drain(..).collect::<lapin::Result<Vec<_>>>()?;
                    self.process(deliveries, &mut in_flight).await?;
                }
            }
            self.settler.acknowledger.flush().await;
        }
        for queue in [&self.topology.queue, &self.topology.overflow] {
            let options = BasicCancelOptions::default();
            channel.basic_cancel(queue.as_str().into(), options).await?;
        }
        while let Some(settled) = in_flight.next().await {
            settled.map_err(io::Error::other)??;
        }
        self.settler.acknowledger.flush_all().await;
        Ok(())
    }

    /// Processes a chunk: afterwards each message is settled, in flight, or deferred.
    async fn process(
        &self,
        deliveries: Vec<Delivery>,
        in_flight: &mut Chunks,
    ) -> lapin::Result<()> {
        let mut parsed = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            let context = self.start_span(&delivery);
            let message = self.parse(&delivery).with_context(context.clone());
            match message.await {
                Ok(Message::Fact(payload)) => parsed.push(ParsedDelivery {
                    delivery,
                    payload,
                    context,
                }),
                Ok(Message::Published(event)) => {
                    self.register(&delivery, event)
                        .with_context(context)
                        .await?;
                }
                Ok(Message::Unhandled) => {
                    metrics::message_ignored();
                    self.settler.acknowledger.settle(&delivery).await;
                }
                Err(error) => self.reject(&delivery, &error).with_context(context).await?,
            }
        }
        // Their look-up would not find the registrations before the others are stored.
        let (children, others) = split_by_registration(parsed);
        let mut incomplete = self.submit(others, false, in_flight).await?;
        incomplete.extend(children);
        if in_flight.is_empty() {
            return self.process_deferred(incomplete, in_flight).await;
        }
        // The registration may be in flight.
        in_flight.defer(incomplete);
        Ok(())
    }

    /// Processes messages that lacked their registration. If it is still missing, a message goes to the
    /// delayed-retry queue, and after the last retry becomes a fact without the registration's data,
    /// or a dead letter.
    async fn process_deferred(
        &self,
        deferred: Vec<ParsedDelivery>,
        in_flight: &mut Chunks,
    ) -> lapin::Result<()> {
        let incomplete = self.submit(deferred, false, in_flight).await?;
        let is_exhausted =
            |message: &ParsedDelivery| attempts(&message.delivery) >= self.max_retries;
        let (exhausted, waiting): (Vec<_>, Vec<_>) = incomplete.into_iter().partition(is_exhausted);
        for message in waiting {
            let ParsedDelivery {
                delivery, context, ..
            } = message;
            let retrying = self.settler.publisher.retry(&delivery);
            retrying.with_context(context).await?;
            metrics::message_retried();
            self.settler.acknowledger.settle(&delivery).await;
        }
        for message in self.submit(exhausted, true, in_flight).await? {
            let ParsedDelivery {
                delivery, context, ..
            } = message;
            let detail = "registrationId: no such registration is stored";
            self.settler
                .dead_letter(&delivery, RejectionReason::UnknownRegistration, detail)
                .with_context(context)
                .await?;
        }
        Ok(())
    }

    /// Registers an event. A time zone that the database does not know must not cost the event.
    async fn register(&self, delivery: &Delivery, mut event: EventPublished) -> lapin::Result<()> {
        let retry = &self.settler.submitter.retry;
        let mut registered = retry.retry(|| self.store.register(&event)).await;
        if matches!(registered, Err(StoreError::InvalidData(_)))
            && let Some(zone) = event.timezone.take()
        {
            tracing::warn!(event = %event.event_id, zone, "the database does not know the time zone");
            metrics::properties_dropped(1);
            registered = retry.retry(|| self.store.register(&event)).await;
        }
        let error = match registered {
            // On shutdown the message stays unacknowledged.
            Ok(None) => return Ok(()),
            Ok(Some(Upsert::Applied | Upsert::Stale)) => {
                self.settler.acknowledger.settle(delivery).await;
                return Ok(());
            }
            Ok(Some(Upsert::Conflict)) => {
                FactError::invalid("tenantId", "the event is registered by another tenant")
            }
            Err(_) => FactError::invalid("body", "the database rejects a value"),
        };
        self.reject(delivery, &error).await
    }

    /// Submits the complete facts; returns the messages that lack their registration. On shutdown, messages
    /// stay unacknowledged.
    async fn submit(
        &self,
        parsed: Vec<ParsedDelivery>,
        is_last_attempt: bool,
        in_flight: &mut Chunks,
    ) -> lapin::Result<Vec<ParsedDelivery>> {
        if parsed.is_empty() {
            return Ok(parsed);
        }
        let Some((known, tenants)) = self.look_up(&parsed).await? else {
            return Ok(Vec::new());
        };
        let now = clock::now();
        let (mut facts, mut incomplete) = (Vec::with_capacity(parsed.len()), Vec::new());
        for message in parsed {
            let registration = message.child().parent_registration(&known);
            if is_last_attempt && registration.is_none() {
                message.count_claim(&known);
            }
            let ParsedDelivery {
                delivery,
                payload,
                context,
            } = message;
            let origin = |delivery, transport, context| MessageOrigin {
                delivery,
                transport,
                context,
            };
            match payload {
                Payload::Overflow(mut fact) => {
                    apply_registration(&mut fact, registration);
                    facts.push((origin(delivery, Transport::Overflow, context), fact));
                }
                Payload::Unattributed(fact) => {
                    let is_trusted = fact.reporter.is_service();
                    match overflow::attribute(fact, &tenants, &known, &self.values).await {
                        Ok(fact) => {
                            facts.push((origin(delivery, Transport::Overflow, context), fact));
                        }
                        Err(error) if is_trusted => {
                            self.reject(&delivery, &error).with_context(context).await?;
                        }
                        Err(error) => {
                            // Anyone can send such facts: as dead letters they would fill the queue.
                            metrics::rejected(Transport::Overflow, error.reason());
                            self.settler.acknowledger.settle(&delivery).await;
                        }
                    }
                }
                Payload::Incoming(incoming) => {
                    match enrich_message(incoming, registration, &tenants, is_last_attempt, now) {
                        Ok(EnrichedMessage::Complete(fact)) => {
                            facts.push((origin(delivery, Transport::Amqp, context), fact));
                        }
                        Ok(EnrichedMessage::Incomplete(incoming)) => {
                            let payload = Payload::Incoming(incoming);
                            incomplete.push(ParsedDelivery {
                                delivery,
                                payload,
                                context,
                            });
                        }
                        Err(error) => {
                            self.reject(&delivery, &error).with_context(context).await?;
                        }
                    }
                }
            }
        }
        // Submitted without other waits in between, so that the facts of a chunk share batches.
        let mut pending = Vec::with_capacity(facts.len());
        for (origin, fact) in facts {
            let context = origin.context.clone();
            let submitting = self.settler.submitter.submit(origin, fact);
            pending.push(submitting.with_context(context).await);
        }
        if !pending.is_empty() {
            in_flight.spawn(self.settler.clone().settle(pending));
        }
        Ok(incomplete)
    }

    /// Returns the stored registrations of `parsed`, and the tenants of the registered events; `None` on
    /// shutdown.
    async fn look_up(
        &self,
        parsed: &[ParsedDelivery],
    ) -> lapin::Result<Option<(Registrations, HashMap<Uuid, Uuid>)>> {
        let retry = &self.settler.submitter.retry;
        let children = || parsed.iter().map(ParsedDelivery::child);
        let ids = children().filter_map(|child| child.parent_registration_id());
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        let registrations = retry.retry(|| self.store.registrations(ids.clone()));
        let Some(known) = registrations.await.map_err(io::Error::other)? else {
            return Ok(None);
        };
        let events = children().filter_map(|child| {
            let registered = || child.parent_registration(&known)?.event_id;
            child.event_id().or_else(registered)
        });
        let events: HashSet<Uuid> = events.collect();
        let tenants = retry.retry(|| self.enricher.registered_tenants(events.clone()));
        let tenants = tenants.await.map_err(io::Error::other)?;
        Ok(tenants.map(|tenants| (known, tenants)))
    }

    /// Begins the span of a message; none of one that is ignored, whose routing key may be anything.
    fn start_span(&self, delivery: &Delivery) -> Context {
        let key = delivery.routing_key.as_str();
        if key == self.topology.overflow {
            start_processing(delivery, key)
        } else if message::is_handled(key) {
            start_processing(delivery, &self.topology.queue)
        } else {
            Context::new()
        }
    }

    async fn parse(&self, delivery: &Delivery) -> Result<Message, FactError> {
        let key = delivery.routing_key.as_str();
        if key == self.topology.overflow {
            return Ok(Message::Fact(overflow::parse(&delivery.data)?));
        }
        if !message::is_handled(key) {
            return Ok(Message::Unhandled);
        }
        let (message, changes) = message::parse(key, &body::decompress(delivery).await?)?;
        if !changes.is_empty() {
            let PropertyChanges { dropped, cut } = &changes;
            tracing::warn!(
                key,
                ?dropped,
                ?cut,
                "fields are not stored as they are sent"
            );
            changes.count();
        }
        Ok(message)
    }

    async fn reject(&self, delivery: &Delivery, error: &FactError) -> lapin::Result<()> {
        self.settler
            .dead_letter(delivery, error.reason(), &error.to_string())
            .await
    }
}
