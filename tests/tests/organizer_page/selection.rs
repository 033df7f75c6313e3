//! Filters, periods and table views are in the URL, so that the back button and a copied link restore them.

use analytics_shared::clock;
use chrono::{Days, Duration};
use chrono_tz::Europe::Berlin;

use super::{
    reading::{cells, column, shown},
    stage::{Stage, event_time},
};

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_periods_select_the_figures_and_the_back_button_restores_them() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let api = stage.api();
    let views = async |query: &str| {
        let dashboard = api.read(&format!("/events/{event}/dashboard{query}")).await;
        dashboard["totalViews"].to_string()
    };
    let tab = stage.tab().await;
    let path = format!("/app/events/{event}");
    tab.open(&format!("{path}?lang=en")).await;
    let whole = views("").await;
    assert_eq!(tab.tiles().await[0].1, whole);

    tab.choose("Source", "newsletter").await;
    assert!(tab.url().await.contains("source=newsletter"));
    let of_source = views("?source=newsletter").await;
    assert_ne!(of_source, whole);
    tab.until(&format!(
        "document.querySelector('.tile .figure').innerText === '{of_source}'"
    ))
    .await;

    tab.choose("Period", "7").await;
    let today = clock::now().with_timezone(&Berlin).date_naive();
    let week = views(&format!(
        "?source=newsletter&dateFrom={}&dateTo={today}",
        today - Days::new(6)
    ))
    .await;
    tab.until(&format!(
        "document.querySelector('.tile .figure').innerText === '{week}'"
    ))
    .await;
    // The period is compared with the days before it.
    assert!(tab.text(".chosen-days").await.contains('↔'));
    assert!(tab.text(".tile").await.contains("before"));

    tab.back().await;
    tab.until(&format!(
        "document.querySelector('.tile .figure').innerText === '{of_source}'"
    ))
    .await;
    tab.back().await;
    tab.until(&format!(
        "document.querySelector('.tile .figure').innerText === '{whole}'"
    ))
    .await;

    // The name of a source selects it, and a copied link opens the same selection.
    tab.click("#sources button", "direct").await;
    tab.shown().await;
    tab.click("#funnel button", "Table").await;
    let copied = tab.url().await;
    let copied = copied.strip_prefix(&stage.origin()).unwrap();
    let other = stage.tab().await;
    other.open(copied).await;
    assert_eq!(other.tiles().await, tab.tiles().await);
    assert_eq!(other.table("#funnel table").await.len(), 5);
    assert_eq!(other.tiles().await[0].1, views("?source=direct").await);
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_without_facts_says_so_and_leads_back() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let tab = stage.tab().await;
    let day = (clock::now() - Duration::days(100)).date_naive();
    tab.open(&format!("/app/events/{event}?from={day}&to={day}&lang=en"))
        .await;
    assert!(
        tab.text("#figures")
            .await
            .contains("Nothing happened in these days.")
    );
    tab.click("button", "Show the whole event").await;
    tab.until("document.querySelectorAll('.tile').length === 7")
        .await;
    assert!(!tab.url().await.contains("from="));
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_comparison_and_every_length_of_intervals_have_the_figures_of_the_api() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let (api, tab) = (stage.api(), stage.tab().await);
    let last = event_time(-3).date_naive();
    let first = last - Days::new(9);
    let days = format!("dateFrom={first}&dateTo={last}");
    for granularity in ["hour", "day", "week"] {
        let path =
            format!("/events/{event}/dashboard?{days}&granularity={granularity}&compare=previous");
        let dashboard = api.read(&path).await;
        let comparison = &dashboard["comparison"];
        let field = if granularity == "day" {
            "byDay"
        } else {
            "series"
        };
        tab.open(&format!(
            "/app/events/{event}?from={first}&to={last}&granularity={granularity}&table=time&metric=views&lang=en"
        ))
        .await;
        let table = tab.table("#time table").await;
        assert_eq!(
            cells(&table, 1),
            column(&dashboard[field], "views").collect::<Vec<_>>()
        );
        let count = table.len() - 1;
        let mut earlier: Vec<_> = column(&comparison[field], "views").take(count).collect();
        earlier.resize(count, "–".to_owned());
        assert_eq!(cells(&table, 2), earlier, "{granularity}");
        for (tile, field) in [
            (0, "totalViews"),
            (2, "totalRegistrations"),
            (4, "checkedIn"),
        ] {
            let text: String = tab
                .value(&format!(
                    "document.querySelectorAll('.tile')[{tile}].innerText"
                ))
                .await;
            let before = format!("before: {}", shown(&comparison[field]));
            assert!(text.contains(&before), "{before}: {text}");
        }
    }
    tab.open(&format!(
        "/app/events/{event}?cumulative=1&table=time&metric=views&lang=en"
    ))
    .await;
    let whole = api.read(&format!("/events/{event}/dashboard")).await;
    let table = tab.table("#time table").await;
    assert_eq!(table.last().unwrap()[1], shown(&whole["totalViews"]));
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_is_split_by_source_and_by_ticket_type() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let (api, tab) = (stage.api(), stage.tab().await);
    tab.open(&format!("/app/events/{event}?lang=en")).await;
    for (split, field) in [("source", "source"), ("ticketType", "ticketTypeName")] {
        tab.choose("Split by", split).await;
        tab.until("document.querySelectorAll('#time .tone-part .area').length > 1")
            .await;
        tab.screenshot(&format!("event-split-by-{split}")).await;
        assert_eq!(
            tab.accessibility_violations().await,
            Vec::<String>::new(),
            "{split}"
        );
        tab.click("#time button", "Table").await;
        tab.until("document.querySelector('#time table') !== null")
            .await;
        let path = format!("/events/{event}/dashboard?splitBy={split}");
        let dashboard = api.read(&path).await;
        let parts = dashboard["splitSeries"].as_array().unwrap();
        let table = tab.table("#time table").await;
        assert_eq!(table[0].len(), 1 + parts.len());
        for (number, part) in parts.iter().enumerate() {
            let name = part[field].as_str().unwrap_or("Without a ticket type");
            assert_eq!(table[0][1 + number], name);
            let values: Vec<_> = column(&part["series"], "registrations").collect();
            assert_eq!(cells(&table, 1 + number), values, "{name}");
        }
        tab.click("#time button", "Chart").await;
    }
    // Visitors of several sources are not the sum of theirs.
    tab.click(".tile button", "Visitors").await;
    tab.until("document.querySelector('#time .select') === null")
        .await;
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}
