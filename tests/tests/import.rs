//! An import stores each fact of its files once, also if it is stopped and repeated.

mod accounting;
mod compressed;
mod file_forms;
mod lists;
mod rejected;
mod round_trip;
mod stopped;

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
};

use analytics_shared::clock;
use analytics_tests::{fact::Fact, process::binary, response::Revenue, world::World};
use chrono::Duration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use uuid::Uuid;

const FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events";

/// The working directory of an import, with its files.
struct Folder(TempDir);

/// The result of an import.
struct Ended {
    status: ExitStatus,
    printed: String,
    logged: String,
}

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    fn start(&self, database: &str, arguments: &[&str]) -> Child {
        Command::new(binary("analytics-ingest"))
            .arg("import")
            .args(arguments)
            .current_dir(self.0.path())
            .env("DATABASE_URL", database)
            .env_remove("AMQP_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    async fn import(&self, world: &World, arguments: &[&str]) -> Ended {
        ended(self.start(&world.database.ingest_url, arguments)).await
    }

    /// The same, without rejected rows.
    async fn import_all(&self, world: &World, arguments: &[&str]) -> Ended {
        let ended = self.import(world, arguments).await;
        assert!(ended.status.success(), "{}{}", ended.printed, ended.logged);
        ended
    }
}

impl Ended {
    /// A number of the summary.
    fn rows(&self, what: &str) -> u64 {
        let mut lines = self.printed.lines();
        let number = lines.find_map(|line| line.strip_prefix(what)?.trim().parse().ok());
        number.unwrap_or_else(|| panic!("no {what}: {}{}", self.printed, self.logged))
    }

    fn outcome(&self) -> [u64; 5] {
        ["read", "stored", "duplicate", "flagged", "rejected"].map(|what| self.rows(what))
    }
}

async fn ended(import: Child) -> Ended {
    let output = import.wait_with_output().await.unwrap();
    Ended {
        status: output.status,
        printed: String::from_utf8(output.stdout).unwrap(),
        logged: String::from_utf8(output.stderr).unwrap(),
    }
}

fn ndjson(facts: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let lines = facts.into_iter().map(|fact| format!("{fact}\n"));
    lines.collect()
}

fn verify(world: &World) {
    let output = tokio::task::block_in_place(|| world.database.migrate(&["verify"]));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
}

/// The facts of an event: 40 views by 10 people, 6 registrations, 2 of them cancelled, 3 check-ins and 3
/// payments. Half of the views have ids.
fn story(event: Uuid) -> Vec<Fact> {
    let begin = clock::now() - Duration::days(3);
    let mut facts = Vec::new();
    let mut tell = |kind: &str, minute: i64, properties: Value| {
        facts.push(
            Fact::new(kind, event)
                .at(begin + Duration::minutes(minute))
                .properties(properties),
        );
    };
    for view in 0..40 {
        let visitor = format!("browser-{}", view % 10);
        let properties = json!({"visitorId": visitor, "source": "newsletter"});
        tell("page.view", view, properties);
    }
    let registrations: Vec<Uuid> = (0..6).map(|_| Uuid::now_v7()).collect();
    for (registration, minute) in registrations.iter().zip(50..) {
        let properties = json!({"registrationId": registration, "ticketTypeId": "vip",
            "ticketTypeName": "VIP", "source": "newsletter"});
        tell("registration.completed", minute, properties);
    }
    for registration in &registrations[..2] {
        tell(
            "registration.cancelled",
            60,
            json!({"registrationId": registration}),
        );
    }
    for registration in &registrations[3..] {
        tell(
            "checkin.completed",
            70,
            json!({"registrationId": registration}),
        );
        let properties = json!({"registrationId": registration, "paymentId": registration,
            "amountCents": 2_500, "currency": "EUR"});
        tell("payment.completed", 55, properties);
    }
    for view in facts.iter_mut().take(20) {
        view["id"] = Uuid::now_v7().to_string().into();
    }
    facts
}

async fn assert_told(world: &World, tenant: Uuid, event: Uuid) {
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.views(), [40, 10]);
    assert_eq!(dashboard.total_registrations, 6);
    assert_eq!(dashboard.confirmed_registrations, 4);
    assert_eq!(dashboard.checked_in, 3);
    // Facts that follow a registration have its ticket type and source.
    let mut tickets = dashboard.by_ticket_type.iter();
    let vip = tickets.find(|row| row.ticket_type_id.as_deref() == Some("vip"));
    let vip = vip.expect("the ticket type");
    assert_eq!(
        [vip.registrations, vip.cancellations, vip.check_ins],
        [6, 2, 3]
    );
    let sources: Vec<_> = dashboard.by_source.iter().map(|one| &one.source).collect();
    assert_eq!(sources, ["newsletter"]);
    let euros = Revenue {
        currency: "EUR".to_owned(),
        amount_cents: 7_500,
        payments: 3,
        refunded_cents: 0,
        refunds: 0,
    };
    assert_eq!(world.report(tenant, "").await.totals.revenue, [euros]);
    verify(world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_imported_twice_is_stored_once() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    folder.write("facts.ndjson", ndjson(story(event)));
    let first = folder.import_all(&world, &["facts.ndjson"]).await;
    assert_eq!(first.outcome(), [54, 54, 0, 0, 0]);
    assert_told(&world, tenant, event).await;
    let again = folder.import_all(&world, &["facts.ndjson"]).await;
    assert_eq!(again.outcome(), [54, 0, 54, 0, 0]);
    assert_told(&world, tenant, event).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_in_a_file_makes_no_difference() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let mut facts = story(event);
    facts.reverse();
    folder.write("facts.jsonl", ndjson(&facts));
    let ended = folder.import_all(&world, &["facts.jsonl"]).await;
    assert_eq!(ended.rows("stored"), 54);
    assert_told(&world, tenant, event).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_rows_of_a_file_are_different_facts_and_a_row_of_two_files_is_one() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let at = |minutes| {
        let time = clock::now() - Duration::minutes(minutes);
        Fact::view(event).at(time)
    };
    let (early, late) = (at(9), at(5));
    folder.write("a.ndjson", ndjson([&early, &late, &late, &late]));
    folder.write("b.ndjson", ndjson([&late, &late, &at(1)]));
    let ended = folder.import_all(&world, &["a.ndjson", "b.ndjson"]).await;
    assert_eq!(ended.outcome(), [7, 5, 2, 0, 0]);
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, 5);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_with_a_mapping_tells_the_same_facts_as_ndjson() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let facts = story(event);
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record([
        "id",
        "kind",
        "event_id",
        "timestamp",
        "visitor_id",
        "source",
        "registrationId",
        "ticketTypeId",
        "properties.ticketTypeName",
        "payment",
        "amount_cents",
        "currency",
        "e-mail",
    ])
    .unwrap();
    for fact in &facts {
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let of = |name: &str| text(&fact["properties"][name]);
        csv.write_record([
            text(&fact["id"]),
            text(&fact["eventType"]),
            text(&fact["eventId"]),
            text(&fact["createdAt"]),
            of("visitorId"),
            of("source"),
            of("registrationId"),
            of("ticketTypeId"),
            of("ticketTypeName"),
            of("paymentId"),
            of("amountCents"),
            of("currency"),
            "a@b.c".to_owned(),
        ])
        .unwrap();
    }
    let csv = csv.into_inner().unwrap();
    let tsv = String::from_utf8(csv.clone()).unwrap().replace(',', "\t");
    folder.write("facts.csv", &csv);
    folder.write("facts.tsv", tsv);
    folder.write("facts.ndjson", ndjson(&facts));
    let maps = [
        "--map",
        "event_type=kind",
        "--map",
        "createdAt=timestamp",
        "--map",
        "payment_id=payment",
    ];
    let ended = folder
        .import_all(&world, &[&["facts.csv"][..], &maps].concat())
        .await;
    assert_eq!(ended.rows("stored"), 54);
    assert!(
        ended.logged.contains("e-mail"),
        "what is left out is said: {}",
        ended.logged
    );
    assert_told(&world, tenant, event).await;
    let ended = folder.import_all(&world, &["facts.ndjson"]).await;
    assert_eq!(ended.rows("duplicate"), 54);
    let ended = folder
        .import_all(&world, &[&["facts.tsv"][..], &maps].concat())
        .await;
    assert_eq!(ended.rows("duplicate"), 54);
    let mail = "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE properties::TEXT LIKE '%a@b.c%'";
    assert_eq!(world.database.number(mail).await, 0);
    world.end().await;
}
