//! The figures of organization, door and comparison equal those of the API.

use serde_json::Value;

use super::{
    reading::{cells, column, fields, percent, shown},
    stage::Stage,
};

/// The metrics of the tiles, in their order.
const TILES: [&str; 6] = [
    "totalViews",
    "uniqueViews",
    "totalRegistrations",
    "confirmedRegistrations",
    "checkedIn",
    "cancellations",
];

/// The digits of an amount of money.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_organization_page_equals_the_api() {
    let stage = Stage::start().await;
    stage.past_event("A Conference").await;
    stage.past_event("An Earlier Conference").await;
    let path = format!("/organizations/{}/report", stage.tenant);
    let report = stage.api().read(&path).await;
    let tab = stage.tab().await;

    tab.open("/app/org?table=time&lang=en").await;
    let tiles: Vec<_> = tab
        .tiles()
        .await
        .into_iter()
        .map(|(_, figure)| figure)
        .collect();
    let totals = &report["totals"];
    assert_eq!(tiles[..6], fields(totals, TILES));
    // The currency of most payments stands in the tile.
    let revenue = totals["revenue"].as_array().unwrap();
    let most = revenue
        .iter()
        .max_by_key(|money| money["payments"].as_u64());
    assert_eq!(digits(&tiles[6]), shown(&most.unwrap()["amountCents"]));
    assert_eq!(
        tiles[7..],
        fields(totals, ["noShows", "returningAttendees"])
    );

    for metric in [
        "views",
        "uniqueViews",
        "registrations",
        "cancellations",
        "checkIns",
    ] {
        tab.open(&format!("/app/org?table=time&metric={metric}&lang=en"))
            .await;
        let days: Vec<_> = column(&report["byDay"], metric).collect();
        assert_eq!(cells(&tab.table("#time table").await, 1), days, "{metric}");
    }
    tab.until("document.querySelectorAll('#events tbody tr').length === 2")
        .await;
    for row in &tab.table("#events table").await[1..] {
        let title = row[0].lines().next().unwrap();
        let all = report["events"].as_array().unwrap();
        let known = all.iter().find(|event| event["title"] == title).unwrap();
        let counts = fields(known, ["totalViews", "totalRegistrations", "checkedIn"]);
        assert_eq!(row[1..4], counts);
        let amounts: Vec<_> = row[4]
            .lines()
            .map(digits)
            .filter(|amount| !amount.is_empty())
            .collect();
        assert_eq!(
            amounts,
            column(&known["revenue"], "amountCents").collect::<Vec<_>>()
        );
    }
    let sources = tab.table("#sources table").await;
    let listed = report["bySource"].as_array().unwrap();
    assert_eq!(sources.len(), 1 + listed.len());
    for (row, source) in sources[1..].iter().zip(listed) {
        let [visitors, registrations, check_ins] =
            fields(source, ["uniqueViews", "registrations", "checkIns"]);
        let conversion = percent(&source["conversionRate"]);
        assert_eq!(row[0], source["source"].as_str().unwrap());
        assert_eq!(row[1..], [visitors, registrations, conversion, check_ins]);
    }
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_door_page_equals_the_api() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let path = format!("/events/{event}/dashboard");
    let dashboard = stage.api().read(&path).await;
    let tab = stage.tab().await;
    tab.open(&format!("/app/events/{event}/door?table=door&lang=en"))
        .await;

    let [checked_in, confirmed] = fields(&dashboard, ["checkedIn", "confirmedRegistrations"]);
    let number = tab.text(".headline .number").await;
    let words: Vec<_> = number.split_whitespace().collect();
    assert_eq!(
        words,
        [checked_in.as_str(), "of", confirmed.as_str(), "confirmed"]
    );
    let [checked_in, confirmed] =
        ["checkedIn", "confirmedRegistrations"].map(|field| dashboard[field].as_u64().unwrap());
    let points = &dashboard["checkInCurve"]["points"];
    let busiest = points
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["checkIns"].as_u64().unwrap())
        .max();
    tab.until("document.querySelectorAll('.headline .facts b').length === 4")
        .await;
    let facts: Vec<String> = tab
        .value("[...document.querySelectorAll('.headline .facts b')].map((one) => one.innerText)")
        .await;
    let number = |field: &str| dashboard[field].as_f64().unwrap();
    let part = Value::from(number("checkedIn") / number("confirmedRegistrations"));
    let expected = confirmed - checked_in;
    // Nobody has come within the last minutes, since the event is over.
    let expected = [
        percent(&part),
        expected.to_string(),
        "0".to_owned(),
        busiest.unwrap().to_string(),
    ];
    assert_eq!(facts, expected);

    let curve = tab.table("#door table").await;
    assert_eq!(
        cells(&curve, 1),
        column(points, "checkIns").collect::<Vec<_>>()
    );
    let types = dashboard["byTicketType"].as_array().unwrap();
    let tickets = tab.table("#tickets table").await;
    assert_eq!(tickets.len(), 1 + types.len());
    for (row, ticket) in tickets[1..].iter().zip(types) {
        let count = |field: &str| ticket[field].as_u64().unwrap();
        let confirmed = count("registrations") - count("cancellations");
        assert_eq!(row[0], ticket["ticketTypeName"].as_str().unwrap());
        assert_eq!(
            row[1..],
            [count("checkIns").to_string(), confirmed.to_string()]
        );
    }
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_comparison_of_editions_equals_the_api() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let other = stage.past_event("An Earlier Conference").await;
    let path = format!("/events/{event}/dashboard");
    let dashboard = stage.api().read(&path).await;
    let tab = stage.tab().await;
    let page = format!("/app/events/{event}/compare?with={other}&table=time&lang=en");
    tab.open(&format!("{page}&daily=1")).await;
    let tiles: Vec<_> = tab
        .tiles()
        .await
        .into_iter()
        .map(|(_, figure)| figure)
        .collect();
    let totals = [
        "totalViews",
        "totalRegistrations",
        "cancellations",
        "checkedIn",
    ];
    assert_eq!(tiles, fields(&dashboard, totals));

    let series = [
        ("views", 0),
        ("registrations", 1),
        ("cancellations", 2),
        ("checkIns", 3),
    ];
    for (metric, tile) in series {
        tab.open(&format!("{page}&daily=1&metric={metric}")).await;
        let daily = tab.table("#time table").await;
        let days: Vec<_> = dashboard["byDay"].as_array().unwrap().iter().collect();
        // The table ends with the last day on which anything happened.
        let expected: Vec<_> = days.iter().map(|day| shown(&day[metric])).collect();
        assert_eq!(cells(&daily, 1), expected[..daily.len() - 1], "{metric}");
        // Both editions have the same facts on the same days before their start.
        assert_eq!(cells(&daily, 1), cells(&daily, 2));
        tab.open(&format!("{page}&metric={metric}")).await;
        let cumulated = tab.table("#time table").await;
        assert_eq!(cumulated.last().unwrap()[1], tiles[tile], "{metric}");
    }
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}
