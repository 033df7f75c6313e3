//! Every control of the page is reachable and operable by keyboard.

use super::stage::{Stage, event_time, paths};
use crate::chromium::Tab;

/// The number of presses of Tab at most; a field for a day takes several.
const MAX_PRESSES: usize = 150;
/// Marks the element that has the focus; false if none has.
const MARK: &str = "(() => {
    const { activeElement: one } = document;
    if (one === document.body) return false;
    one.dataset.reached = 'yes';
    return true;
})()";
/// The visible controls that never had the focus. Of radio buttons of one name, Tab reaches one.
const MISSED: &str = "[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex=\"0\"]')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.type !== 'hidden')
    .filter((one) => !('reached' in one.dataset))
    .filter((one) => one.type !== 'radio' || !document.querySelector(`input[name=\"${one.name}\"][data-reached]`))
    .map((one) => one.outerHTML.slice(0, 200))";

/// Presses Tab through the whole page, and returns the controls that were not reached.
async fn missed(tab: &Tab) -> Vec<String> {
    for _ in 0..MAX_PRESSES {
        tab.press("Tab").await;
        if !tab.value::<bool>(MARK).await {
            break;
        }
    }
    let reached: usize = tab
        .value("document.querySelectorAll('[data-reached]').length")
        .await;
    assert!(reached > 5, "{reached}");
    tab.value(MISSED).await
}

async fn focus(tab: &Tab, selector: &str) {
    let script = format!("(document.querySelector({selector:?}).focus(), true)");
    assert!(tab.value::<bool>(&script).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_of_every_page_is_reachable_by_keyboard() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let other = stage.past_event("Another One").await;
    let tab = stage.tab().await;
    let (first, last) = (event_time(-20).date_naive(), event_time(0).date_naive());
    for (name, path) in paths(event, other) {
        let separator = if path.contains('?') { '&' } else { '?' };
        tab.open(&format!("{path}{separator}lang=en&from={first}&to={last}"))
            .await;
        tab.until("document.querySelector('.tile button, #door svg[tabindex]') !== null")
            .await;
        if name == "event" {
            // The filters list what has happened in all days, which is read beside the figures.
            tab.until("document.querySelectorAll('.filters select').length === 4")
                .await;
        }
        assert_eq!(missed(&tab).await, Vec::<String>::new(), "{name}");
    }
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_control_is_operable_by_keyboard() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let tab = stage.tab().await;
    tab.open(&format!("/app/events/{event}?lang=en")).await;

    // The first Tab leads past the header.
    tab.press("Tab").await;
    tab.press("Enter").await;
    tab.until("document.activeElement.id === 'figures'").await;

    focus(&tab, ".tile button").await;
    tab.press("Enter").await;
    tab.until("location.search.includes('metric=views')").await;
    focus(&tab, "#time .check input").await;
    tab.press("Space").await;
    tab.until("location.search.includes('cumulative=1')").await;
    focus(&tab, "#funnel input:checked").await;
    tab.press("ArrowRight").await;
    tab.until("location.search.includes('funnel=counts')").await;
    focus(&tab, "#time .quiet").await;
    tab.press("Enter").await;
    tab.until("document.querySelector('#time table') !== null")
        .await;
    // The focus stays where it was.
    tab.press("Enter").await;
    tab.until("document.querySelector('#time table') === null")
        .await;
    focus(&tab, ".filters select").await;
    tab.press("ArrowDown").await;
    tab.until("location.search.includes('period=7')").await;
    tab.shown().await;
    tab.back().await;

    // Arrow keys read the values of every chart out.
    for panel in ["time", "door", "hours"] {
        focus(&tab, &format!("#{panel} svg[tabindex]")).await;
        let spoken = format!("document.querySelector('#{panel} [aria-live]').innerText");
        tab.press("End").await;
        tab.until(&format!("{spoken} !== ''")).await;
        let last: String = tab.value(&spoken).await;
        tab.press("ArrowLeft").await;
        tab.until(&format!("{spoken} !== {last:?}")).await;
    }

    // A dialog takes the focus and keeps it; Escape closes it and gives the focus back.
    let export = "[...document.querySelectorAll('.actions button')].find((one) => one.innerText.includes('Export'))";
    assert!(
        tab.value::<bool>(&format!("({export}.focus(), true)"))
            .await
    );
    tab.press("Enter").await;
    let inside = "document.querySelector('dialog')?.contains(document.activeElement) === true";
    tab.until(inside).await;
    assert_eq!(tab.accessibility_violations().await, Vec::<String>::new());
    tab.screenshot("export-dialog").await;
    tab.press("Escape").await;
    tab.until("document.querySelector('dialog') === null").await;
    tab.until(&format!("document.activeElement === {export}"))
        .await;

    focus(&tab, "#sources button").await;
    tab.press("Enter").await;
    tab.until("location.search.includes('source=')").await;
    focus(&tab, ".crumb").await;
    tab.press("Enter").await;
    tab.until("location.pathname === '/app/org'").await;
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}
