//! The sheets of rows: names of columns for programs, or headings, dates and money for readers.

use analytics_tests::{api::problem, exported::Exported, world::World};
use calamine::{Reader as _, Xlsx, open_workbook};
use serde_json::json;
use tempfile::TempDir;

use super::{export, layout, story::tell};

#[tokio::test(flavor = "multi_thread")]
async fn rows_have_headings_and_money_in_the_language_and_names_and_minor_units_without_one() {
    let world = World::start().await;
    let story = tell(&world, "Rows", 3).await;
    let folder = TempDir::new().unwrap();
    let columns = json!(["createdAt", "source", "amountCents", "currency"]);
    let payments = json!({"columns": columns, "eventTypes": ["payment.completed"]});
    let mut cells = Vec::new();
    for (lang, sheet, header) in [
        (
            None,
            "Facts",
            ["createdAt", "source", "amountCents", "currency"],
        ),
        (
            Some("en"),
            "Facts",
            ["Time (UTC)", "Source", "Amount", "Currency"],
        ),
        (
            Some("ru"),
            "Факты",
            ["Время (UTC)", "Источник", "Сумма", "Валюта"],
        ),
    ] {
        let mut request = story.request(&payments);
        request["lang"] = json!(lang);
        let path = export(&world, &folder, story.tenant, &request).await;
        let mut workbook: Xlsx<_> = open_workbook(&path).unwrap();
        let rows = workbook.worksheet_range(sheet).unwrap();
        let read: Vec<String> = rows
            .rows()
            .next()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(read, header);
        let layout = layout(&path);
        let found = &layout[sheet];
        assert_eq!(found["orientation"], "landscape");
        assert_eq!(found["pages"], json!([null, 0]));
        assert_eq!(found["repeated"], "$1:$1");
        assert_eq!(found["frozen"], "A2");
        cells.push(
            rows.rows()
                .skip(1)
                .map(|row| (row[2].clone(), row[3].clone()))
                .collect::<Vec<_>>(),
        );
        if lang.is_some() {
            let amount = found["formats"]["C"].as_str().unwrap();
            assert!(amount.starts_with("#,##0"), "{amount}");
        }
    }
    let (programs, readers) = (&cells[0], &cells[1]);
    assert_eq!(readers, &cells[2]);
    let mut currencies = Vec::new();
    for ((minor_units, currency), (amount, _)) in programs.iter().zip(readers) {
        let units = match currency.to_string().as_str() {
            "EUR" => 100.0,
            "JPY" => 1.0,
            "KWD" => 1000.0,
            other => panic!("{other}"),
        };
        let expected = minor_units.to_string().parse::<f64>().unwrap() / units;
        assert_eq!(amount.to_string().parse(), Ok(expected), "{currency}");
        currencies.push(currency.to_string());
    }
    currencies.sort_unstable();
    currencies.dedup();
    assert_eq!(currencies, ["EUR", "JPY", "KWD"]);
    world.end().await;
}

#[tokio::test]
async fn a_form_names_the_language_and_other_formats_and_languages_are_refused_by_name() {
    let world = World::start().await;
    let story = tell(&world, "Form", 1).await;
    let read = world.read().of_tenant(story.tenant);
    let form = format!(
        "organizationId={}&eventId={}&dateFrom={}&dateTo={}&dataset=registrations",
        story.tenant, story.event, story.from, story.to
    );
    let send = async |more: &str| {
        let form = format!("{form}&{more}");
        let request = read.request_bytes("/export", "application/x-www-form-urlencoded", form);
        request.send().await.unwrap()
    };
    let answer = send("format=xlsx&lang=ru").await;
    assert_eq!(answer.status(), 200);
    let bytes = answer.bytes().await.unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(&bytes[..])).unwrap();
    let sheets = ["Отчёт", "Регистрации", "По дням", "Параметры"];
    assert_eq!(workbook.sheet_names(), sheets);
    let rows = workbook.worksheet_range("Регистрации").unwrap();
    let csv = send("format=csv&lang=").await;
    let csv = Exported::csv(&csv.bytes().await.unwrap(), b',');
    assert_eq!(rows.rows().count(), csv.rows.len() + 1);
    for more in [
        "format=csv&lang=ru",
        "format=ndjson&lang=en",
        "format=xlsx&lang=de",
    ] {
        let (status, problem) = problem(send(more).await).await;
        assert_eq!(status, 422, "{more}: {problem}");
        assert_eq!(problem["errors"][0]["field"], "lang", "{more}: {problem}");
    }
    world.end().await;
}
