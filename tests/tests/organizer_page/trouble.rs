//! The page during failures of the service: it says so, and recovers by itself.

use analytics_tests::proxy::{Mode, Proxy};

use super::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_counted_down_beside_the_last_figures_and_ends_by_itself() {
    let stage = Stage::start().await;
    let (proxy, url) = Proxy::before(&stage.world.database.query_url).await;
    let stage = stage.restarted_with(&[("DATABASE_URL", &url)]).await;
    let event = stage.past_event("A Conference").await;
    let tab = stage.tab().await;
    tab.open(&format!("/app/events/{event}?lang=en")).await;
    let whole = tab.tiles().await;

    proxy.set(Mode::Cut);
    tab.choose("Source", "newsletter").await;
    let banner = tab.text(".banner").await;
    assert!(
        banner.contains("The service is temporarily unavailable."),
        "{banner}"
    );
    assert!(banner.contains("These figures are from"), "{banner}");
    assert_eq!(tab.tiles().await, whole);
    let left =
        "Number(/Next attempt in (\\d+)/.exec(document.querySelector('.banner').innerText)[1])";
    let first: u32 = tab.value(left).await;
    tab.until(&format!("{left} < {first}")).await;
    tab.screenshot("event-outage").await;
    assert_eq!(tab.accessibility_violations().await, Vec::<String>::new());

    proxy.set(Mode::Pass);
    tab.until("document.querySelector('.banner') === null")
        .await;
    let api = stage.api();
    let dashboard = api
        .read(&format!("/events/{event}/dashboard?source=newsletter"))
        .await;
    assert_eq!(tab.tiles().await[0].1, dashboard["totalViews"].to_string());
    tab.until("document.querySelector('.pill.live') !== null")
        .await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_stays_on_at_the_door() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let tab = stage.tab().await;
    tab.open(&format!("/app/events/{event}/door?lang=en")).await;
    tab.until("document.querySelector('.actions').innerText.includes('The screen stays on')")
        .await;
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_others_and_an_unknown_page_say_that_they_do_not_exist() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let mut stranger = stage;
    stranger.tenant = uuid::Uuid::now_v7();
    let tab = stranger.tab().await;
    for path in ["", "/door", "/compare"] {
        tab.open(&format!("/app/events/{event}{path}?lang=en"))
            .await;
        let text = tab.text("h1").await;
        assert!(text.contains("does not exist"), "{path}: {text}");
    }
    tab.screenshot("not-found").await;
    stranger.end().await;
}

/// Holds the requests for the funnel until `showFunnel` is called.
const LATE_FUNNEL: &str = "(() => {
    const request = window.fetch, late = new Promise((resolve) => { window.showFunnel = resolve; });
    window.fetch = async (...asked) => {
      if (String(asked[0]).includes('/funnel')) await late;
      return request(...asked);
    };
  })()";

#[tokio::test(flavor = "multi_thread")]
async fn a_late_funnel_keeps_its_place_beside_the_other_figures() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let tab = stage.tab().await;
    tab.run_in_each_document(LATE_FUNNEL).await;
    tab.goto(&format!("{}/app/events/{event}?lang=en", stage.origin()))
        .await;
    tab.until("document.querySelectorAll('.tile').length === 7")
        .await;
    tab.screenshot("event-late-funnel").await;
    let panel = |selector: &str| {
        format!(
            "(({{ top, width }}) => [Math.round(top), Math.round(width)])
               (document.querySelector('{selector}').getBoundingClientRect())"
        )
    };
    let before: (i64, i64) = tab.value(&panel("#sources")).await;
    let place: (i64, i64) = tab.value(&panel(".skeleton")).await;
    assert_eq!(place.1, before.1);
    let _: bool = tab.value("(showFunnel(), true)").await;
    tab.shown().await;
    let funnel: (i64, i64) = tab.value(&panel("#funnel")).await;
    assert_eq!(funnel, place);
    let after: (i64, i64) = tab.value(&panel("#sources")).await;
    assert!((before.0 - after.0).abs() < 10, "{before:?}, {after:?}");
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}
