//! During an outage of the database, ingest stays ready by the numbers of the chart, and accepts the facts of every
//! event, also of one that the process has not seen. Without a broker it is not ready, and still responds.
//!
//! `OUTAGE_SECONDS` sets the duration of an outage.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use analytics_tests::{
    api::Api,
    fact::Fact,
    faulty::FaultyWorld,
    probe::{Probe, ProbeNumbers},
    proxy::{Mode, Proxy},
    service::Service,
    world::World,
};
use serde_json::Value;
use tokio::time::sleep;
use uuid::Uuid;

use crate::BROKER_PUBLISHES;

/// The duration of an outage, unless `OUTAGE_SECONDS` is set.
const SECONDS: u64 = 15;
/// Events that the process has not seen.
const UNSEEN: usize = 5;
/// The time within which `/readyz` responds, in every state.
const RESPONSE_SECONDS: f64 = 1.0;
/// The time after an outage within which all facts are stored. Connections whose packets were lost are given up after
/// 35 s.
const SETTLING: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn ingest_stays_ready_and_accepts_every_fact_while_the_database_refuses_connections() {
    ingest_stays_ready_and_accepts_every_fact(Mode::Cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ingest_stays_ready_and_accepts_every_fact_while_packets_to_the_database_are_lost() {
    ingest_stays_ready_and_accepts_every_fact(Mode::SwallowRequests).await;
}

async fn ingest_stays_ready_and_accepts_every_fact(mode: Mode) {
    let seconds = std::env::var("OUTAGE_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |seconds| seconds.parse().expect("a number"));
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    let (world, tenant) = (&faulty.world, faulty.tenant);
    let mut events = vec![faulty.event];
    for _ in 0..UNSEEN {
        events.push(world.publish_event(tenant, None).await);
    }
    let (kubelet, strict) = probes(&faulty.ingest);
    faulty.database.set(mode);

    let write = Api::at(&faulty.ingest.url(""));
    let senders = [
        write.anonymous(),
        write.of_user(tenant, Uuid::now_v7()),
        // A user of another tenant, who may look at the page.
        write.of_tenant(Uuid::now_v7()),
        write.with_role("SERVICE"),
    ];
    let (mut sent, started) = (HashMap::<Uuid, i64>::new(), Instant::now());
    while started.elapsed() < Duration::from_secs(seconds) {
        for event in &events {
            for sender in &senders {
                let fact = Fact::view(*event).id(Uuid::now_v7());
                assert_eq!(sender.track(&fact).await.status, "queued");
            }
            let batch = Value::from_iter([Fact::view(*event), Fact::view(*event)]);
            let batch = senders[3].post("/track/batch", &batch).await;
            let receipts: Value = batch.json().await.unwrap();
            assert_eq!(receipts["totals"]["queued"], 2, "{receipts}");
            *sent.entry(*event).or_default() += 2 + i64::try_from(senders.len()).unwrap();
        }
        sleep(Duration::from_millis(100)).await;
    }
    let (status, report) = faulty.ingest.readiness().await;
    assert_eq!(
        (status, &report["status"]),
        (200, &"ready".into()),
        "{report}"
    );
    assert_eq!(report["checks"]["database"]["status"], "degraded");
    faulty.database.set(Mode::Pass);

    let deadline = Instant::now() + SETTLING;
    for (event, number) in sent {
        // One view of the known event is older than the outage.
        let number = number + i64::from(event == faulty.event);
        let stored = format!(
            "SELECT COUNT(*) FROM analytics_service.analytics_events
             WHERE event_id = '{event}' AND tenant_id = '{tenant}'"
        );
        while world.database.number(&stored).await != number {
            let found = world.database.number(&stored).await;
            assert!(Instant::now() < deadline, "{found} of {number} of {event}");
            sleep(Duration::from_millis(200)).await;
        }
    }
    // All views of this client without a user have one visitor; the other is that of the start.
    let visitors = "SELECT COUNT(DISTINCT properties ->> 'visitorId')
                    FROM analytics_service.analytics_events";
    assert_eq!(world.database.number(visitors).await, 2);
    assert_eq!(
        faulty.ingest.until_check("database", "up").await,
        "connected, schema current"
    );
    for (name, probe) in [("kubelet", kubelet), ("strict", strict)] {
        let probed = probe.stop().await;
        println!(
            "{name}: {} probes, the slowest after {:?}",
            probed.probes, probed.slowest
        );
        assert_eq!(
            (probed.unready, &probed.failures[..]),
            (0, &[][..]),
            "{name}"
        );
    }
    faulty.end().await;
}

/// Probes with the numbers of the chart, and more frequent ones that must all succeed within a second.
fn probes(ingest: &Service) -> (Probe, Probe) {
    let strict = ProbeNumbers {
        period_seconds: 0.1,
        timeout_seconds: RESPONSE_SECONDS,
        failure_threshold: 1,
    };
    let url = ingest.management_url("/readyz");
    let chart = ProbeNumbers::of_chart();
    (Probe::start(url.clone(), chart), Probe::start(url, strict))
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_about_events_that_do_not_exist_are_accepted_during_an_outage_and_not_stored() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    faulty.database.set(Mode::Cut);
    let nowhere = Uuid::now_v7();
    let fact = Fact::view(nowhere).id(Uuid::now_v7());
    let anonymous = Api::at(&faulty.ingest.url(""));
    assert_eq!(anonymous.track(&fact).await.status, "queued");
    // The fact of a user is stored in the tenant of the user, as without an outage.
    let (tenant, fact) = (Uuid::now_v7(), Fact::view(nowhere).id(Uuid::now_v7()));
    assert_eq!(
        anonymous.of_tenant(tenant).track(&fact).await.status,
        "queued"
    );
    // The platform's own mistake is a dead letter: no tenant is named.
    let fact = Fact::view(nowhere).id(Uuid::now_v7());
    assert_eq!(faulty.write().track(&fact).await.status, "queued");
    faulty.database.set(Mode::Pass);
    let reason = faulty.world.broker.dead_letter_reason().await;
    assert!(reason.contains("tenantId"), "{reason}");
    faulty.until_empty(".overflow").await;
    let stored = format!(
        "SELECT COUNT(*) FROM analytics_service.analytics_events
         WHERE event_id = '{nowhere}' AND tenant_id = '{tenant}'"
    );
    faulty.world.until(&stored, 1).await;
    let all = "SELECT COUNT(*) FROM analytics_service.analytics_events";
    // With that of the start.
    assert_eq!(faulty.world.database.number(all).await, 2);
    faulty.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_an_outage_is_unready_and_the_shutdown_has_a_bound_nevertheless() {
    let mut world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    assert!(world.ingest.terminate().await.success());
    for mode in [Mode::Stall, Mode::SwallowRequests, Mode::Cut] {
        let (database, url) = Proxy::before(&world.database.ingest_url).await;
        let environment = [
            ("DATABASE_URL", url.as_str()),
            ("DRAIN_SECONDS", "1"),
            ("SHUTDOWN_TIMEOUT_SECONDS", "5"),
        ];
        let mut ingest = Service::start("analytics-ingest", &environment).await;
        let write = Api::at(&ingest.url("")).with_role("SERVICE");
        write.store(&Fact::view(event)).await;
        database.set(mode);
        let fact = Fact::view(event);
        let facts = (0..20).map(|_| write.post("/track", &fact));
        for response in futures_util::future::join_all(facts).await {
            assert_eq!(response.status(), 503, "{mode:?}");
        }
        ingest.until_check("database", "down").await;
        let (asked, (status, report)) = (Instant::now(), ingest.readiness().await);
        assert_eq!(status, 503, "{report}");
        assert!(asked.elapsed().as_secs_f64() < RESPONSE_SECONDS);
        // Facts that wait for the database when the signal comes.
        let (stopped, _) = tokio::join!(
            async {
                let asked = Instant::now();
                let status = ingest.terminate().await;
                assert!(status.success(), "{mode:?}: {status}");
                asked.elapsed()
            },
            write.try_post("/track", &fact)
        );
        // Drain, open requests, and seven seconds to settle.
        assert!(stopped < Duration::from_secs(13), "{mode:?}: {stopped:?}");
        println!("{mode:?}: it ends after {stopped:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readyz_responds_within_a_second_while_nothing_is_known_of_the_database() {
    let world = World::start().await;
    let (database, url) = Proxy::before(&world.database.ingest_url).await;
    database.set(Mode::Stall);
    for name in ["analytics-ingest", "analytics-query"] {
        let service = Service::start_unready(name, &[("DATABASE_URL", &url)]).await;
        let until = Instant::now() + Duration::from_secs(4);
        while Instant::now() < until {
            let asked = Instant::now();
            let (status, report) = service.readiness().await;
            assert_eq!(status, 503, "{report}");
            assert!(asked.elapsed().as_secs_f64() < RESPONSE_SECONDS, "{report}");
            sleep(Duration::from_millis(50)).await;
        }
    }
    world.end().await;
}
