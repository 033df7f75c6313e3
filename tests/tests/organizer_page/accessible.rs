//! The page has no violation of accessibility rules in any of its forms, fits narrow windows
//! and paper, and stays within its content security policy.

use super::{
    reading::TABLES,
    stage::{Stage, paths},
};
use crate::chromium::Look;

fn with(path: &str, parameters: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{parameters}")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_violates_accessibility_rules_or_its_policy_in_any_form() {
    let stage = Stage::start().await;
    let (event, other) = (
        stage.past_event("A Conference").await,
        stage.past_event("Another One").await,
    );
    let tab = stage.tab().await;
    let mut violations = Vec::new();
    for (name, path) in paths(event, other) {
        for (form, look) in [
            ("desktop", Look::DESKTOP),
            ("dark", Look::DARK),
            ("phone", Look::PHONE),
        ] {
            for language in ["en", "ru"] {
                tab.look(look).await;
                tab.open(&with(&path, &format!("lang={language}"))).await;
                tab.screenshot(&format!("{name}-{form}-{language}")).await;
                let found = tab.accessibility_violations().await;
                violations.extend(
                    found
                        .iter()
                        .map(|one| format!("{name} {form} {language}: {one}")),
                );
                tab.open(&with(&path, &format!("lang={language}&{TABLES}")))
                    .await;
                let found = tab.accessibility_violations().await;
                violations.extend(
                    found
                        .iter()
                        .map(|one| format!("{name} {form} tables {language}: {one}")),
                );
            }
        }
    }
    assert_eq!(violations, Vec::<String>::new());
    assert_eq!(tab.findings(), Vec::<String>::new());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_320_pixels_a_zoom_of_200_percent_forced_colors_and_two_sheets_of_paper() {
    let stage = Stage::start().await;
    let (event, other) = (
        stage.past_event("A Conference").await,
        stage.past_event("Another One").await,
    );
    let tab = stage.tab().await;
    for (name, path) in paths(event, other) {
        for language in ["en", "ru"] {
            // A zoom of 200 % on a window of 1,280 pixels has the layout of 640.
            for width in [320, 640] {
                tab.look(Look {
                    width,
                    ..Look::DESKTOP
                })
                .await;
                tab.open(&with(&path, &format!("lang={language}&{TABLES}")))
                    .await;
                assert_eq!(tab.overflow().await, 0, "{name} {language} {width}");
                tab.open(&with(&path, &format!("lang={language}"))).await;
                assert_eq!(tab.overflow().await, 0, "{name} {language} {width}");
            }
        }
        tab.look(Look {
            has_forced_colors: true,
            ..Look::DESKTOP
        })
        .await;
        tab.open(&with(&path, "lang=en")).await;
        tab.screenshot(&format!("{name}-forced-colors")).await;
        assert_eq!(tab.accessibility_violations().await, Vec::<String>::new());
    }
    tab.look(Look::DESKTOP).await;
    for parameters in ["", "period=28&"] {
        tab.open(&format!("/app/events/{event}?{parameters}lang=en"))
            .await;
        assert_eq!(tab.printed_pages().await, 2, "{parameters}");
    }
    stage.end().await;
}
