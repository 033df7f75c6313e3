//! The queries of the Grafana dashboard, run by the login of its data source, return the figures of the API.

use analytics_shared::clock;
use analytics_tests::{bi_login::BiLogin, fact::Fact, world::World};
use chrono::Duration;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

const DASHBOARD: &str =
    include_str!("../../helm/analytics-service/dashboards/ticketing-event.json");

/// The rows of a query, with the variables and macros of Grafana replaced.
async fn rows(login: &DatabaseConnection, sql: &str, event: Uuid) -> Vec<Value> {
    let time = |days_ago| {
        format!(
            "'{}'",
            (clock::now() - Duration::days(days_ago)).to_rfc3339()
        )
    };
    let sql = sql
        .replace("${event}", &event.to_string())
        .replace("$__timeFrom()", &time(89))
        .replace("$__timeTo()", &time(-1));
    assert!(!sql.contains('$'), "an unknown variable: {sql}");
    let sql = format!("SELECT to_jsonb(row) AS row FROM ({sql}) AS row");
    let statement = Statement::from_string(DbBackend::Postgres, sql.clone());
    let rows = login.query_all_raw(statement).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}\n{error}"));
    rows.iter()
        .map(|row| row.try_get("", "row").unwrap())
        .collect()
}

/// Views from two sources, of which a user registers, pays and comes.
async fn send_facts(world: &World, tenant: Uuid, event: Uuid) {
    let noon = clock::now() - Duration::days(2);
    let user = Uuid::now_v7();
    let visit = |kind: &str, visitor: &str, source: &str| {
        Fact::new(kind, event)
            .tenant(tenant)
            .at(noon)
            .visitor(visitor)
            .source(source)
    };
    let of_registration = |kind: &str| {
        let fact = Fact::new(kind, event).tenant(tenant).at(noon).user(user);
        fact.properties(
            json!({"registrationId": "r", "ticketTypeName": "VIP", "paymentId": "p",
                               "amountCents": 4_500, "currency": "EUR"}),
        )
    };
    let facts = [
        visit("page.view", "a", "vk"),
        visit("page.view", "b", "vk"),
        visit("page.view", "c", "mail"),
        visit("registration.started", "a", "vk").user(user),
        of_registration("registration.completed"),
        of_registration("payment.completed"),
        of_registration("checkin.completed"),
    ];
    for (number, fact) in facts.into_iter().enumerate() {
        // Of an equal view, the second would be another.
        let at = noon + Duration::milliseconds(i64::try_from(number).unwrap());
        world.write().with_role("SERVICE").store(&fact.at(at)).await;
    }
}

#[tokio::test]
async fn every_panel_of_the_dashboard_has_the_figures_of_the_api() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    let other = Uuid::now_v7();
    let other_event = world.publish_event(other, None).await;
    send_facts(&world, tenant, event).await;
    send_facts(&world, other, other_event).await;
    let login = BiLogin::create(&world.database, tenant);
    let login = login.connect().await;

    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let events = variables.iter().find(|one| one["name"] == "event").unwrap();
    let events = rows(&login, events["query"].as_str().unwrap(), event).await;
    assert_eq!(events.len(), 1, "events of other organizations are hidden");
    assert_eq!(events[0]["__value"], json!(event));

    let expected = [
        ("Views", json!([{"views": 3}])),
        ("Visitors", json!([{"visitors": 3}])),
        ("Registrations", json!([{"registrations": 1}])),
        ("Cancellations", json!([{"cancellations": 0}])),
        ("Check-ins", json!([{"check_ins": 1}])),
        ("Conversion", json!([{"conversion": 1.0 / 3.0}])),
        (
            "Funnel",
            json!([{"views": 3, "started": 1, "registrations": 1, "check_ins": 1}]),
        ),
        (
            "Sources",
            json!([{"source": "vk", "views": 2, "visitors": 2, "registrations": null},
                   {"source": "mail", "views": 1, "visitors": 1, "registrations": null},
                   {"source": "unknown", "views": null, "visitors": 0, "registrations": 1}]),
        ),
        (
            "Ticket types",
            json!([{"ticket_type": "VIP", "registrations": 1, "cancellations": 0, "check_ins": 1}]),
        ),
        (
            "Revenue",
            json!([{"currency": "EUR", "payments": 1, "paid": 45, "refunds": 0, "refunded": 0}]),
        ),
    ];
    let mut checked = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        let sql = panel["targets"][0]["rawSql"].as_str().unwrap();
        let found = rows(&login, sql, event).await;
        match expected.iter().find(|(name, _)| *name == title) {
            Some((_, expected)) => {
                assert_eq!(&Value::from(found), expected, "{title}");
                checked += 1;
            }
            // One day, and one hour.
            None => assert_eq!((found.len(), &found[0]["views"]), (1, &json!(3)), "{title}"),
        }
        assert!(
            rows(&login, sql, other_event)
                .await
                .iter()
                .all(|row| !row.to_string().contains("vk"))
        );
    }
    assert_eq!(checked, expected.len());
    let api = world.dashboard_json(tenant, event, "").await;
    assert_eq!(
        (&api["totalViews"], &api["uniqueViews"]),
        (&json!(3), &json!(3))
    );
    world.end().await;
}
