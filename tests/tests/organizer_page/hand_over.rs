//! The page takes a token from the fragment of its URL, keeps it nowhere that others read, and says when it has ended.

use analytics_shared::{
    auth::{Caller, TokenRules, TokenSigner},
    clock,
};
use analytics_tests::process::JWT_SECRET;
use chrono::Duration;
use uuid::Uuid;

use super::stage::Stage;

/// A token of an organizer that ends after some seconds.
fn short_token(tenant: Uuid, seconds: i64) -> String {
    let caller = Caller {
        tenant_id: Some(tenant),
        user_id: Some(Uuid::now_v7()),
        roles: vec!["ORGANIZER".to_owned()],
    };
    TokenSigner::new(JWT_SECRET, TokenRules::default())
        .sign(&caller, clock::now(), Duration::seconds(seconds))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_fragment_opens_a_session_and_is_nowhere_afterwards() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let tab = stage.chromium.tab(&stage.origin()).await;
    let api = stage.api();
    let token = api.token().unwrap();
    let path = format!("/app/events/{event}?lang=en");
    tab.open(&format!("{path}#token={token}")).await;
    tab.until("document.querySelectorAll('.tile').length === 7")
        .await;
    assert_eq!(tab.url().await, format!("{}{path}", stage.origin()));
    let seen: String = tab
        .value(
            "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state,
               document.documentElement.outerHTML])",
        )
        .await;
    assert!(!seen.contains(token), "{seen}");
    // Neither the history nor a log has it.
    tab.click("a", "Door").await;
    tab.until("location.pathname.endsWith('/door')").await;
    tab.back().await;
    assert_eq!(tab.url().await, format!("{}{path}", stage.origin()));
    assert!(!stage.world.query.logged().contains(token));
    assert_eq!(tab.findings(), Vec::<String>::new());

    let stranger = stage.chromium.tab(&stage.origin()).await;
    stranger.open(&format!("{path}#token=not-a-token")).await;
    assert_eq!(stranger.text("h1").await, "Your session has ended.");
    assert!(!stranger.url().await.contains('#'));
    stranger.screenshot("session-ended").await;
    assert_eq!(
        stranger.accessibility_violations().await,
        Vec::<String>::new()
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_keeps_its_figures_and_says_so() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let tab = stage.chromium.tab(&stage.origin()).await;
    let token = short_token(stage.tenant, 6);
    tab.open(&format!("/app/events/{event}?lang=en#token={token}"))
        .await;
    tab.until("document.querySelectorAll('.tile').length === 7")
        .await;
    // The end of the session also ends the live figures.
    tab.until("document.querySelector('.pill').innerText.includes('Not live')")
        .await;
    tab.choose("Source", "newsletter").await;
    let banner = tab.text(".banner").await;
    assert!(banner.contains("Your session has ended."), "{banner}");
    assert!(banner.contains("Open this page from the ticketing platform again."));
    assert!(banner.contains("These figures are from"), "{banner}");
    assert_eq!(tab.tiles().await.len(), 7);
    tab.screenshot("event-session-ended").await;
    assert_eq!(tab.accessibility_violations().await, Vec::<String>::new());
    tab.open(&format!("/app/events/{event}?lang=en")).await;
    assert_eq!(tab.text("h1").await, "Your session has ended.");
    stage.end().await;
}
