//! The page of a shared event in a frame of the ticketing platform, which hands over a link or a token by a message.

use std::time::Duration;

use analytics_tests::{responder::respond_with, share::Share};
use http_body_util::Full;
use hyper::Response;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::chromium::Tab;

/// The page of the platform. Its fragment has the URL of the frame, and the answer to the page in it.
const PLATFORM: &str = r#"<!doctype html><title>Tickets</title><body><script>
  const { frame, answer } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  addEventListener("message", ({ data, origin, source }) => {
    if (origin === new URL(frame).origin && data.type === "analytics.ready") source.postMessage(answer, origin);
  });
  const view = document.createElement("iframe");
  view.src = frame;
  document.body.append(view);
</script>"#;

/// Serves the page of a platform; returns its origin. `localhost` is the site of both origins, so that the browser runs
/// them in one process, which the driver needs to look into the frame.
async fn platform() -> String {
    let page = || {
        let page = Response::builder().header("content-type", "text/html");
        page.body(Full::from(PLATFORM)).unwrap()
    };
    let address = respond_with(page).await;
    format!("http://localhost:{}", address.port())
}

/// A stage whose shared pages `origin` may contain.
async fn stage_framed_by(origin: &str) -> Stage {
    let stage = Stage::start().await;
    let share_url = stage.world.database.share_url.clone();
    let settings = [
        ("SHARE_DATABASE_URL", share_url.as_str()),
        ("FRAME_ANCESTORS", origin),
    ];
    stage.restarted_with(&settings).await
}

/// Opens the page of the platform, which answers the page in its frame.
async fn open(stage: &Stage, platform: &str, answer: &Value) -> Tab {
    let tab = stage.chromium.tab(&stage.origin()).await;
    let frame = format!("{}/app/share?lang=en", stage.origin());
    let fragment = json!({"frame": frame, "answer": answer}).to_string();
    let encoded: String = url::form_urlencoded::byte_serialize(fragment.as_bytes()).collect();
    tab.goto(&format!("{platform}/#{}", encoded.replace('+', "%20")))
        .await;
    tab
}

/// The findings of a tab, without the requests to the platform itself.
fn findings(tab: &Tab, platform: &str) -> Vec<String> {
    let mut findings = tab.findings();
    findings.retain(|finding| !finding.starts_with(&format!("request to {platform}/")));
    findings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_hands_over_a_link_or_a_token_to_the_page_in_its_frame() {
    let platform = platform().await;
    let stage = stage_framed_by(&platform).await;
    let event = stage.past_event("A Conference").await;
    let api = stage.api();
    let share = Share::to_all(&api, event).await;
    let dashboard = api.read(&format!("/events/{event}/dashboard")).await;
    for answer in [
        json!({"type": "analytics.session", "link": share.secret}),
        json!({"type": "analytics.session", "token": api.token(), "eventId": event}),
    ] {
        let tab = open(&stage, &platform, &answer).await;
        tab.until_in_frame("document.querySelectorAll('.tile').length === 7")
            .await;
        let views: String = tab
            .value_in_frame("document.querySelector('.tile .figure').innerText")
            .await;
        assert_eq!(views, dashboard["totalViews"].to_string(), "{answer}");
        let url: String = tab.value_in_frame("location.href").await;
        assert_eq!(url, format!("{}/app/share?lang=en", stage.origin()));
        assert_eq!(findings(&tab, &platform), Vec::<String>::new());
    }
    let tab = open(&stage, &platform, &json!({"type": "analytics.session"})).await;
    tab.until_in_frame("document.body.innerText.includes('This link is invalid or expired.')")
        .await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_cannot_contain_the_page() {
    let (platform, other) = (platform().await, self::platform().await);
    let stage = stage_framed_by(&platform).await;
    let tab = open(&stage, &other, &json!({"type": "analytics.session"})).await;
    let refused = async {
        while !findings(&tab, &other).concat().contains("frame-ancestors") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(15), refused);
    refused.await.expect("the frame is refused");
    stage.end().await;
}
