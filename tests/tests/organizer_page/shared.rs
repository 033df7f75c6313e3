//! A share link shows the chosen parts of its event to people without an account, and nothing else.

use analytics_tests::share::{SECTIONS, Share};
use serde_json::{Value, json};

use super::stage::Stage;
use crate::chromium::{Chromium, Look};

/// The panels and the section that each needs.
const PANELS: [(&str, &str); 7] = [
    ("series", "#time svg[tabindex]"),
    ("metrics", ".tile"),
    ("funnel", "#funnel"),
    ("sources", "#sources"),
    ("ticketTypes", "#tickets"),
    ("heatMap", "#hours"),
    ("checkIns", "#door"),
];

/// A script that lists the sections whose panels are shown.
fn shown_sections() -> String {
    format!(
        "{}.filter(([, panel]) => document.querySelector(panel)).map(([section]) => section).sort()",
        json!(PANELS)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_the_dialog_opens_its_sections_alone_without_signing_in() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let organizer = stage.tab().await;
    organizer
        .open(&format!("/app/events/{event}?lang=en"))
        .await;
    organizer.click("button", "Share").await;
    organizer
        .until("document.querySelector('dialog form') !== null")
        .await;
    organizer
        .click("dialog .checks label", "From view to door")
        .await;
    organizer.click("dialog .checks label", "Sources").await;
    organizer.screenshot("share-dialog").await;
    assert_eq!(
        organizer.accessibility_violations().await,
        Vec::<String>::new()
    );
    organizer.click("dialog button", "Create link").await;
    organizer
        .until("document.querySelector('dialog .copy input') !== null")
        .await;
    let link: String = organizer
        .value("document.querySelector('dialog .copy input').value")
        .await;
    let path = link.strip_prefix(&stage.origin()).unwrap();
    assert!(path.starts_with("/app/share#"), "{path}");
    organizer.screenshot("share-dialog-created").await;

    // Another browser, which has never signed in.
    let browser = Chromium::start().await;
    let recipient = browser.tab(&stage.origin()).await;
    recipient.open(path).await;
    recipient
        .until("document.querySelectorAll('.tile').length === 6")
        .await;
    assert!(!recipient.url().await.contains('#'));
    let shown: Vec<String> = recipient.value(&shown_sections()).await;
    let expected = ["checkIns", "heatMap", "metrics", "series", "ticketTypes"];
    assert_eq!(shown, expected);
    // Neither revenue nor what only organizers do.
    let text = recipient.text("body").await;
    for hidden in [
        "Revenue",
        "Export",
        "Door",
        "Compare editions",
        "All events",
    ] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let api = stage.api();
    let dashboard = api.read(&format!("/events/{event}/dashboard")).await;
    assert_eq!(
        recipient.tiles().await[0].1,
        dashboard["totalViews"].to_string()
    );
    for (form, look) in [
        ("desktop", Look::DESKTOP),
        ("phone", Look::PHONE),
        ("dark", Look::DARK),
    ] {
        recipient.look(look).await;
        recipient.screenshot(&format!("share-{form}-en")).await;
        assert_eq!(
            recipient.accessibility_violations().await,
            Vec::<String>::new()
        );
    }
    // The tab keeps its session, also when it is loaded again.
    recipient.open("/app/share?lang=ru&period=7").await;
    recipient.screenshot("share-dark-ru").await;
    assert_eq!(recipient.findings(), Vec::<String>::new());
    browser.end().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_section_is_shown_alone_without_a_refused_request() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let selection =
        "period=7&source=direct&ticketType=vip&compare=year&granularity=week&split=source";
    for section in SECTIONS {
        let settings = json!({ "sections": [section] });
        let share = Share::create(&stage.api(), event, &settings).await;
        let tab = stage.chromium.tab(&stage.origin()).await;
        for parameters in ["", selection] {
            tab.open(&format!("/app/share?lang=en&{parameters}#{}", share.secret))
                .await;
            if parameters.is_empty() {
                let is_alone = format!("{}.join() === '{section}'", shown_sections());
                tab.until(&is_alone).await;
            }
            assert_eq!(
                tab.findings(),
                Vec::<String>::new(),
                "{section} {parameters}"
            );
        }
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_shows_the_form_again_and_the_right_one_the_event() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let settings = json!({ "sections": SECTIONS, "password": "a long password" });
    let share = Share::create(&stage.api(), event, &settings).await;
    let tab = stage.chromium.tab(&stage.origin()).await;
    tab.open(&format!("/app/share?lang=en#{}", share.secret))
        .await;
    assert_eq!(tab.text("h1").await, "This page needs a password.");
    assert_eq!(tab.accessibility_violations().await, Vec::<String>::new());
    let field = "document.querySelector('input[type=password]')";
    let enter = async |password: &str| {
        let script = format!(
            "(async () => {{ const field = {field}; field.value = {password:?};
               field.dispatchEvent(new Event('input', {{ bubbles: true }}));
               await new Promise((done) => setTimeout(done, 100));
               field.form.requestSubmit(); return true; }})()"
        );
        let _: bool = tab.value(&script).await;
    };
    enter("a wrong password").await;
    tab.until(
        "document.querySelector('[role=alert]').innerText.includes('The password is wrong.')",
    )
    .await;
    tab.screenshot("share-password").await;
    assert_eq!(tab.accessibility_violations().await, Vec::<String>::new());
    enter("a long password").await;
    tab.until("document.querySelectorAll('.tile').length === 6")
        .await;
    assert!(!tab.url().await.contains(&share.secret));
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_revoked_and_guessed_links_show_one_page() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let (api, settings) = (stage.api(), json!({ "sections": SECTIONS }));
    let [expired, revoked, open] = [
        Share::create(&api, event, &settings).await,
        Share::create(&api, event, &settings).await,
        Share::create(&api, event, &settings).await,
    ];
    revoked.revoke(&api, event).await;
    let expire = format!(
        "UPDATE analytics_service.shared_links SET expires_at = NOW() - INTERVAL '1 second' WHERE share_id = '{}'",
        expired.id
    );
    stage.world.database.rows(&expire).await;
    let guessed = open.secret.chars().rev().collect::<String>();
    let mut pages = Vec::new();
    for secret in [&expired.secret, &revoked.secret, &guessed] {
        let tab = stage.chromium.tab(&stage.origin()).await;
        tab.open(&format!("/app/share?lang=en#{secret}")).await;
        pages.push(tab.text("body").await);
        tab.screenshot("share-invalid").await;
    }
    assert!(
        pages[0].contains("This link is invalid or expired."),
        "{pages:?}"
    );
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");

    // A link that is revoked while it is open closes with the next request.
    let tab = stage.chromium.tab(&stage.origin()).await;
    tab.open(&format!("/app/share?lang=en#{}", open.secret))
        .await;
    tab.until("document.querySelectorAll('.tile').length === 6")
        .await;
    open.revoke(&api, event).await;
    tab.choose("Source", "newsletter").await;
    let text: Value = tab.value("document.body.innerText").await;
    assert!(
        text.to_string()
            .contains("This link is invalid or expired."),
        "{text}"
    );
    stage.end().await;
}
