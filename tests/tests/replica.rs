//! The read tier may be pointed at a streaming replica, with a login that cannot write.

use std::time::{Duration, Instant};

use analytics_shared::{clock, database::TierRole};
use analytics_tests::{
    api::Api,
    broker::Broker,
    database::connect_as,
    fact::Fact,
    replica::Pair,
    service::Service,
    stack::Stack,
    watch::Watch,
    world::{World, start_ingest},
};
use chrono_tz::Europe::Berlin;
use reqwest::StatusCode;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};
use uuid::Uuid;

async fn track(write: &Api, event: Uuid, kind: &str, days_ago: i64) {
    let at = clock::now() - chrono::Duration::days(days_ago);
    let fact = Fact::new(kind, event)
        .id(Uuid::new_v4())
        .at(at)
        .registration(Uuid::now_v7())
        .visitor(Uuid::now_v7())
        .payment(Uuid::now_v7(), 900, "EUR")
        .property("ticketTypeName", "VIP")
        .source("newsletter");
    write.store(&fact).await;
}

/// The login itself, without what the read tier asks of a connection.
async fn login(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_read_tier_answers_all_from_a_replica_with_a_login_that_cannot_write() {
    let Pair { database, standby } = Pair::start().await;
    let (primary_url, replica_url) = (database.query_url.clone(), standby.query_url.clone());
    for url in [&primary_url, &replica_url] {
        cannot_write(url).await;
    }

    let broker = Broker::connect(&Stack::from_env().amqp_url).await;
    let on_primary = [("DATABASE_URL", primary_url.as_str())];
    let on_replica = [("DATABASE_URL", replica_url.as_str())];
    let (ingest, query, mut replica) = tokio::join!(
        start_ingest(&database.ingest_url, &broker.url, &broker),
        Service::start("analytics-query", &on_primary),
        Service::start("analytics-query", &on_replica),
    );
    let world = World {
        ingest,
        query,
        database,
        broker,
    };
    let ready = reqwest::get(replica.management_url("/readyz"))
        .await
        .unwrap();
    assert_eq!(ready.status(), StatusCode::OK);

    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some(Berlin.name())).await;
    let write = world.write().with_role("SERVICE");
    for (kind, days_ago) in [
        ("page.view", 3),
        ("page.view", 0),
        ("registration.started", 2),
        ("registration.completed", 2),
        ("registration.completed", 1),
        ("registration.cancelled", 1),
        ("payment.completed", 1),
        ("checkin.completed", 0),
    ] {
        track(&write, event, kind, days_ago).await;
    }
    standby.until_caught_up(&world.database).await;
    let here = world.read().of_tenant(tenant);
    let there = Api::at(&replica.url("")).of_tenant(tenant);
    same_answers(&here, &there, tenant, event).await;

    let mut watch = Watch::open(&there, event, None).await;
    assert_eq!(watch.figures().await.1["checkedIn"], 1);
    track(&write, event, "checkin.completed", 0).await;
    let stored = Instant::now();
    let (_, figures) = watch.until(|figures| figures["checkedIn"] == 2).await;
    let took = stored.elapsed();
    println!("told through the replica after {took:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(figures["today"]["checkIns"], 2);

    drop(watch);
    let log = replica.logged();
    assert!(replica.terminate().await.success());
    assert!(!log.contains("ERROR"), "{log}");
    world.end().await;
}

/// Whatever can be asked is answered by the same bytes.
async fn same_answers(here: &Api, there: &Api, tenant: Uuid, event: Uuid) {
    for path in [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/dashboard?granularity=week&compare=previous&source=newsletter"),
        format!("/events/{event}/dashboard?timezone=America/New_York"),
        format!("/events/{event}/funnel"),
        format!("/events/{event}/funnel?timezone=Asia/Kolkata"),
        format!("/organizations/{tenant}/report"),
        format!("/organizations/{tenant}/report?timezone=Asia/Kolkata&compare=previous"),
    ] {
        let expected = here.read(&path).await;
        let registrations = [
            &expected["totalRegistrations"],
            &expected["registrationCompleted"],
            &expected["totals"]["totalRegistrations"],
        ];
        let registrations = registrations.into_iter().find_map(Value::as_u64);
        assert_eq!(registrations, Some(2), "{path}: {expected}");
        assert_eq!(there.read(&path).await, expected, "{path}");
    }
    // The export's days are those of the event's zone, where it may be tomorrow already.
    let today = clock::now().with_timezone(&Berlin).date_naive();
    let from = today - chrono::Days::new(9);
    for format in ["csv", "xlsx"] {
        let asked = json!({"eventId": event, "organizationId": tenant, "format": format,
                           "dateFrom": from, "dateTo": today});
        let expected = export(here, &asked).await;
        assert_eq!(export(there, &asked).await, expected, "{format}");
    }
}

/// The rows of an export.
async fn export(api: &Api, asked: &Value) -> Vec<String> {
    let answer = api.post("/export", asked).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let bytes = answer.bytes().await.unwrap();
    rows(asked["format"].as_str().unwrap(), &bytes)
}

/// The rows of a file, of which there are eight and a header.
fn rows(format: &str, bytes: &[u8]) -> Vec<String> {
    let rows: Vec<String> = if format == "csv" {
        let text = std::str::from_utf8(bytes).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    } else {
        use calamine::Reader;
        let file = std::io::Cursor::new(bytes.to_vec());
        let mut workbook = calamine::Xlsx::new(file).unwrap();
        let sheet = workbook.worksheet_range("Facts").unwrap();
        sheet.rows().map(|row| format!("{row:?}")).collect()
    };
    assert_eq!(rows.len(), 9, "{rows:?}");
    rows
}

async fn cannot_write(url: &str) {
    let writes = [
        "INSERT INTO analytics_service.event_day_versions (tenant_id, event_id, day)
         VALUES (gen_random_uuid(), gen_random_uuid(), CURRENT_DATE)",
        "DELETE FROM analytics_service.analytics_events",
        "CREATE TABLE analytics_service.mine (id INT)",
    ];
    let tier = connect_as(TierRole::Query, url).await;
    let login = login(url).await;
    let read = "SELECT FROM analytics_service.event_day_versions";
    tier.execute_unprepared(read).await.unwrap();
    login.execute_unprepared(read).await.unwrap();
    for write in writes {
        for refused in [
            tier.execute_unprepared(write).await,
            login.execute_unprepared(write).await,
        ] {
            let refused = refused.expect_err(write).to_string();
            let reasons = ["permission denied", "read-only transaction"];
            let is_refused = reasons.iter().any(|reason| refused.contains(reason));
            assert!(is_refused, "{write}: {refused}");
        }
    }
    tier.close().await.unwrap();
    login.close().await.unwrap();
}
