//! Every figure of the page, read from its tiles and its table views, equals that of the API.

use uuid::Uuid;

use super::{
    reading::{TABLES, cells, column, percent, shown},
    stage::Stage,
};

async fn tile(stage: &Stage, event: Uuid) -> Vec<(String, String)> {
    let dashboard = stage
        .api()
        .read(&format!("/events/{event}/dashboard"))
        .await;
    [
        ("Page views", "totalViews"),
        ("Visitors", "uniqueViews"),
        ("Registrations", "totalRegistrations"),
        ("Confirmed", "confirmedRegistrations"),
        ("Checked in", "checkedIn"),
        ("Cancellations", "cancellations"),
    ]
    .map(|(name, field)| (name.to_owned(), shown(&dashboard[field])))
    .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_event_page_equals_the_api() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let api = stage.api();
    let dashboard = api.read(&format!("/events/{event}/dashboard")).await;
    let funnel = api.read(&format!("/events/{event}/funnel")).await;
    let tab = stage.tab().await;

    tab.open(&format!("/app/events/{event}?{TABLES}&lang=en"))
        .await;
    let tiles = tab.tiles().await;
    assert_eq!(tiles[..6], tile(&stage, event).await);
    assert_eq!(tiles[6].0, "Revenue");

    let series = [
        ("views", "views"),
        ("uniqueViews", "uniqueViews"),
        ("registrations", "registrations"),
        ("cancellations", "cancellations"),
        ("checkIns", "checkIns"),
    ];
    for (metric, field) in series {
        tab.open(&format!(
            "/app/events/{event}?{TABLES}&metric={metric}&lang=en"
        ))
        .await;
        let expected: Vec<_> = column(&dashboard["byDay"], field).collect();
        assert_eq!(
            cells(&tab.table("#time table").await, 1),
            expected,
            "{metric}"
        );
    }

    let steps = tab.table("#funnel table").await;
    let expected: Vec<_> = column(&funnel["steps"], "reached").collect();
    assert_eq!(cells(&steps, 1), expected);
    let expected: Vec<_> = column(&funnel["steps"], "count").collect();
    assert_eq!(cells(&steps, 3), expected);
    let rates = funnel["steps"].as_array().unwrap();
    let expected: Vec<_> = rates
        .iter()
        .map(|step| percent(&step["reachedRateFromPrevious"]))
        .collect();
    assert_eq!(cells(&steps, 2), expected);

    let points = &dashboard["checkInCurve"]["points"];
    let door = tab.table("#door table").await;
    assert_eq!(
        cells(&door, 1),
        column(points, "checkIns").collect::<Vec<_>>()
    );
    assert_eq!(cells(&door, 2), column(points, "total").collect::<Vec<_>>());
    let minutes = points.as_array().unwrap().iter();
    let minutes: Vec<_> = minutes
        .map(|point| point["at"].as_str().unwrap()[11..16].to_owned())
        .collect();
    assert_eq!(cells(&door, 0), minutes);

    let hours = tab.table("#hours table").await;
    let hours: Vec<_> = hours[1..]
        .iter()
        .flat_map(|row| row[1..].to_vec())
        .collect();
    assert_eq!(
        hours,
        column(&dashboard["byHour"], "registrations").collect::<Vec<_>>()
    );

    let sources = tab.table("#sources table").await;
    let listed = dashboard["bySource"].as_array().unwrap();
    assert_eq!(sources.len(), 1 + listed.len());
    for (row, source) in sources[1..].iter().zip(listed) {
        let expected = [
            source["source"].as_str().unwrap().to_owned(),
            shown(&source["uniqueViews"]),
            shown(&source["registrations"]),
            percent(&source["conversionRate"]),
            shown(&source["checkIns"]),
        ];
        assert_eq!(row[..], expected);
    }
    let tickets = tab.table("#tickets table").await;
    let types = &dashboard["byTicketType"];
    assert_eq!(
        cells(&tickets, 1),
        column(types, "registrations").collect::<Vec<_>>()
    );
    assert_eq!(
        cells(&tickets, 2),
        column(types, "cancellations").collect::<Vec<_>>()
    );
    assert_eq!(
        cells(&tickets, 3),
        column(types, "checkIns").collect::<Vec<_>>()
    );

    // A currency without minor units has none on the page either.
    let revenue = tab.table("#revenue table").await;
    for (row, money) in revenue[1..]
        .iter()
        .zip(dashboard["revenue"].as_array().unwrap())
    {
        let digits: String = row[1].chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits, shown(&money["amountCents"]), "{row:?}");
        assert_eq!(row[1].contains('.'), row[0] == "EUR", "{row:?}");
    }
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}
