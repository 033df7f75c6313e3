//! The door shows a check-in within two seconds.

use std::time::Duration;

use analytics_shared::clock;
use analytics_tests::fact::Fact;
use tokio::time::sleep;
use uuid::Uuid;

use super::stage::{Stage, life};

/// The promised delay, in milliseconds.
const SOON: i64 = 2_000;
/// Notes the time at which the page shows each number for the first time.
const WATCH: &str = "(() => {
    window.shownAt = {};
    const number = document.querySelector('.headline .number b');
    const note = () => { shownAt[number.innerText] ??= Date.now(); };
    new MutationObserver(note).observe(number, { characterData: true, childList: true, subtree: true });
    return true;
})()";

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_appears_on_the_door_page_and_on_the_event_page() {
    let stage = Stage::start().await;
    let event = stage.publish("A Concert", "Europe/Berlin", 0).await;
    stage.store(&life(event, 0)).await;
    let tab = stage.tab().await;
    tab.open(&format!("/app/events/{event}/door?lang=en")).await;
    tab.until("document.querySelector('.pill.live') !== null")
        .await;
    assert_eq!(tab.text(".headline .number b").await, "0");
    let _: bool = tab.value(WATCH).await;
    for number in 1..=3 {
        // At different times between two polls.
        sleep(Duration::from_millis(205 * number)).await;
        let check_in = Fact::new("checkin.completed", event)
            .registration(Uuid::now_v7())
            .visitor(Uuid::now_v7());
        stage.store(&[check_in]).await;
        let stored = clock::now().timestamp_millis();
        tab.until(&format!("{number} in shownAt")).await;
        let shown: i64 = tab.value(&format!("shownAt[{number}]")).await;
        assert!(shown - stored < SOON, "after {} ms", shown - stored);
    }
    tab.open(&format!("/app/events/{event}?lang=en")).await;
    tab.until("document.querySelector('.pill.live') !== null")
        .await;
    let check_in = Fact::new("checkin.completed", event).registration(Uuid::now_v7());
    stage.store(&[check_in]).await;
    tab.until("[...document.querySelectorAll('.tile .figure')][4].innerText === '4'")
        .await;
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}
