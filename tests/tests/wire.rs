//! Samples of the platform's messages are processed, and no personal data is stored.

use analytics_shared::clock;
use analytics_tests::{response::TicketType, world::World};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

const TENANT: Uuid = Uuid::from_u128(0x9b1d_7d1e_8f57_4f5e_bb57_6a2a_54d0_c7a3);
const EVENT: Uuid = Uuid::from_u128(0x5f0c_2a54_7c1e_4a57_9d3f_0b8a_1f6e_2c11);
/// The personal data of the samples, which must not be stored: names, address and confirmation code.
const PERSONAL: [&str; 5] = [
    "Sample",
    "Attendee",
    "attendee@example.org",
    "K7PX2Q",
    "cannot come",
];

/// A sample, with its times moved into the retention period.
fn sample(name: &str) -> Value {
    let path = format!("{}/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let mut message = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    if let Value::String(inner) = &message {
        let mut unwrapped = serde_json::from_str(inner).unwrap();
        move_times(&mut unwrapped);
        return unwrapped.to_string().into();
    }
    move_times(&mut message);
    message
}

fn move_times(message: &mut Value) {
    let written: DateTime<Utc> = "2026-11-21T00:00:00Z".parse().unwrap();
    let days = Duration::days((clock::now() - written).num_days());
    for value in message.as_object_mut().unwrap().values_mut() {
        if let Some(time) = value
            .as_str()
            .and_then(|text| text.parse::<DateTime<Utc>>().ok())
        {
            *value = (time + days)
                .to_rfc3339_opts(SecondsFormat::AutoSi, true)
                .into();
        }
    }
}

#[tokio::test]
async fn the_life_of_the_sample_registration_is_counted_and_nothing_personal_stays() {
    let world = World::start().await;
    for key in [
        "event.published",
        "registration.created",
        "registration.created.as-string",
        "registration.cancelled",
        "payment.completed",
        "checkin.completed",
    ] {
        world
            .broker
            .publish(key.trim_end_matches(".as-string"), &sample(key))
            .await;
    }
    world.until_stored(4).await;

    let dashboard = world.dashboard(TENANT, EVENT, "").await;
    assert_eq!(
        dashboard.title.as_deref(),
        Some("Autumn Systems Conference")
    );
    assert_eq!(dashboard.timezone, "Europe/Moscow");
    assert_eq!(dashboard.total_registrations, 1);
    assert_eq!(dashboard.confirmed_registrations, 0);
    assert_eq!(dashboard.checked_in, 1);
    let standard = TicketType {
        source: None,
        ticket_type_id: None,
        ticket_type_name: Some("Standard".to_owned()),
        registrations: 1,
        cancellations: 1,
        check_ins: 1,
    };
    assert_eq!(dashboard.by_ticket_type, [standard]);
    let report = world
        .read()
        .of_tenant(TENANT)
        .read(&format!("/organizations/{TENANT}/report"))
        .await;
    assert_eq!(report["totals"]["cancellations"], 1);
    let revenue = json!([{"currency": "RUB", "amountCents": 450_000, "payments": 1,
                          "refundedCents": 0, "refunds": 0}]);
    assert_eq!(report["totals"]["revenue"], revenue);
    assert_eq!(report["events"][0]["revenue"], revenue);

    let dump = world.database.dump().await;
    assert!(
        dump.contains("Autumn Systems Conference"),
        "the dump shows what is stored"
    );
    let logs = world.ingest.logged() + &world.query.logged();
    for personal in PERSONAL {
        assert!(!dump.contains(personal), "{personal} is in the database");
        assert!(!logs.contains(personal), "{personal} is in the logs");
    }
    world.end().await;
}

#[tokio::test]
async fn json_in_a_json_string_is_a_registration_like_any_other() {
    let world = World::start().await;
    world
        .broker
        .publish(
            "registration.created",
            &sample("registration.created.as-string"),
        )
        .await;
    world.until_stored(1).await;
    assert_eq!(
        world.dashboard(TENANT, EVENT, "").await.total_registrations,
        1
    );
    world.end().await;
}
