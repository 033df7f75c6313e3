//! People: a browser and the user whom a fact links to it count as one in conversion and funnel, and nowhere else.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

const STARTED: &str = "registration.started";

/// An event of a tenant with some history.
struct Fixture {
    world: World,
    tenant: Uuid,
    event: Uuid,
}

fn user(number: u128) -> Uuid {
    Uuid::from_u128(number + 1)
}

/// Noon, some days ago.
fn noon(days_ago: i64) -> DateTime<Utc> {
    let today = clock::now().date_naive();
    (today - Duration::days(days_ago))
        .and_hms_opt(12, 0, 0)
        .unwrap()
        .and_utc()
}

impl Fixture {
    async fn start() -> Self {
        let world = World::start().await;
        let tenant = Uuid::now_v7();
        let event = world.publish_event(tenant, None).await;
        Self {
            world,
            tenant,
            event,
        }
    }

    /// Views of anonymous browsers.
    async fn view(&self, browsers: std::ops::Range<u128>, source: &str, days_ago: i64) {
        for browser in browsers {
            let view = Fact::view(self.event).at(noon(days_ago));
            let view = view.visitor(format!("browser {browser}")).source(source);
            self.world.write().with_role("SERVICE").store(&view).await;
        }
    }

    /// Started registrations of users who tell under which visitor id they viewed the page.
    async fn begin(&self, people: std::ops::Range<u128>, days_ago: i64) {
        for person in people {
            let start = Fact::new(STARTED, self.event).at(noon(days_ago));
            let start = start.visitor(format!("browser {person}"));
            let caller = self.world.write().of_user(self.tenant, user(person));
            caller.track(&start).await;
        }
    }

    /// A message of the platform about each registration. It names no source.
    async fn tell(&self, key: &str, people: std::ops::Range<u128>, days_ago: i64) {
        let sql = format!(
            "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE event_id = '{}'",
            self.event
        );
        let before = self.world.database.number(&sql).await;
        let number = i64::try_from(people.end - people.start).unwrap();
        for person in people {
            let body = json!({"eventId": self.event, "tenantId": self.tenant, "occurredAt": noon(days_ago),
                "registrationId": format!("r{person}"), "userId": user(person), "ticketTypeName": "Standard"});
            self.world.broker.publish(key, &body).await;
        }
        self.world.until(&sql, before + number).await;
    }

    async fn source(&self, name: &str, query: &str) -> Value {
        let dashboard = self
            .world
            .dashboard_json(self.tenant, self.event, query)
            .await;
        let sources = dashboard["bySource"].as_array().unwrap();
        let source = sources.iter().find(|one| one["source"] == name);
        source.cloned().unwrap_or_default()
    }

    async fn funnel(&self, query: &str) -> Value {
        let path = format!("/events/{}/funnel{query}", self.event);
        self.world.read().of_tenant(self.tenant).read(&path).await
    }

    async fn reached(&self, query: &str) -> Vec<u64> {
        let funnel = self.funnel(query).await;
        let steps = funnel["steps"].as_array().unwrap().iter();
        steps
            .map(|step| step["reached"].as_u64().unwrap())
            .collect()
    }

    /// 50 views from vk, of which 10 people register, 4 of them without a view from vk.
    async fn campaign() -> Self {
        let fixture = Self::start().await;
        fixture.view(0..50, "vk", 3).await;
        fixture.begin(0..6, 3).await;
        fixture.tell("registration.created", 0..10, 2).await;
        fixture.tell("checkin.completed", 0..3, 1).await;
        fixture
    }
}

#[tokio::test]
async fn registrations_without_a_source_are_unknown_and_convert_the_source_of_the_views() {
    let fixture = Fixture::campaign().await;
    let vk = fixture.source("vk", "").await;
    assert_eq!(
        [
            &vk["uniqueViews"],
            &vk["registrations"],
            &vk["convertedVisitors"],
            &vk["conversionRate"]
        ],
        [&json!(50), &json!(0), &json!(6), &json!(0.12)]
    );
    let unknown = fixture.source("unknown", "").await;
    assert_eq!(
        [&unknown["registrations"], &unknown["checkIns"]],
        [&json!(10), &json!(3)]
    );
    assert_eq!(
        [&unknown["convertedVisitors"], &unknown["conversionRate"]],
        [&json!(0), &Value::Null]
    );
    let direct = fixture.source("direct", "").await;
    assert_eq!(
        direct["registrations"],
        json!(null),
        "a start alone is not listed"
    );

    let report = format!("/organizations/{}/report", fixture.tenant);
    let report = fixture
        .world
        .read()
        .of_tenant(fixture.tenant)
        .read(&report)
        .await;
    let sources = report["bySource"].as_array().unwrap();
    let vk = sources.iter().find(|one| one["source"] == "vk").unwrap();
    assert_eq!(vk["convertedVisitors"], 6);
    fixture.world.end().await;
}

#[tokio::test]
async fn the_people_of_each_step_have_taken_all_before_it() {
    let fixture = Fixture::campaign().await;
    assert_eq!(fixture.reached("").await, [50, 6, 6, 3]);
    assert_eq!(fixture.reached("?source=vk").await, [50, 6, 6, 3]);
    assert_eq!(fixture.reached("?source=direct").await, [0, 0, 0, 0]);
    assert_eq!(fixture.reached("?ticketType=Standard").await, [50, 6, 6, 3]);
    assert_eq!(fixture.reached("?ticketType=VIP").await, [50, 6, 0, 0]);
    let funnel = fixture.funnel("").await;
    // Ten registrations of six started ones.
    assert_eq!(funnel["completionRate"], json!(10.0 / 6.0));
    assert_eq!(funnel["basis"], "factsInPeriod");
    assert_eq!(funnel["steps"][1]["reachedRateFromPrevious"], 0.12);
    fixture.world.end().await;
}

#[tokio::test]
async fn a_link_counts_in_the_period_of_its_fact_and_for_a_cohort_up_to_now() {
    let fixture = Fixture::start().await;
    let day = |days_ago| noon(days_ago).date_naive();
    fixture.view(0..4, "vk", 8).await;
    fixture.begin(0..4, 6).await;
    fixture.tell("registration.created", 0..4, 4).await;
    fixture.tell("checkin.completed", 0..2, 2).await;
    let period = |from, to| format!("?dateFrom={}&dateTo={}", day(from), day(to));
    assert_eq!(fixture.reached(&period(8, 4)).await, [4, 4, 4, 0]);
    // Views and registrations without the facts that link them.
    let without_link = format!("{}&timezone=UTC", period(8, 7));
    assert_eq!(fixture.reached(&without_link).await, [4, 0, 0, 0]);
    assert_eq!(fixture.reached(&period(5, 1)).await, [0, 0, 0, 0]);
    let cohort = |from, to| format!("{}&cohort=true", period(from, to));
    assert_eq!(fixture.reached(&cohort(5, 4)).await, [4, 4, 4, 2]);
    assert_eq!(fixture.reached(&cohort(8, 5)).await, [0, 0, 0, 0]);
    let path = format!("/events/{}/funnel?cohort=true&groupBy=day", fixture.event);
    let response = fixture
        .world
        .read()
        .of_tenant(fixture.tenant)
        .get(&path)
        .await;
    assert_eq!(response.status(), 422);
    fixture.world.end().await;
}

#[tokio::test]
async fn compaction_rebuilds_and_other_zones_keep_links_and_forgetting_removes_them() {
    let fixture = Fixture::campaign().await;
    let database = &fixture.world.database;
    let links = format!(
        "SELECT COALESCE(SUM(array_length(links, 1)), 0)::BIGINT FROM analytics_service.event_rollup
         WHERE event_id = '{}'",
        fixture.event
    );
    assert_eq!(database.number(&links).await, 6);
    let tenant = fixture.tenant.to_string();
    let migrate = |arguments: &[&str]| {
        let output = database.migrate(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    migrate(&["verify", "--tenant", &tenant]);
    for query in ["", "?timezone=Asia/Kathmandu"] {
        assert_eq!(fixture.reached(query).await, [50, 6, 6, 3], "{query}");
    }
    migrate(&["rebuild"]);
    assert_eq!(fixture.reached("").await, [50, 6, 6, 3]);
    migrate(&[
        "forget",
        "--tenant",
        &tenant,
        "--user",
        &user(0).to_string(),
    ]);
    migrate(&["forget", "--tenant", &tenant, "--visitor", "browser 1"]);
    migrate(&["verify", "--tenant", &tenant]);
    assert_eq!(database.number(&links).await, 4);
    assert_eq!(fixture.reached("").await, [50, 4, 4, 1]);
    fixture.world.end().await;
}

#[tokio::test]
async fn a_message_and_an_anonymous_page_link_as_far_as_they_name_both() {
    let fixture = Fixture::start().await;
    fixture.view(0..2, "vk", 2).await;
    let body = json!({"eventId": fixture.event, "tenantId": fixture.tenant, "occurredAt": noon(1),
        "registrationId": "r", "userId": user(0), "visitorId": "browser 0"});
    fixture
        .world
        .broker
        .publish("registration.created", &body)
        .await;
    let anonymous = Fact::new(STARTED, fixture.event).id(Uuid::now_v7());
    let anonymous = anonymous.visitor("browser 1");
    fixture.world.write().track(&anonymous).await;
    fixture.world.until_stored(4).await;
    let vk = fixture.source("vk", "").await;
    assert_eq!(vk["convertedVisitors"], 1);
    fixture.world.end().await;
}
