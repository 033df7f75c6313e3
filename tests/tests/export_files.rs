//! Exported files open in spreadsheet programs, with correct types, counts and sums.

use std::{
    fs,
    path::{Path, PathBuf},
};

use analytics_shared::clock;
use analytics_tests::{exported::Exported, fact::Fact, spreadsheet, world::World};
use calamine::{Reader as _, Xlsx, open_workbook};
use chrono::Duration;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::documents::python;

/// A text that a spreadsheet would execute as a formula.
const FORMULA: &str = "=1+1";
const PAYMENTS: [i64; 3] = [450_000, 12_345, 5];

async fn tell(world: &World, tenant: Uuid, event: Uuid) {
    let write = world.write().of_tenant(tenant).with_role("SERVICE");
    let at = clock::now() - Duration::days(1);
    for (n, cents) in PAYMENTS.into_iter().enumerate() {
        let minutes = Duration::minutes(i64::try_from(n).unwrap());
        for event_type in ["page.view", "registration.completed", "payment.completed"] {
            let fact = Fact::new(event_type, event)
                .id(Uuid::new_v4())
                .at(at + minutes)
                .source(FORMULA)
                .visitor("v")
                .registration(format!("r{n}"))
                .payment(format!("p{n}"), cents, "EUR");
            write.store(&fact).await;
        }
    }
}

async fn export(
    world: &World,
    tenant: Uuid,
    folder: &TempDir,
    dataset: &str,
    format: &str,
) -> PathBuf {
    let today = clock::now().date_naive();
    let body = json!({"organizationId": tenant, "dateFrom": today - Duration::days(2),
                      "dateTo": today, "format": format, "dataset": dataset});
    let answer = world.read().of_tenant(tenant).post("/export", &body).await;
    assert_eq!(answer.status(), 200);
    let path = folder.path().join(format!("{dataset}.{format}"));
    fs::write(&path, answer.bytes().await.unwrap()).unwrap();
    path
}

/// Opens a file in `LibreOffice`, which computes it and writes its rows as CSV.
fn through_libreoffice(file: &Path, to: &TempDir) -> Exported {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let converted = if file.extension().unwrap() == "xlsx" {
        let sheet = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        spreadsheet::save_rows_as_csv(file, to.path(), &sheet)
    } else {
        spreadsheet::convert(file, to.path(), spreadsheet::CSV)
    };
    Exported::csv(&fs::read(converted).unwrap(), b',')
}

#[tokio::test(flavor = "multi_thread")]
async fn pandas_reads_csv_and_workbooks_with_their_types_counts_and_sums() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    tell(&world, tenant, event).await;
    let folder = TempDir::new().unwrap();
    let paid: i64 = PAYMENTS.iter().sum();
    for (dataset, times, numbers, rows) in [
        (
            "facts",
            vec!["createdAt"],
            json!({"amountCents": 3 * paid}),
            9,
        ),
        (
            "daily",
            vec!["date"],
            json!({"views": 3, "uniqueViews": 1, "registrations": 3,
            "payments": 3, "amountCents": paid, "refundedCents": 0}),
            1,
        ),
        (
            "registrations",
            vec!["completedAt", "paidAt"],
            json!({"amountCents": paid, "refundedCents": 0}),
            3,
        ),
    ] {
        for format in ["csv", "xlsx"] {
            let file = export(&world, tenant, &folder, dataset, format).await;
            let mut arguments = vec!["tests/checks/read_pandas.py", file.to_str().unwrap()];
            arguments.extend(&times);
            let read: Value = serde_json::from_str(&python(&arguments)).unwrap();
            assert_eq!(read["rows"], rows, "{dataset} {format}");
            for (name, sum) in numbers.as_object().unwrap() {
                assert_eq!(&read["sums"][name], sum, "{name} of {dataset} {format}");
                assert_eq!(read["types"][name], "int64", "{name} of {dataset} {format}");
            }
            for name in &times {
                let kind = read["types"][name].as_str().unwrap();
                assert!(
                    kind.starts_with("datetime64"),
                    "{name} of {dataset} {format}: {kind}"
                );
            }
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn libreoffice_opens_csv_and_workbooks_and_runs_nothing() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    tell(&world, tenant, event).await;
    let (folder, opened) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for dataset in ["facts", "daily", "registrations"] {
        let csv = export(&world, tenant, &folder, dataset, "csv").await;
        let xlsx = export(&world, tenant, &folder, dataset, "xlsx").await;
        let expected = Exported::xlsx(&fs::read(&xlsx).unwrap());
        for file in [&xlsx, &csv] {
            let read = through_libreoffice(file, &opened);
            assert_eq!(read.header, expected.header, "{file:?}");
            assert_eq!(read.rows.len(), expected.rows.len(), "{file:?}");
            let sum = |table: &Exported| -> i64 {
                let cells = table.column("amountCents").into_iter();
                cells.map(|cell| cell.parse::<i64>().unwrap()).sum()
            };
            assert_eq!(sum(&read), sum(&expected), "{file:?}");
            // In a CSV, an apostrophe prevents evaluation.
            let formula = if file == &csv { "'=1+1" } else { FORMULA };
            if dataset != "daily" {
                assert!(
                    read.column("source")
                        .iter()
                        .all(|source| *source == formula),
                    "{read:?}"
                );
            }
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_workbook_ends_with_its_parameters_and_the_whole_of_long_texts() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("America/New_York")).await;
    // More than two cells, of characters with two UTF-16 units each: longer than accepted texts.
    let long = "😀".repeat(33_000);
    let fact = format!(
        "INSERT INTO analytics_service.analytics_events
             (id, tenant_id, event_type, event_id, properties, created_at)
         VALUES (gen_random_uuid(), '{tenant}', 'page.view', '{event}',
                 jsonb_build_object('note', '{long}'), NOW())"
    );
    let stored = world.database.connection.execute_unprepared(&fact).await;
    stored.unwrap();
    let folder = TempDir::new().unwrap();
    let file = export(&world, tenant, &folder, "facts", "xlsx").await;
    let mut workbook: Xlsx<_> = open_workbook(&file).unwrap();
    let sheets = ["Report", "Facts", "Long texts", "By day", "Parameters"];
    assert_eq!(workbook.sheet_names(), sheets);

    let texts = workbook.worksheet_range("Long texts").unwrap();
    let parts: Vec<String> = texts.rows().skip(1).map(|row| row[4].to_string()).collect();
    assert_eq!(parts.len(), 3);
    let whole: Value = serde_json::from_str(&parts.concat()).unwrap();
    assert_eq!(whole["note"], long);
    assert_eq!(texts.rows().nth(1).unwrap()[2].to_string(), "properties");
    let facts = workbook.worksheet_range("Facts").unwrap();
    let shown = facts.rows().nth(1).unwrap()[11].to_string();
    assert!(shown.ends_with("(the whole text is in the sheet Long texts, from row 2)"));

    let parameters = workbook.worksheet_range("Parameters").unwrap();
    let line = |name: &str| {
        let row = parameters.rows().find(|row| row[0] == *name);
        row.unwrap_or_else(|| panic!("{name}"))[1].to_string()
    };
    assert_eq!(line("Organization"), tenant.to_string());
    assert_eq!(line("Time zone of days"), "America/New_York");
    assert_eq!(line("Time zone of times"), "UTC");
    assert_eq!(line("Rows"), "1");
    assert_eq!(line("Texts longer than a cell"), "1");

    let checked = python(&["tests/checks/read_layout.py", file.to_str().unwrap()]);
    let layout: Value = serde_json::from_str(&checked).unwrap();
    assert_eq!(
        (&layout["Facts"]["frozen"], &layout["Facts"]["filter"]),
        (&json!("A2"), &json!("A1:L2"))
    );
    world.end().await;
}
