//! The queries of `docs/SQL.md`, run by a login of a BI tool, return the figures of the API.

use std::collections::BTreeMap;

use analytics_shared::clock;
use analytics_tests::{bi_login::BiLogin, fact::Fact, world::World};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

const DOCUMENT: &str = include_str!("../../docs/SQL.md");
const PENDING: &str =
    "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE rollup_timezone IS NULL";
const COMPACTED: &str = "SELECT COUNT(*) FROM analytics_service.event_rollup
    WHERE level > 0 AND event_type = 'page.view' AND count > 1";
const APPENDED: &str = "SELECT COUNT(*) FROM analytics_service.event_rollup WHERE level = 0";

/// The queries by their headings.
fn queries() -> BTreeMap<&'static str, &'static str> {
    let (_, queries) = DOCUMENT.split_once("\n## Queries\n").unwrap();
    let sections = queries.split("\n### ").skip(1);
    let query = |section: &'static str| {
        let (heading, text) = section.split_once('\n').unwrap();
        let (_, text) = text.split_once("```sql\n").unwrap();
        (heading, text.split_once("```").unwrap().0)
    };
    sections.map(query).collect()
}

/// An organization with an event in Berlin and one in Los Angeles.
struct Organization<'a> {
    world: &'a World,
    tenant: Uuid,
    berlin: Uuid,
    los_angeles: Uuid,
    /// Noon in UTC of the first day with facts.
    noon: DateTime<Utc>,
}

impl<'a> Organization<'a> {
    async fn new(world: &'a World) -> Self {
        let tenant = Uuid::now_v7();
        let berlin = world.publish_event(tenant, Some("Europe/Berlin")).await;
        let los_angeles = world
            .publish_event(tenant, Some("America/Los_Angeles"))
            .await;
        world.until(PENDING, 0).await;
        let day = clock::now().date_naive() - Days::new(5);
        Self {
            world,
            tenant,
            berlin,
            los_angeles,
            noon: day.and_hms_opt(12, 0, 0).unwrap().and_utc(),
        }
    }

    /// A period with all facts, whatever the zone.
    fn period(&self) -> (NaiveDate, NaiveDate) {
        let first = self.noon.date_naive();
        (first - Days::new(1), first + Days::new(3))
    }

    async fn send(&self, event_type: &str, event: Uuid, hours: i64, properties: Value) {
        let fact = Fact::new(event_type, event)
            .tenant(self.tenant)
            .at(self.noon + Duration::hours(hours))
            .properties(properties);
        let service = self.world.write().with_role("SERVICE");
        service.store(&fact).await;
    }

    async fn view(&self, event: Uuid, hours: i64, visitor: &str, source: &str) {
        let properties = json!({"visitorId": visitor, "source": source});
        self.send("page.view", event, hours, properties).await;
    }

    /// Facts on both sides of midnight in each zone.
    async fn send_facts(&self) {
        // Consecutive batches with the same key, whose rows compaction merges.
        for visitor in 0..10 {
            let visitor = format!("visitor-{visitor}");
            self.view(self.berlin, 0, &visitor, "newsletter").await;
        }
        self.world.until(COMPACTED, 1).await;
        for (event, hours, visitor, source) in [
            // The same key as the compacted row.
            (self.berlin, 1, "visitor-0", "newsletter"),
            (self.berlin, 1, "visitor-10", "newsletter"),
            // 23:00 in UTC is the next day in Berlin, and the same day in Los Angeles.
            (self.berlin, 11, "visitor-1", "direct"),
            (self.los_angeles, 11, "visitor-1", "direct"),
            (self.los_angeles, 30, "visitor-2", "social"),
            (self.los_angeles, 30, "visitor-20", "social"),
            (self.berlin, 30, "visitor-21", "direct"),
        ] {
            self.view(event, hours, visitor, source).await;
        }
        for (number, (hours, visitor)) in [(2, "visitor-3"), (12, "visitor-4"), (12, "visitor-30")]
            .into_iter()
            .enumerate()
        {
            let registration = format!("registration-{number}");
            let properties = json!({"registrationId": registration, "visitorId": visitor});
            self.send("registration.completed", self.berlin, hours, properties)
                .await;
            let properties = json!({"registrationId": registration, "amountCents": 1_000 + number,
                "paymentId": format!("payment-{number}"), "currency": "EUR"});
            self.send("payment.completed", self.berlin, hours, properties)
                .await;
        }
    }

    /// The rows of the query below `heading`, read by a login of the organization.
    async fn query(
        &self,
        heading: &str,
        (first_day, last_day): (NaiveDate, NaiveDate),
    ) -> Vec<Value> {
        let mut sql = queries()[heading].trim().trim_end_matches(';').to_owned();
        for (name, value) in [
            ("event", self.berlin.to_string()),
            ("first_day", first_day.to_string()),
            ("last_day", last_day.to_string()),
            ("currency", "EUR".to_owned()),
        ] {
            sql = sql.replace(&format!(":'{name}'"), &format!("'{value}'"));
        }
        let login = BiLogin::create(&self.world.database, self.tenant);
        rows(&login.connect().await, &sql).await
    }

    /// The number in `column` of a query with one row.
    async fn number(&self, heading: &str, column: &str, period: (NaiveDate, NaiveDate)) -> Value {
        let rows = self.query(heading, period).await;
        assert_eq!(rows.len(), 1, "{heading}");
        rows[0][column].clone()
    }

    async fn dashboard(&self, (from, to): (NaiveDate, NaiveDate)) -> Value {
        let query = format!("?dateFrom={from}&dateTo={to}");
        self.world
            .dashboard_json(self.tenant, self.berlin, &query)
            .await
    }

    async fn report(&self, (from, to): (NaiveDate, NaiveDate)) -> Value {
        let tenant = self.tenant;
        let path = format!("/organizations/{tenant}/report?dateFrom={from}&dateTo={to}");
        self.world.read().of_tenant(tenant).read(&path).await
    }
}

async fn rows(connection: &DatabaseConnection, sql: &str) -> Vec<Value> {
    let json = format!("SELECT to_jsonb(found)::TEXT FROM ({sql}) AS found");
    let statement = Statement::from_string(DbBackend::Postgres, json);
    let rows = connection.query_all_raw(statement).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let texts = rows.iter().map(|row| row.try_get_by_index::<String>(0));
    texts
        .map(|text| serde_json::from_str(&text.unwrap()).unwrap())
        .collect()
}

/// The sums of a field by a key, without those that are 0.
fn by_key(rows: &[Value], key: &str, number: &str) -> BTreeMap<String, i64> {
    let mut numbers = BTreeMap::new();
    for row in rows {
        *numbers.entry(row[key].to_string()).or_default() += row[number].as_i64().unwrap();
    }
    numbers.retain(|_, number| *number != 0);
    numbers
}

#[tokio::test]
async fn documented_queries_find_the_distinct_visitors_of_dashboard_and_report() {
    let world = World::start().await;
    let organization = Organization::new(&world).await;
    organization.send_facts().await;
    assert!(world.database.number(COMPACTED).await >= 1);
    assert!(world.database.number(APPENDED).await >= 1);
    let period = organization.period();
    let day = organization.noon.date_naive();

    let unique = "unique_visitors";
    for (period, expected) in [
        (period, 12),
        ((day, day), 11),
        ((day + Days::new(1), period.1), 2),
    ] {
        let dashboard = organization.dashboard(period).await;
        assert_eq!(dashboard["uniqueViews"], expected, "{period:?}");
        let heading = "Unique visitors of an event";
        let found = organization.number(heading, unique, period).await;
        assert_eq!(found, expected, "{period:?}");
    }

    let heading = "Unique visitors of an event by source";
    let sources = by_key(&organization.query(heading, period).await, "source", unique);
    let dashboard = organization.dashboard(period).await;
    let by_source = dashboard["bySource"].as_array().unwrap();
    assert_eq!(sources, by_key(by_source, "source", "uniqueViews"));
    assert_eq!(sources["\"newsletter\""], 11);

    let heading = "Unique visitors of an organization";
    let report = organization.report(period).await;
    assert_eq!(report["totals"]["uniqueViews"], 13);
    assert_eq!(organization.number(heading, unique, period).await, 13);
    world.end().await;
}

#[tokio::test]
async fn documented_queries_find_the_registrations_revenue_and_hours_of_the_dashboard() {
    let world = World::start().await;
    let organization = Organization::new(&world).await;
    organization.send_facts().await;
    let period = organization.period();
    let dashboard = organization.dashboard(period).await;

    let days = organization
        .query("Registrations and revenue by day", period)
        .await;
    let by_day = dashboard["byDay"].as_array().unwrap();
    let registrations = by_key(&days, "day", "registrations");
    assert_eq!(registrations, by_key(by_day, "date", "registrations"));
    // One before midnight in Berlin, and two after it.
    assert!(registrations.values().eq([&1, &2]));
    let revenue: i64 = by_key(&days, "day", "revenue_cents").values().sum();
    assert_eq!(revenue, 3_003);
    assert_eq!(dashboard["revenue"][0]["amountCents"], revenue);

    let days = organization.query("Figures by day", period).await;
    let fields = [
        ("views", "views"),
        ("unique_views", "uniqueViews"),
        ("registrations", "registrations"),
        ("cancellations", "cancellations"),
        ("check_ins", "checkIns"),
    ];
    for (column, field) in fields {
        assert_eq!(
            by_key(&days, "day", column),
            by_key(by_day, "date", field),
            "{column}"
        );
    }

    let heading = "Page views by hour of the day";
    let hours = organization.query(heading, period).await;
    let by_hour = dashboard["byHour"].as_array().unwrap();
    assert_eq!(
        by_key(&hours, "hour", "views"),
        by_key(by_hour, "hour", "views")
    );

    let heading = "Visitors who viewed and registered";
    let both = organization.number(heading, "viewed_and_registered", period);
    assert_eq!(both.await, 2);
    world.end().await;
}

#[test]
fn every_query_of_the_document_has_a_heading_of_its_own() {
    assert_eq!(queries().len(), DOCUMENT.matches("```sql").count());
}
