//! The figures of the first sheet are those of the dashboard, or of the report of the organization.

use std::{iter, path::Path};

use analytics_tests::{
    clock_change::{self, Change},
    fact::Fact,
    world::World,
};
use calamine::{Data, DataType as _, Range, Reader as _, Xlsx, open_workbook};
use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    export, layout,
    story::{publish, tell},
};

/// The key metrics: their names on the sheet and in the API.
const METRICS: [(&str, &str, &str); 9] = [
    ("Page views", "Просмотры", "totalViews"),
    ("Visitors", "Посетители", "uniqueViews"),
    ("Registrations", "Регистрации", "totalRegistrations"),
    ("Confirmed", "Подтверждено", "confirmedRegistrations"),
    ("Checked in", "Пришли", "checkedIn"),
    ("Cancellations", "Отмены", "cancellations"),
    (
        "Registrations per page view",
        "Регистраций на просмотр",
        "viewToRegistrationRate",
    ),
    (
        "Check-ins per registration",
        "Проходов на регистрацию",
        "registrationToCheckinRate",
    ),
    (
        "Cancellations per registration",
        "Отмен на регистрацию",
        "cancellationRate",
    ),
];

/// The first sheet.
struct Report(Range<Data>);

impl Report {
    fn open(workbook: &Path) -> Self {
        let mut workbook: Xlsx<_> = open_workbook(workbook).unwrap();
        Self(workbook.worksheet_range_at(0).unwrap().unwrap())
    }

    /// The cell below the first one with this text.
    fn below(&self, name: &str) -> Data {
        let mut cells = self.0.used_cells();
        let (row, column, _) = cells
            .find(|(_, _, cell)| **cell == *name)
            .unwrap_or_else(|| panic!("{name}: {:?}", self.0));
        self.0[(row + 1, column)].clone()
    }

    /// The cells of the rows below the section with this title, without its headings.
    fn table(&self, title: &str) -> Vec<Vec<String>> {
        let rows = self.0.rows().skip_while(|row| row[0] != *title);
        let cells = |row: &[Data]| -> Vec<String> {
            let cells = row.iter().filter(|cell| !cell.is_empty());
            cells
                .map(ToString::to_string)
                .filter(|text| !text.is_empty())
                .collect()
        };
        let rows = rows.skip(2).map(cells);
        rows.take_while(|row| row.len() > 1).collect()
    }

    fn assert_metrics(&self, russian: bool, totals: &Value) {
        for (english_name, russian_name, field) in METRICS {
            let name = if russian { russian_name } else { english_name };
            let expected = &totals[field];
            match self.below(name) {
                Data::Float(number) => assert_eq!(Some(number), expected.as_f64(), "{name}"),
                Data::String(text) => {
                    assert!(expected.is_null() && text == "–", "{name}: {text}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        number => number.as_f64().unwrap().to_string(),
    }
}

/// The fields of objects as the cells of a table.
fn cells(objects: &Value, fields: &[&str]) -> Vec<Vec<String>> {
    let objects = objects.as_array().unwrap().iter();
    objects
        .map(|object| fields.iter().map(|field| text(&object[*field])).collect())
        .collect()
}

/// Asserts that the sheet of days has these days.
fn assert_days(workbook: &Path, sheet: &str, by_day: &Value) {
    let mut workbook: Xlsx<_> = open_workbook(workbook).unwrap();
    let sheet = workbook.worksheet_range(sheet).unwrap();
    let rows = sheet.rows().skip(1).map(|row| {
        let day = row[0].get_datetime().unwrap().as_f64().to_string();
        let counts = row[1..].iter().map(ToString::to_string);
        iter::once(day).chain(counts).collect::<Vec<_>>()
    });
    let days = by_day.as_array().unwrap().iter().map(|day| {
        let date: NaiveDate = day["date"].as_str().unwrap().parse().unwrap();
        let serial = (date - FIRST_SERIAL_DAY).num_days().to_string();
        let counts = DAY_FIELDS.map(|field| day[field].to_string());
        iter::once(serial).chain(counts).collect::<Vec<_>>()
    });
    assert_eq!(rows.collect::<Vec<_>>(), days.collect::<Vec<_>>());
}

/// Day 0 of spreadsheets.
const FIRST_SERIAL_DAY: NaiveDate = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
const DAY_FIELDS: [&str; 5] = [
    "views",
    "uniqueViews",
    "registrations",
    "cancellations",
    "checkIns",
];

const SOURCE_FIELDS: [&str; 6] = [
    "source",
    "views",
    "uniqueViews",
    "registrations",
    "checkIns",
    "conversionRate",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_those_of_the_dashboard_in_both_languages() {
    let world = World::start().await;
    let title = "=HYPERLINK(\"http://example.org\";\"Click\")";
    let story = tell(&world, title, 20).await;
    let query = story.query();
    let dashboard = world
        .dashboard_json(story.tenant, story.event, &query)
        .await;
    let folder = TempDir::new().unwrap();
    for (lang, russian) in [(None, false), (Some("en"), false), (Some("ru"), true)] {
        let request = story.request(&json!({"lang": lang, "dataset": "daily"}));
        let workbook = export(&world, &folder, story.tenant, &request).await;
        let report = Report::open(&workbook);
        assert_eq!(report.0[(0, 0)].to_string(), title);
        report.assert_metrics(russian, &dashboard);
        let text_of = |english: &str, russian_word: &str| {
            if russian { russian_word } else { english }.to_owned()
        };
        // Money is in the units of its currency.
        let revenue = report.table(&text_of("Revenue", "Выручка"));
        let expected: Vec<Vec<String>> = [("EUR", 100.0), ("JPY", 1.0), ("KWD", 1000.0)]
            .into_iter()
            .zip(dashboard["revenue"].as_array().unwrap())
            .map(|((currency, units), one)| {
                assert_eq!(one["currency"], currency);
                let amount = |field: &str| one[field].as_f64().unwrap() / units;
                vec![
                    currency.to_owned(),
                    one["payments"].to_string(),
                    amount("amountCents").to_string(),
                    one["refunds"].to_string(),
                    amount("refundedCents").to_string(),
                ]
            })
            .collect();
        assert_eq!(revenue, expected);
        let mut sources = cells(&dashboard["bySource"], &SOURCE_FIELDS);
        let others = &dashboard["otherSources"];
        let mut other = cells(&json!([others]), &SOURCE_FIELDS);
        other[0][0] = format!("{} ({})", text_of("Others", "Прочие"), others["sources"]);
        sources.extend(other);
        assert_eq!(report.table(&text_of("Sources", "Источники")), sources);
        let fields = [
            "ticketTypeName",
            "registrations",
            "cancellations",
            "checkIns",
        ];
        assert_eq!(
            report.table(&text_of("Ticket types", "Типы билетов")),
            cells(&dashboard["byTicketType"], &fields)
        );
        assert_days(
            &workbook,
            &text_of("By day", "По дням"),
            &dashboard["byDay"],
        );
        let found = layout(&workbook);
        for sheet in found.as_object().unwrap().values() {
            assert_eq!(sheet["formulas"], json!([]), "{found}");
        }
        assert_eq!(found[text_of("Report", "Отчёт")]["charts"], 1);
    }
    world.end().await;
}

#[tokio::test]
async fn the_figures_of_all_events_are_those_of_the_report_of_the_organization() {
    let world = World::start().await;
    let story = tell(&world, "First", 4).await;
    let second = publish(&world, story.tenant, "Second").await;
    let view = Fact::view(second).visitor("v1");
    world.write().of_tenant(story.tenant).track(&view).await;
    let path = format!("/organizations/{}/report{}", story.tenant, story.query());
    let report = world.read().of_tenant(story.tenant).read(&path).await;
    let mut request = story.request(&json!({"lang": "en", "dataset": "daily"}));
    request["eventId"] = Value::Null;
    let folder = TempDir::new().unwrap();
    let workbook = export(&world, &folder, story.tenant, &request).await;
    let sheet = Report::open(&workbook);
    assert_eq!(sheet.0[(0, 0)].to_string(), "All events");
    let totals = &report["totals"];
    sheet.assert_metrics(false, totals);
    for (name, field) in [
        ("Attendees", "attendees"),
        ("Attendees of several events", "returningAttendees"),
        ("No-shows", "noShows"),
    ] {
        assert_eq!(
            sheet.below(name).to_string(),
            text(&totals[field]),
            "{name}"
        );
    }
    let sources = sheet.table("Sources");
    assert_eq!(
        sources[..10],
        cells(&report["bySource"], &SOURCE_FIELDS)[..10]
    );
    let fields = [
        "title",
        "totalViews",
        "uniqueViews",
        "totalRegistrations",
        "confirmedRegistrations",
        "checkedIn",
    ];
    assert_eq!(sheet.table("Events"), cells(&report["events"], &fields));
    assert_days(&workbook, "By day", &report["byDay"]);
    world.end().await;
}

#[tokio::test]
async fn days_of_clock_changes_are_those_of_the_time_zone_that_is_asked_for() {
    let world = World::start().await;
    let (tenant, zone) = (Uuid::now_v7(), Tz::America__New_York);
    let event = publish(&world, tenant, "Clocks").await;
    let folder = TempDir::new().unwrap();
    for change in [Change::Back, Change::Forward] {
        let Some(day) = clock_change::latest(zone, change) else {
            continue;
        };
        // A second before the next day in the zone, which is the next day in Berlin and UTC.
        let next = (day + Days::new(1)).and_time(NaiveTime::MIN);
        let at = zone.from_local_datetime(&next).unwrap() - chrono::Duration::seconds(1);
        let view = Fact::view(event).at(at.to_utc()).visitor("v");
        world.write().of_tenant(tenant).track(&view).await;
        let (from, to) = (day - Days::new(1), day + Days::new(1));
        let query = format!("?dateFrom={from}&dateTo={to}&timezone={zone}");
        let dashboard = world.dashboard_json(tenant, event, &query).await;
        assert_eq!(dashboard["byDay"][1]["views"], 1);
        let request = json!({"eventId": event, "dateFrom": from, "dateTo": to,
                             "timezone": zone.name(), "lang": "en"});
        let workbook = export(&world, &folder, tenant, &request).await;
        Report::open(&workbook).assert_metrics(false, &dashboard);
        assert_days(&workbook, "By day", &dashboard["byDay"]);
    }
    world.end().await;
}
