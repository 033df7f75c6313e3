//! Excel opens the CSV of an export: it recognizes UTF-8 by a byte order mark, which is an option, and lines end
//! as RFC 4180 says.

use std::fs;

use analytics_shared::clock;
use analytics_tests::{api::problem, fact::Fact, world::World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::documents::python;

const MARK: &[u8] = b"\xef\xbb\xbf";

fn request(tenant: Uuid, more: &Value) -> Value {
    let today = clock::now().date_naive();
    let mut request = json!({"organizationId": tenant, "dateFrom": today - chrono::Days::new(1),
                             "dateTo": today, "format": "csv"});
    request
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn excel_reads_cyrillic_from_a_csv_with_a_byte_order_mark() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let name = "рассылка; «Новости»\nи скидки";
    world
        .write()
        .of_service(tenant)
        .track(&Fact::view(event).property("ticketTypeName", name))
        .await;
    let read = world.read().of_tenant(tenant);
    let export = async |more: Value| {
        let exported = read.post("/export", &request(tenant, &more)).await;
        assert_eq!(exported.status(), 200);
        exported.bytes().await.unwrap()
    };
    for dataset in ["facts", "daily", "registrations"] {
        let plain = export(json!({"dataset": dataset})).await;
        let marked = export(json!({"dataset": dataset, "bom": true})).await;
        assert_eq!([MARK, &plain[..]].concat(), marked, "{dataset}");
        assert_eq!(
            export(json!({"dataset": dataset, "bom": false})).await,
            plain
        );
    }
    // Every line of the file ends with CR LF; a line break within a cell stays as it is.
    let text = String::from_utf8(
        export(json!({"delimiter": "semicolon", "bom": true}))
            .await
            .to_vec(),
    )
    .unwrap();
    assert_eq!(text.matches("\r\n").count(), 2, "{text}");
    assert!(text.ends_with("\r\n"), "{text}");
    assert!(text.contains("\"рассылка; «Новости»\nи скидки\""), "{text}");
    // As a program reads it that looks at the mark.
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    fs::write(&file, &text).unwrap();
    let script = "import csv, sys; rows = list(csv.DictReader(open(sys.argv[1], encoding='utf-8-sig', newline=''), \
                  delimiter=';')); print(rows[0]['id'][8] + rows[0]['ticketTypeName'], end='')";
    let printed = python(&["-c", script, file.path().to_str().unwrap()]);
    assert_eq!(printed, format!("-{name}"));

    let (status, body) = problem(
        read.post(
            "/export",
            &request(tenant, &json!({"format": "xlsx", "bom": true})),
        )
        .await,
    )
    .await;
    assert_eq!(
        (status.as_u16(), &body["errors"][0]["field"]),
        (422, &json!("bom"))
    );
    world.end().await;
}
