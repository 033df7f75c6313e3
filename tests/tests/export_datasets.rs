//! Every dataset has the same rows in every format, and agrees with the dashboards and the facts that were sent.

mod agreement;
mod recount;

use agreement::Exports;
use analytics_shared::clock;
use analytics_tests::{
    exported::{Exported, objects},
    fact::{Fact, TYPES},
    property,
    world::World,
};
use chrono::{DateTime, Duration, DurationRound, Offset, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use recount::Recount;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

const ZONES: [&str; 4] = [
    "UTC",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
];

/// The steps of a registration.
const STEPS: [&str; 3] = [
    "registration.started",
    "registration.completed",
    "checkin.completed",
];

#[derive(Clone, Debug)]
struct SentFact {
    event: usize,
    event_type: usize,
    /// The time, in seconds before now.
    age: i64,
    registration: Option<u8>,
    visitor: u8,
    is_bot: bool,
}

#[derive(Clone, Debug)]
struct Case {
    facts: Vec<SentFact>,
    own_zone: usize,
    asked_zone: usize,
    one_event: bool,
    /// Whether every fact names its registration.
    all_named: bool,
}

fn cases() -> impl Strategy<Value = Case> {
    let fact = (
        0..2_usize,
        0..TYPES.len(),
        0..4 * 86_400_i64,
        prop::option::weighted(0.8, 0..5_u8),
        0..4_u8,
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(event, event_type, age, registration, visitor, is_bot)| SentFact {
                event,
                event_type,
                age,
                registration,
                visitor,
                is_bot,
            },
        );
    let registrations = prop::collection::vec(registrations(fact.clone()), 0..10);
    let facts = prop::collection::vec(fact, 1..60);
    let zone = 0..ZONES.len();
    (facts, registrations, zone.clone(), zone, any::<[bool; 2]>()).prop_map(
        |(facts, registrations, own_zone, asked_zone, [one_event, all_named])| Case {
            facts: facts.into_iter().chain(registrations.concat()).collect(),
            own_zone,
            asked_zone,
            one_event,
            all_named,
        },
    )
}

/// The facts of one registration, in order.
fn registrations(fact: impl Strategy<Value = SentFact>) -> impl Strategy<Value = Vec<SentFact>> {
    (fact, 6..40_u8, [0..7_200_i64, 0..40_000_i64]).prop_map(|(fact, registration, spans)| {
        let completed = (fact.age - spans[0]).max(0);
        let ages = [fact.age, completed, (completed - spans[1]).max(0)];
        let steps = STEPS.into_iter().zip(ages);
        let facts = steps.map(|(step, age)| SentFact {
            event_type: TYPES.iter().position(|one| *one == step).unwrap(),
            age,
            registration: Some(registration),
            ..fact.clone()
        });
        facts.collect()
    })
}

#[test]
fn every_dataset_agrees_with_a_recount_in_every_format_and_with_dashboards() {
    property::for_all(&cases(), 12, &check);
}

async fn check(world: &World, case: &Case) {
    let tenant = Uuid::now_v7();
    let own_zone = ZONES[case.own_zone];
    let events = [
        world.publish_event(tenant, Some(own_zone)).await,
        world.publish_event(tenant, Some(own_zone)).await,
    ];
    let now = clock::now().trunc_subsecs(0);
    for (n, told) in case.facts.iter().enumerate() {
        let mut told = told.clone();
        if case.all_named {
            told.registration = told.registration.or(Some(5));
        }
        let fact = fact(&told, n, events[told.event], now);
        let service = world.write().of_tenant(tenant).with_role("SERVICE");
        service.track(&fact).await;
    }
    let zone: Tz = ZONES[case.asked_zone].parse().unwrap();
    let (from, to) = (
        (now - Duration::days(2)).with_timezone(&zone).date_naive(),
        now.with_timezone(&zone).date_naive(),
    );
    let event = case.one_event.then_some(events[0]);
    let recount = Recount::of(world, tenant, event, zone, (from, to)).await;
    let ask = json!({"organizationId": tenant, "eventId": event, "dateFrom": from, "dateTo": to,
                     "timezone": zone.name()});
    let facts = in_every_format(world, tenant, &ask, "facts").await;
    assert_eq!(facts.len(), recount.len(), "{ask}");
    let daily = in_every_format(world, tenant, &ask, "daily").await;
    assert_eq!(json!(daily), json!(recount.daily()), "{ask}");
    let registrations = in_every_format(world, tenant, &ask, "registrations").await;
    let recounted = recount.registrations();
    assert_eq!(json!(registrations), json!(recounted), "{ask}");
    for event in event.map_or(events.to_vec(), |event| vec![event]) {
        let exports = Exports::of(event, &daily, &registrations);
        exports.agree_with_dashboard(world, tenant, &ask).await;
        exports
            .agree_with_funnel(world, tenant, &ask, case.all_named)
            .await;
    }
}

fn fact(told: &SentFact, n: usize, event: Uuid, now: DateTime<Utc>) -> Fact {
    let mut properties = json!({"paymentId": format!("p{n}"), "amountCents": 100 * n,
        "currency": if n.is_multiple_of(5) { "USD" } else { "EUR" },
        "visitorId": format!("v{}", told.visitor), "source": format!("s{}", n % 3),
        "ticketTypeName": "V;I,P \"gold\""});
    if let Some(registration) = told.registration {
        properties["registrationId"] = format!("{event}-{registration}").into();
    }
    if told.is_bot {
        properties["robot"] = true.into();
    }
    Fact::new(TYPES[told.event_type], event)
        .id(Uuid::new_v4())
        .at(now - Duration::seconds(told.age))
        .properties(properties)
}

/// The lines of the NDJSON; asserts that the other formats agree.
async fn in_every_format(world: &World, tenant: Uuid, ask: &Value, dataset: &str) -> Vec<Value> {
    let export = async |format: &str, delimiter: Option<&str>| {
        let mut body = ask.clone();
        body["dataset"] = dataset.into();
        body["format"] = format.into();
        body["delimiter"] = delimiter.into();
        let answer = world.read().of_tenant(tenant).post("/export", &body).await;
        let status = answer.status();
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(
            status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&bytes)
        );
        bytes
    };
    let csv = Exported::csv(&export("csv", None).await, b',');
    assert_eq!(
        csv,
        Exported::csv(&export("csv", Some("semicolon")).await, b';')
    );
    assert_eq!(csv, Exported::xlsx(&export("xlsx", None).await));
    let lines = export("ndjson", None).await;
    assert_eq!(csv, Exported::ndjson(&lines, &csv.header));
    objects(&lines)
}

#[tokio::test]
async fn columns_types_and_delimiters_are_as_asked_for_or_refused_by_name() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for event_type in ["page.view", "registration.started"] {
        let fact = Fact::new(event_type, event).source("a|b");
        world.write().track(&fact).await;
    }
    let today = clock::now().date_naive();
    let export = async |more: Value| {
        let mut body = json!({"organizationId": tenant, "dateFrom": today - Duration::days(1),
                              "dateTo": today, "format": "csv"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        world.read().of_tenant(tenant).post("/export", &body).await
    };
    let answer = export(
        json!({"columns": ["source", "eventType"], "delimiter": "pipe",
                               "eventTypes": ["page.view", "newsletter.opened"]}),
    );
    let text = answer.await.text().await.unwrap();
    assert_eq!(text, "source|eventType\r\n\"a|b\"|page.view\r\n");
    for (more, field) in [
        (json!({"columns": ["views"]}), "columns"),
        (json!({"columns": ["id", "id"]}), "columns"),
        (json!({"columns": []}), "columns"),
        (json!({"dataset": "daily", "columns": ["id"]}), "columns"),
        (
            json!({"dataset": "daily", "eventTypes": ["page.view"]}),
            "eventTypes",
        ),
        (json!({"eventTypes": ["Page View"]}), "eventTypes"),
        (json!({"eventTypes": []}), "eventTypes"),
        (
            json!({"format": "ndjson", "delimiter": "comma"}),
            "delimiter",
        ),
        (json!({"delimiter": "x"}), "delimiter"),
        (json!({"dataset": "people"}), "dataset"),
    ] {
        let (status, problem) = analytics_tests::api::problem(export(more.clone()).await).await;
        assert_eq!(
            status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{more}: {problem}"
        );
        assert_eq!(problem["errors"][0]["field"], field, "{more}: {problem}");
    }
    world.end().await;
}

/// The skipped and repeated hours in New York of the past year.
fn clock_changes(zone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |hour: DateTime<Utc>| zone.offset_from_utc_datetime(&hour.naive_utc()).fix();
    let now = clock::now();
    let hours = (1..24 * 300).map(|hours| {
        let hour = now - Duration::hours(hours);
        hour.duration_trunc(Duration::hours(1)).unwrap()
    });
    hours
        .filter(|&hour| offset(hour) != offset(hour - Duration::hours(1)))
        .collect()
}

#[tokio::test]
async fn times_around_a_clock_change_in_new_york_stay_apart() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    let zone: Tz = "America/New_York".parse().unwrap();
    let changes = clock_changes(zone);
    assert!(!changes.is_empty());
    for change in changes {
        // Half an hour before and after the change.
        let told = [-30, 30].map(|minutes| change + Duration::minutes(minutes));
        for at in told {
            let view = Fact::view(event).at(at).visitor("v");
            world.write().of_tenant(tenant).track(&view).await;
        }
        let day = change.with_timezone(&zone).date_naive();
        let ask = json!({"organizationId": tenant, "dateFrom": day, "dateTo": day,
                         "timezone": zone.name()});
        // All formats have the same local times, and the lines have the instants.
        let lines = in_every_format(&world, tenant, &ask, "facts").await;
        for (line, at) in lines.iter().zip(told) {
            let written = line["createdAt"].as_str().unwrap();
            let read = DateTime::parse_from_rfc3339(written).unwrap();
            assert_eq!(read, at);
            assert_eq!(read.offset().fix(), at.with_timezone(&zone).offset().fix());
        }
        assert_eq!(lines.len(), 2);
        let days = in_every_format(&world, tenant, &ask, "daily").await;
        assert_eq!(days.len(), 1);
        assert_eq!(
            (&days[0]["date"], &days[0]["views"]),
            (&json!(day), &json!(2))
        );
        assert_eq!(days[0]["uniqueViews"], 1);
    }
    world.end().await;
}
