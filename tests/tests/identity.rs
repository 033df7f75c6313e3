//! The identity of a fact belongs to its tenant and to the trust in its sender: no caller creates, hides,
//! pre-empts or detects the fact of another.

use std::time::Duration;

use analytics_shared::{auth::Caller, clock};
use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    faulty::verify,
    world::World,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// The namespace of the ids of lifecycle facts from messages.
const LIFECYCLE: Uuid = Uuid::from_u128(0x6a1f_54c0_7d3e_5b8e_9c42_2f0e_8d71_b6a3);
const PAYMENTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events
    WHERE event_type = 'payment.completed'";
/// Roles of the write tier in which organizers may send lifecycle facts.
const WIDENED: [(&str, &str); 1] = [("WRITE_ROLES", "SERVICE,ORGANIZER")];

fn organizer(write: &Api, tenant: Uuid) -> Api {
    write.with(&Caller {
        tenant_id: Some(tenant),
        user_id: Some(Uuid::now_v7()),
        roles: vec!["ORGANIZER".to_owned()],
    })
}

fn registration(tenant: Uuid, event: Uuid, id: Uuid) -> Value {
    json!({"registrationId": id, "eventId": event, "tenantId": tenant, "userId": Uuid::now_v7(),
           "ticketTypeName": "VIP", "occurredAt": clock::now()})
}

fn payment(id: Uuid, registration: Uuid) -> Value {
    json!({"paymentId": id, "registrationId": registration, "amountCents": 49_900,
           "currency": "EUR", "occurredAt": clock::now()})
}

async fn metric(world: &World, line: &str) -> Option<String> {
    let metrics = reqwest::get(world.ingest.management_url("/metrics"))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    let mut lines = metrics.lines();
    lines.find_map(|found| Some(found.strip_prefix(line)?.trim().to_owned()))
}

#[tokio::test]
async fn an_anonymous_sender_cannot_take_the_place_of_a_payment_of_the_platform() {
    let world = World::start().await;
    let (tenant, attacker) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let event_of_attacker = world.publish_event(attacker, None).await;
    let (paid, registered) = (Uuid::now_v7(), Uuid::now_v7());
    // The id that the message will get, with each second of the time in which it may come.
    let name = format!("{tenant}/payment.completed/{paid}");
    let id = Uuid::new_v5(&LIFECYCLE, name.as_bytes());
    let second = DateTime::from_timestamp(clock::now().timestamp(), 0).unwrap();
    for event in [event, event_of_attacker] {
        let views: Value = (0..120)
            .map(|after| {
                let at = second + TimeDelta::seconds(after);
                Value::from(Fact::view(event).id(id).at(at))
            })
            .collect();
        let answer = world.write().post("/track/batch", &views).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["totals"]["stored"], 120, "{answer}");
    }
    let created = registration(tenant, event, registered);
    world.broker.publish("registration.created", &created).await;
    let mut message = payment(paid, registered);
    message["occurredAt"] = json!(second + TimeDelta::seconds(30));
    world.broker.publish("payment.completed", &message).await;
    world.until(PAYMENTS, 1).await;
    let stored = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger
        JOIN analytics_service.analytics_events ON id = fact_id
        WHERE lifecycle_ledger.event_type = 'payment.completed'";
    assert_eq!(world.database.number(stored).await, 1);
    world.end().await;
}

#[tokio::test]
async fn the_same_id_is_another_fact_for_every_tenant_and_trust() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let event_of_stranger = world.publish_event(stranger, None).await;
    let (write, id, now) = (world.write(), Uuid::now_v7(), clock::now());
    let view = |event| Fact::view(event).id(id).at(now);
    let mut ids = Vec::new();
    for (sender, event) in [
        (write.with_role("SERVICE"), event),
        (write.clone(), event),
        (write.clone(), event_of_stranger),
        (write.of_tenant(tenant), event),
        (write.of_tenant(tenant), event_of_stranger),
        (write.of_tenant(stranger), event),
        (write.of_tenant(stranger), event_of_stranger),
        (write.of_tenant(stranger), Uuid::now_v7()),
    ] {
        let receipt = sender.track(&view(event)).await;
        assert_eq!(receipt.status, "stored", "a foreign fact is detected");
        let again = sender.track(&view(event)).await;
        assert_eq!((again.id, again.status.as_str()), (receipt.id, "duplicate"));
        ids.push(receipt.id.unwrap());
    }
    assert_eq!(ids[0], id, "the id of a service is stored as it is sent");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 8);
    // A receipt has the id under which the fact is stored.
    for id in ids {
        let stored =
            format!("SELECT COUNT(*) FROM analytics_service.analytics_events WHERE id = '{id}'");
        assert_eq!(world.database.number(&stored).await, 1);
    }
    world.end().await;
}

#[tokio::test]
async fn a_registration_of_a_user_never_completes_a_message_of_the_platform() {
    let world = World::start_with(&WIDENED).await;
    let (tenant, attacker) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let own_event = world.publish_event(attacker, None).await;
    let registered = Uuid::now_v7();
    let claim = Fact::new("registration.completed", own_event).registration(registered);
    organizer(&world.write(), attacker).store(&claim).await;
    // Before the registration is known, and after.
    let first = payment(Uuid::now_v7(), registered);
    world.broker.publish("payment.completed", &first).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let created = registration(tenant, event, registered);
    world.broker.publish("registration.created", &created).await;
    let second = payment(Uuid::now_v7(), registered);
    world.broker.publish("payment.completed", &second).await;
    world.until(PAYMENTS, 2).await;
    let check_in = json!({"registrationId": registered, "occurredAt": clock::now()});
    world.broker.publish("checkin.completed", &check_in).await;
    world.until_stored(5).await;

    let read = world.read().of_tenant(tenant);
    let report = read.read(&format!("/organizations/{tenant}/report")).await;
    assert_eq!(report["totals"]["revenue"][0]["amountCents"], 99_800);
    assert_eq!(report["totals"]["checkedIn"], 1);
    let read = world.read().of_tenant(attacker);
    let report = read
        .read(&format!("/organizations/{attacker}/report"))
        .await;
    assert_eq!(report["totals"]["revenue"], json!([]));
    assert_eq!(report["totals"]["totalRegistrations"], 1);
    assert_eq!(world.broker.waiting(".dead-letters").await, 0);
    world.end().await;
}

#[tokio::test]
async fn a_message_about_a_registration_that_only_a_user_claims_becomes_a_dead_letter() {
    let world = World::start_with(&WIDENED).await;
    let tenant = Uuid::now_v7();
    let (event, registered) = (world.publish_event(tenant, None).await, Uuid::now_v7());
    let claim = Fact::new("registration.completed", event).registration(registered);
    organizer(&world.write(), tenant).store(&claim).await;
    let message = payment(Uuid::now_v7(), registered);
    world.broker.publish("payment.completed", &message).await;
    world.broker.dead_letter().await;
    assert_eq!(world.database.number(PAYMENTS).await, 0);
    let ignored = "analytics_ingest_ignored_claims_total{reason=\"message\"}";
    assert_eq!(metric(&world, ignored).await.as_deref(), Some("1"));
    assert!(world.ingest.logged().contains("only a user claims"));
    world.end().await;
}

#[tokio::test]
async fn a_fact_of_the_platform_replaces_the_claim_of_a_user_and_is_counted_once() {
    let world = World::start_with(&WIDENED).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let (registered, paid) = (Uuid::now_v7(), Uuid::now_v7());
    let organizer = organizer(&world.write(), tenant);
    let long_ago = clock::now() - TimeDelta::days(30);
    let free = Fact::new("registration.completed", event)
        .registration(registered)
        .property("ticketTypeName", "Free")
        .at(long_ago);
    let unpaid = Fact::new("payment.completed", event)
        .payment(paid, 0, "EUR")
        .registration(registered)
        .at(long_ago);
    organizer.store(&free).await;
    organizer.store(&unpaid).await;
    // Nothing else reports them: they count.
    let dashboard = world.dashboard_json(tenant, event, "").await;
    assert_eq!(dashboard["totalRegistrations"], 1);

    let created = registration(tenant, event, registered);
    world.broker.publish("registration.created", &created).await;
    let message = payment(paid, registered);
    world.broker.publish("payment.completed", &message).await;
    let claims = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger WHERE is_claim";
    let facts = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger WHERE NOT is_claim";
    world.until(facts, 2).await;
    world.until(claims, 0).await;
    assert_platforms(&world, tenant, event).await;

    // Later, the claim changes nothing.
    assert_eq!(organizer.track(&free).await.status, "duplicate");
    assert_eq!(organizer.track(&unpaid).await.status, "duplicate");
    assert_platforms(&world, tenant, event).await;
    for (reason, number) in [("superseded", "2"), ("known", "2")] {
        let ignored = format!("analytics_ingest_ignored_claims_total{{reason=\"{reason}\"}}");
        assert_eq!(
            metric(&world, &ignored).await.as_deref(),
            Some(number),
            "{reason}"
        );
    }
    let log = world.ingest.logged();
    assert!(
        log.contains("deleted claims of users") && log.contains("ignored a user's claim"),
        "{log}"
    );
    verify(&world);
    world.end().await;
}

async fn assert_platforms(world: &World, tenant: Uuid, event: Uuid) {
    let dashboard = world.dashboard_json(tenant, event, "").await;
    assert_eq!(dashboard["totalRegistrations"], 1);
    assert_eq!(dashboard["byTicketType"][0]["ticketTypeName"], "VIP");
    assert_eq!(dashboard["byTicketType"].as_array().unwrap().len(), 1);
    let read = world.read().of_tenant(tenant);
    let report = read.read(&format!("/organizations/{tenant}/report")).await;
    let revenue = &report["totals"]["revenue"];
    assert_eq!(
        (&revenue[0]["amountCents"], &revenue[0]["payments"]),
        (&json!(49_900), &json!(1))
    );
}

/// A fact, and the status and the field or code of its response.
type Case = (Fact, u16, &'static str);

fn restricted(event: Uuid, now: DateTime<Utc>) -> [Case; 9] {
    let view = || Fact::view(event);
    [
        (view().at(now - TimeDelta::minutes(16)), 422, "createdAt"),
        (view().at(now + TimeDelta::minutes(6)), 422, "createdAt"),
        (view().id(Uuid::nil()), 422, "id"),
        (view().registration("r"), 422, "properties.registrationId"),
        (
            view().property("note", "n".repeat(1_024)),
            422,
            "properties",
        ),
        (view().property("source", 5), 422, "properties.source"),
        (view().user(Uuid::now_v7()), 401, "unauthorized"),
        (view().tenant(Uuid::now_v7()), 401, "unauthorized"),
        (Fact::new("checkin.completed", event), 401, "unauthorized"),
    ]
}

#[tokio::test]
async fn a_fact_without_a_token_is_restricted_and_its_errors_do_not_reveal_which_events_exist() {
    let world = World::start().await;
    let registered = world.publish_event(Uuid::now_v7(), None).await;
    let now = clock::now();
    for event in [registered, Uuid::now_v7()] {
        for (fact, status, expected) in restricted(event, now) {
            let (answered, body) = problem(world.write().post("/track", &fact).await).await;
            assert_eq!(answered.as_u16(), status, "{fact}: {body}");
            let field = body["errors"][0]["field"].as_str();
            assert_eq!(
                field.or(body["code"].as_str()),
                Some(expected),
                "{fact}: {body}"
            );
        }
    }
    let stored = "SELECT COUNT(*) FROM analytics_service.analytics_events";
    assert_eq!(world.database.number(stored).await, 0);
    world.end().await;
}

#[tokio::test]
async fn properties_without_a_meaning_are_dropped_without_a_token_and_named_in_the_receipt() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let view = Fact::view(event)
        .at(clock::now() - TimeDelta::minutes(14))
        .properties(json!({
            "source": "newsletter", "visitorId": "v", "ticketTypeName": "VIP", "name": "Ann",
            "birthDate": "2000-01-01", "email": "ann@example.org", "utmSource": "ann@example.org",
        }));
    for (sender, path) in [
        (world.write(), "/track"),
        (world.write(), "/track/batch"),
        // Of another tenant.
        (
            world.write().of_user(Uuid::now_v7(), Uuid::now_v7()),
            "/track",
        ),
    ] {
        let body = if path == "/track" {
            json!(view)
        } else {
            json!([view])
        };
        let answer: Value = sender.post(path, &body).await.json().await.unwrap();
        let receipt = answer.pointer("/receipts/0").unwrap_or(&answer);
        assert_eq!(receipt["status"], "stored", "{answer}");
        let mut dropped: Vec<_> = receipt["droppedProperties"]
            .as_array()
            .unwrap()
            .iter()
            .collect();
        dropped.sort_by_key(|name| name.as_str());
        assert_eq!(dropped, ["birthDate", "email", "name", "utmSource"]);
    }
    let stored = world
        .database
        .rows("SELECT DISTINCT properties FROM analytics_service.analytics_events")
        .await;
    assert_eq!(stored.len(), 1);
    let properties: Value = stored[0].try_get_by_index(0).unwrap();
    let expected = json!({"source": "newsletter", "visitorId": "v", "ticketTypeName": "VIP"});
    assert_eq!(properties, expected);
    let total = metric(&world, "analytics_ingest_dropped_properties_total").await;
    assert_eq!(total.as_deref(), Some("12"));

    // A token of the tenant may send any, except personal data.
    let receipt = world.write().of_tenant(tenant).track(&view).await;
    assert_eq!(receipt.dropped_properties, ["email"]);
    world.end().await;
}

#[tokio::test]
async fn a_visitor_id_never_equals_a_user() {
    let world = World::start().await;
    let (tenant, user) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let view = Fact::view(event);
    world.write().of_user(tenant, user).store(&view).await;
    world.write().store(&view.clone().visitor(user)).await;
    world
        .write()
        .store(&view.visitor(format!("u:{user}")))
        .await;
    assert_eq!(
        world.dashboard_json(tenant, event, "").await["uniqueViews"],
        3
    );
    world.end().await;
}

#[tokio::test]
async fn facts_about_the_event_of_another_tenant_stay_in_the_own_tenant_and_learn_nothing() {
    let world = World::start().await;
    let (owner, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let events = [
        world.publish_event(owner, Some("Asia/Tokyo")).await,
        Uuid::now_v7(),
    ];
    let write = world.write().of_user(stranger, Uuid::now_v7());
    let service = world.write().with_role("SERVICE");
    service.store(&Fact::view(events[0])).await;
    let before = world.dashboard_json(owner, events[0], "").await;
    let hour_ago = clock::now() - TimeDelta::hours(1);
    let mut answers = Vec::new();
    for event in events {
        for fact in [
            Fact::new("newsletter.opened", event),
            Fact::view(event).at(hour_ago),
            Fact::view(event).registration("r"),
            Fact::view(event).tenant(stranger),
        ] {
            assert_eq!(write.track(&fact).await.status, "stored", "{fact}");
        }
        let check_in = Fact::new("checkin.completed", event);
        let (status, refused) = problem(write.post("/track", &check_in).await).await;
        let dashboard = world.dashboard_json(stranger, event, "").await;
        answers.push((
            status,
            refused,
            dashboard["timezone"].clone(),
            dashboard["title"].clone(),
            dashboard["totalViews"].clone(),
        ));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!((&answers[0].2, &answers[0].4), (&json!("UTC"), &json!(3)));
    assert_eq!(world.dashboard_json(owner, events[0], "").await, before);
    verify(&world);
    world.end().await;
}
