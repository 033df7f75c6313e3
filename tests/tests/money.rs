//! An amount and a currency have one value in every form in which programs write them, over every way in.

use analytics_shared::clock;
use analytics_tests::{api::problem, fact::Fact, process::binary, world::World};
use serde_json::{Value, json};
use uuid::Uuid;

const REVENUE: &str = "SELECT COALESCE(SUM(amount_cents), 0)::BIGINT
    FROM analytics_service.event_rollup WHERE currency = 'RUB'";

fn payment(world_event: Uuid, amount: &Value, currency: &str) -> Value {
    let payment = Fact::new("payment.completed", world_event);
    payment.payment(Uuid::now_v7(), amount, currency).into()
}

fn message(tenant: Uuid, event: Uuid, amount: &Value, currency: &str) -> Value {
    json!({"paymentId": Uuid::now_v7(), "registrationId": Uuid::now_v7(), "tenantId": tenant,
           "eventId": event, "ticketTypeName": "VIP", "amountCents": amount, "currency": currency,
           "occurredAt": clock::now()})
}

#[tokio::test]
async fn an_amount_in_any_form_is_counted_over_every_way_in() {
    // The registrations of the payments are unknown.
    let world = World::start_with(&[("AMQP_MAX_RETRIES", "0")]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let service = world.write().of_service(tenant);
    let forms = [
        (json!(4500), "RUB"),
        (json!("4500"), "rub"),
        (json!(4500.0), "Rub"),
        (json!("4500.00"), " rub "),
        (json!(4.5e3), "RUB"),
    ];
    for (amount, currency) in &forms {
        service.store(&payment(event, amount, currency)).await;
    }
    let batch: Vec<_> = forms
        .iter()
        .map(|(amount, code)| payment(event, amount, code))
        .collect();
    let receipts: Value = service
        .post("/track/batch", &json!(batch))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(receipts["totals"]["stored"], 5, "{receipts}");
    for (amount, currency) in &forms {
        let message = message(tenant, event, amount, currency);
        world.broker.publish("payment.completed", &message).await;
    }
    world.until(REVENUE, 15 * 4500).await;
    // pandas writes a column of integers with a missing one as floating point numbers.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("payments.csv");
    let at = clock::now().to_rfc3339();
    let row = |amount: &str, code: &str| {
        format!(
            "payment.completed,{event},{at},{},{amount},{code}\n",
            Uuid::now_v7()
        )
    };
    let rows = ["4500.0", "4500", "4.5e+03", "\"4500\""]
        .map(|amount| row(amount, "rub"))
        .concat();
    let header = "eventType,eventId,createdAt,paymentId,amountCents,currency\n";
    std::fs::write(&file, format!("{header}{rows}")).unwrap();
    let mut import = tokio::process::Command::new(binary("analytics-ingest"));
    let import = import
        .arg("import")
        .arg(&file)
        .env("DATABASE_URL", &world.database.ingest_url);
    let ended = import.output().await.unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    world.until(REVENUE, 19 * 4500).await;
    world.end().await;
}

#[tokio::test]
async fn what_is_no_amount_is_an_error_that_names_the_field_over_every_way_in() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let service = world.write().of_service(tenant);
    for (amount, currency, field) in [
        (json!(1250.5), "RUB", "amountCents"),
        (json!("1,250"), "RUB", "amountCents"),
        (json!("12.50 RUB"), "RUB", "amountCents"),
        (json!(-1), "RUB", "amountCents"),
        (json!("1e30"), "RUB", "amountCents"),
        (json!({"cents": 1}), "RUB", "amountCents"),
        (json!(true), "RUB", "amountCents"),
        (json!(1250), "roubles", "currency"),
        (json!(1250), "", "currency"),
    ] {
        let fact = payment(event, &amount, currency);
        let (status, body) = problem(service.post("/track", &fact).await).await;
        assert_eq!(status, 422, "{fact}");
        assert_eq!(
            body["errors"][0]["field"],
            format!("properties.{field}"),
            "{fact}"
        );
        let receipts: Value = service
            .post("/track/batch", &json!([fact]))
            .await
            .json()
            .await
            .unwrap();
        let error = &receipts["receipts"][0]["error"];
        assert_eq!(error["field"], format!("properties.{field}"), "{fact}");
        let message = message(tenant, event, &amount, currency);
        world.broker.publish("payment.completed", &message).await;
        let reason = world.broker.dead_letter_reason().await;
        assert!(
            reason.starts_with(&format!("properties.{field}: ")),
            "{message}: {reason}"
        );
    }
    world.until_stored(0).await;
    world.end().await;
}
