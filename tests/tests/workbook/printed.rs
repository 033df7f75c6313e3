//! Workbooks as a spreadsheet program prints them.

use std::{fs, path::Path};

use analytics_shared::clock;
use analytics_tests::{spreadsheet, world::World};
use chrono::Days;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tempfile::TempDir;

use super::{
    export,
    story::{Story, publish, tell},
};
use crate::documents::python;

/// Pictures for people to look at.
const SCREENSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");

/// Prints a workbook; returns the texts of its pages, and draws the first two.
fn print(workbook: &Path, picture: &str) -> Vec<String> {
    let folder = workbook.parent().unwrap();
    let pdf = spreadsheet::convert(workbook, folder, spreadsheet::PDF);
    fs::create_dir_all(SCREENSHOTS).unwrap();
    let picture = format!("{SCREENSHOTS}/{picture}");
    let pages = python(&[
        "tests/checks/read_pages.py",
        pdf.to_str().unwrap(),
        &picture,
    ]);
    serde_json::from_str(&pages).unwrap()
}

/// The pages of a sheet, by their footers, which have its name.
fn pages_of<'a>(pages: &'a [String], sheet: &str) -> Vec<&'a String> {
    let is_footer = |line: &str| line.starts_with(sheet) && line.contains(" / ");
    let pages = pages.iter();
    pages.filter(|page| page.lines().any(is_footer)).collect()
}

/// Whether a text has a number like 46316, which a spreadsheet shows for a day without its format.
fn has_serial_number(text: &str) -> bool {
    let mut words = text.split(|one: char| !one.is_ascii_digit());
    words.any(|word| word.len() == 5 && word.starts_with('4'))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sheet_is_printed_on_one_page_with_dates_at_the_axis_of_its_chart() {
    let world = World::start().await;
    let story = tell(&world, "Конференция «Данные & билеты» 2026", 35).await;
    let folder = TempDir::new().unwrap();
    for (lang, sheet, title, months) in [
        ("en", "Report", "Page views", MONTHS[0]),
        ("ru", "Отчёт", "Просмотры", MONTHS[1]),
    ] {
        let request = story.request(&json!({"lang": lang, "dataset": "daily"}));
        let workbook = export(&world, &folder, story.tenant, &request).await;
        let pages = print(&workbook, &format!("workbook-{lang}"));
        assert_eq!(pages_of(&pages, sheet).len(), 1, "{pages:?}");
        let first = &pages[0];
        assert!(
            first.contains("Конференция «Данные & билеты» 2026"),
            "{first}"
        );
        assert!(first.contains(title), "{first}");
        let labels = axis_labels(first, |day, month| {
            day.parse::<u8>().is_ok_and(|day| day <= 31) && is_month(month, &months)
        });
        assert!(
            (4..=12).contains(&labels),
            "{labels} dates at the axis: {first}"
        );
        assert!(!has_serial_number(first), "{first}");
        assert!(!first.contains("###"), "{first}");
    }
    world.end().await;
}

/// Names of months in English and Russian, as axes shorten them.
const MONTHS: [[&str; 12]; 2] = [
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    [
        "янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    ],
];

/// The number of labels of an axis, of two words each: the most in one line of the page.
fn axis_labels(page: &str, is_label: impl Fn(&str, &str) -> bool) -> usize {
    let labels = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (labels, rest) = words.as_chunks::<2>();
        let are_labels = labels.iter().all(|[first, second]| is_label(first, second));
        if rest.is_empty() && are_labels {
            labels.len()
        } else {
            0
        }
    };
    page.lines().map(labels).max().unwrap_or_default()
}

/// Whether a text is the short name of a month.
fn is_month(text: &str, months: &[&str; 12]) -> bool {
    let text = text.to_lowercase();
    months
        .iter()
        .any(|month| text.starts_with(&month.to_lowercase()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_days_an_empty_event_and_an_organization_are_reports_too() {
    let world = World::start().await;
    let folder = TempDir::new().unwrap();
    let arabic = "مؤتمر البيانات والتذاكر في دبي";
    let story = tell(&world, arabic, 360).await;
    let long = Story {
        from: story.to - Days::new(365),
        ..story
    };
    let request = long.request(&json!({"lang": "ru", "dataset": "daily"}));
    let workbook = export(&world, &folder, long.tenant, &request).await;
    let pages = print(&workbook, "workbook-year");
    assert_eq!(pages_of(&pages, "Отчёт").len(), 1, "{pages:?}");
    let labels = axis_labels(&pages[0], |month, of_year| {
        is_month(month, &MONTHS[1]) && of_year.parse::<u16>().is_ok()
    });
    assert!(labels >= 5, "{labels} months at the axis: {}", pages[0]);
    assert!(!has_serial_number(&pages[0]), "{}", pages[0]);

    let empty = publish(&world, long.tenant, "=HYPERLINK(\"http://example.org\")").await;
    let request = json!({"eventId": empty, "dateFrom": long.from, "dateTo": long.to,
                         "lang": "en", "dataset": "daily"});
    let workbook = export(&world, &folder, long.tenant, &request).await;
    let pages = print(&workbook, "workbook-empty");
    assert_eq!(pages_of(&pages, "Report").len(), 1, "{pages:?}");
    assert!(pages[0].contains("=HYPERLINK"), "{}", pages[0]);
    assert!(pages[0].contains("Nothing in this period."), "{}", pages[0]);

    let request = json!({"dateFrom": long.from, "dateTo": long.to, "lang": "en",
                         "dataset": "daily"});
    let workbook = export(&world, &folder, long.tenant, &request).await;
    let pages = print(&workbook, "workbook-organization");
    assert_eq!(pages_of(&pages, "Report").len(), 1, "{pages:?}");
    assert!(pages[0].contains("All events"), "{}", pages[0]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_thousand_facts_are_printed_on_less_than_two_hundred_pages_each_with_its_header() {
    let world = World::start().await;
    let tenant = uuid::Uuid::now_v7();
    let event = publish(&world, tenant, "Printed").await;
    let facts = format!(
        "INSERT INTO analytics_service.analytics_events
             (id, tenant_id, event_type, event_id, user_id, properties, created_at)
         SELECT gen_random_uuid(), '{tenant}', 'page.view', '{event}', gen_random_uuid(),
                jsonb_build_object('source', 'newsletter', 'registrationId', gen_random_uuid(),
                    'visitorId', repeat('visitor-' || n || ' ', 20)),
                NOW() - n * INTERVAL '1 second'
         FROM generate_series(1, 8123) n"
    );
    let stored = world.database.connection.execute_unprepared(&facts).await;
    stored.unwrap();
    let today = clock::now().date_naive();
    let request = json!({"eventId": event, "dateFrom": today - Days::new(1),
                         "dateTo": today + Days::new(1), "lang": "en"});
    let folder = TempDir::new().unwrap();
    let workbook = export(&world, &folder, tenant, &request).await;
    let pages = print(&workbook, "workbook-facts");
    let facts = pages_of(&pages, "Facts");
    println!("{} pages of facts", facts.len());
    assert!((20..200).contains(&facts.len()), "{} pages", facts.len());
    for page in &facts {
        assert!(
            page.contains("Ticket type id"),
            "without its header: {page}"
        );
    }
    assert_eq!(pages.len(), facts.len() + 3, "report, days and parameters");
    world.end().await;
}
