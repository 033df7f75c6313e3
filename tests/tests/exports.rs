//! Exports contain every fact, ordered by time, and truncated ones are recognizable.

use analytics_shared::clock;
use analytics_tests::{
    api::Api,
    fact::Fact,
    proxy::{Mode, Proxy},
    service::Service,
    world::World,
};
use futures_util::StreamExt;
use reqwest::Response;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::documents::python;

const COLUMNS: [&str; 12] = [
    "id",
    "createdAt",
    "eventType",
    "eventId",
    "userId",
    "source",
    "ticketTypeId",
    "ticketTypeName",
    "registrationId",
    "amountCents",
    "currency",
    "properties",
];
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn this_month(organization: Uuid, format: &str) -> Value {
    let today = clock::now().date_naive();
    json!({"organizationId": organization, "dateFrom": today - chrono::Duration::days(40),
           "dateTo": today, "format": format})
}

async fn export(world: &World, tenant: Uuid, format: &str) -> Response {
    let answer = world
        .read()
        .of_tenant(tenant)
        .post("/export", &this_month(tenant, format))
        .await;
    assert_eq!(answer.status(), 200);
    answer
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn a_workbook_has_typed_cells_and_a_text_stays_a_text() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Asia/Tokyo")).await;
    let at = clock::now() - chrono::Duration::days(1);
    let write = world.write().of_service(tenant);
    let payment = Fact::new("payment.completed", event)
        .at(at)
        .payment("p-1", 450_000, "RUB")
        .source("=1+1")
        .property("ticketTypeName", "=HYPERLINK(\"http://example.org\")");
    let id = write.track(&payment).await.id;
    let answer = export(&world, tenant, "xlsx").await;
    assert_eq!(header(&answer, "content-type"), XLSX);
    assert!(header(&answer, "content-disposition").starts_with("attachment; filename="));

    let file = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    std::fs::write(&file, answer.bytes().await.unwrap()).unwrap();
    let read = python(&["tests/checks/read_xlsx.py", file.path().to_str().unwrap()]);
    let book: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(book["header"], json!(COLUMNS));
    assert_eq!(book["rows"], 1);
    let row = &book["first"][0];
    assert_eq!(row["id"]["value"], json!(id));
    assert_eq!(row["createdAt"]["type"], "datetime");
    let second = at.format("%Y-%m-%d %H:%M:%S").to_string();
    assert!(
        row["createdAt"]["value"]
            .as_str()
            .unwrap()
            .starts_with(&second),
        "{row}"
    );
    assert_eq!(
        row["amountCents"],
        json!({"value": "450000", "type": "int", "formula": false})
    );
    assert_eq!(
        row["source"],
        json!({"value": "=1+1", "type": "str", "formula": false})
    );
    assert_eq!(row["ticketTypeName"]["formula"], false);
    world.end().await;
}

#[tokio::test]
async fn a_csv_file_has_a_row_for_every_fact_in_the_order_of_time() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let now = clock::now();
    for minutes in [5, 3, 4] {
        let view = Fact::view(event)
            .at(now - chrono::Duration::minutes(minutes))
            .visitor("v")
            .property("note", "with \"quotes\", commas\nand lines");
        world.write().with_role("SERVICE").track(&view).await;
    }
    let custom = json!({"eventType": "newsletter.opened", "createdAt": now});
    world.write().of_tenant(tenant).track(&custom).await;
    let answer = export(&world, tenant, "csv").await;
    assert!(header(&answer, "content-type").starts_with("text/csv"));
    let text = answer.text().await.unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        &csv::StringRecord::from(COLUMNS.to_vec())
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4);
    let times: Vec<_> = rows
        .iter()
        .map(|row| row[1].parse::<chrono::DateTime<chrono::Utc>>().unwrap())
        .collect();
    assert!(times.is_sorted());
    assert_eq!(times[3], now);
    assert_eq!(&rows[3][2], "newsletter.opened");
    let properties: Value = serde_json::from_str(&rows[0][11]).unwrap();
    assert_eq!(properties["note"], "with \"quotes\", commas\nand lines");

    // One event, without the fact that has no event.
    let mut one_event = this_month(tenant, "csv");
    one_event["eventId"] = json!(event);
    let answer = world
        .read()
        .of_tenant(tenant)
        .post("/export", &one_event)
        .await;
    assert_eq!(answer.text().await.unwrap().matches("page.view").count(), 3);
    world.end().await;
}

#[tokio::test]
async fn an_export_whose_facts_break_off_is_no_whole_file() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let facts = format!(
        r"INSERT INTO analytics_service.analytics_events
               (id, tenant_id, event_type, properties, created_at)
           SELECT gen_random_uuid(), '{tenant}', 'newsletter.opened', '{{}}',
                  NOW() - n * INTERVAL '5 seconds'
           FROM generate_series(1, 200000) n"
    );
    world
        .database
        .connection
        .execute_unprepared(&facts)
        .await
        .unwrap();
    let (proxy, through_proxy) = Proxy::before(&world.database.query_url).await;
    let environment = [("DATABASE_URL", through_proxy.as_str())];
    let mut query = Service::start("analytics-query", &environment).await;
    let read = Api::at(&query.url("")).of_tenant(tenant);
    let answer = read.post("/export", &this_month(tenant, "csv")).await;
    let mut body = answer.bytes_stream();
    body.next().await.unwrap().unwrap();
    proxy.set(Mode::Cut);
    let mut last = body.next().await;
    while matches!(last, Some(Ok(_))) {
        last = body.next().await;
    }
    assert!(last.is_some_and(|last| last.is_err()), "it looks whole");
    assert!(query.logged().contains("export truncated"));
    assert!(query.terminate().await.success());
    world.end().await;
}
