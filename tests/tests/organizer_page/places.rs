//! Times are those of the event wherever the browser is, and names of every script are readable.

use analytics_shared::clock;
use analytics_tests::{
    clock_change::{self, Change},
    fact::Fact,
};
use chrono::{Duration, TimeZone};
use chrono_tz::Tz;
use uuid::Uuid;

use super::stage::Stage;
use crate::chromium::Look;

#[tokio::test(flavor = "multi_thread")]
async fn a_day_with_a_clock_change_has_its_own_hours_whatever_the_zone_of_the_browser() {
    const ZONE: Tz = Tz::Europe__Berlin;
    let stage = Stage::start().await;
    let event = stage.publish("A Conference", ZONE.name(), 3).await;
    let tab = stage.tab().await;
    tab.time_zone("America/Los_Angeles").await;
    for (change, hours) in [(Change::Forward, 23), (Change::Back, 25)] {
        let Some(day) = clock_change::latest(ZONE, change) else {
            continue;
        };
        let first = ZONE
            .from_local_datetime(&day.and_hms_opt(0, 30, 0).unwrap())
            .unwrap();
        let last = ZONE
            .from_local_datetime(&day.and_hms_opt(23, 30, 0).unwrap())
            .unwrap();
        stage
            .store(&[Fact::view(event).at(first), Fact::view(event).at(last)])
            .await;
        tab.open(&format!(
            "/app/events/{event}?from={day}&to={day}&metric=views&table=time&compare=none&lang=en"
        ))
        .await;
        let table = tab.table("#time table").await;
        assert_eq!(table.len(), 1 + hours, "{day}: {table:?}");
        assert!(
            table[1][0].ends_with("00:00") && table[hours][0].ends_with("23:00"),
            "{table:?}"
        );
        assert_eq!((table[1][1].as_str(), table[hours][1].as_str()), ("1", "1"));
    }
    assert!(tab.text(".meta").await.contains("Times in Europe/Berlin"));
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_facts_and_one_with_an_arabic_name_have_pages() {
    const TITLE: &str = "مهرجان الموسيقى";
    let stage = Stage::start().await;
    let event = stage.publish(TITLE, "Asia/Riyadh", 20).await;
    let tab = stage.tab().await;
    tab.open(&format!("/app/events/{event}?lang=en")).await;
    assert_eq!(tab.text("h1").await, TITLE);
    let direction: String = tab
        .value("getComputedStyle(document.querySelector('h1')).direction")
        .await;
    assert_eq!(direction, "rtl");
    let text = tab.text("#figures").await;
    assert!(
        text.contains("No figures yet") && text.contains(&event.to_string()),
        "{text}"
    );
    tab.screenshot("event-without-facts").await;

    let now = clock::now();
    let payment = Fact::new("payment.completed", event).registration(Uuid::now_v7());
    let facts = [
        Fact::view(event).source("نشرة").at(now),
        payment.payment(Uuid::now_v7(), 12_345, "KWD").at(now),
    ];
    stage.store(&facts).await;
    tab.open(&format!("/app/events/{event}?lang=en")).await;
    assert!(tab.table("#sources table").await[1][0].contains("نشرة"));
    assert!(tab.table("#revenue table").await[1][1].ends_with("12.345"));
    assert_eq!(tab.findings(), Vec::<String>::new());
    tab.look(Look::PHONE).await;
    tab.screenshot("event-arabic-phone").await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_hundred_events_are_paged_searched_and_have_their_figures() {
    let stage = Stage::start().await;
    let events = format!(
        "INSERT INTO analytics_service.tracked_events
           (event_id, tenant_id, organization_id, title, slug, starts_at, timezone, published_at, source_updated_at)
         SELECT gen_random_uuid(), '{0}', '{0}', 'Meetup ' || n, 'm', now() - n * interval '1 day', 'UTC', now(), now()
         FROM generate_series(1, 399) n",
        stage.tenant
    );
    stage.world.database.rows(&events).await;
    let newest = stage.publish("The Last One", "UTC", 9).await;
    stage
        .store(&[Fact::view(newest).at(clock::now() - Duration::hours(1))])
        .await;
    let tab = stage.tab().await;
    tab.open("/app/org?lang=en").await;
    tab.until("document.querySelectorAll('#events tbody tr').length === 20")
        .await;
    assert!(tab.text("#events").await.contains("Page 1 of 20"));
    tab.open("/app/org?lang=en&page=19").await;
    tab.until("document.querySelectorAll('#events tbody tr').length === 20")
        .await;
    // The report lists a hundred events at a time; figures of the others are read when they are shown.
    tab.until(
        "[...document.querySelectorAll('#events td')].every((cell) => cell.innerText !== '–')",
    )
    .await;
    tab.open("/app/org?lang=en&q=last one").await;
    tab.until("document.querySelectorAll('#events tbody tr').length === 1")
        .await;
    assert_eq!(tab.table("#events table").await[1][1], "1");
    tab.open("/app/org?lang=en&when=upcoming").await;
    tab.until("document.querySelectorAll('#events tbody tr').length === 1")
        .await;
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}
