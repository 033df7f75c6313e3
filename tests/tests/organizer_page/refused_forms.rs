//! A form that the service refuses shows words instead of JSON.

use std::fmt::Write;

use super::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_sign_in_and_a_refused_export_are_explained_in_the_language_of_the_browser() {
    let stage = Stage::start().await;
    let tab = stage.chromium.tab(&stage.origin()).await;
    for (path, fields) in [
        ("/app/session", vec![("token", "not-a-token")]),
        (
            "/api/v1/analytics/export",
            vec![
                ("format", "csv"),
                ("organizationId", "7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59"),
                ("dateFrom", "2026-01-01"),
                ("dateTo", "2026-01-31"),
            ],
        ),
    ] {
        for (language, title) in [
            ("en-US", "Your session has ended."),
            ("ru-RU", "Сессия закончилась."),
        ] {
            tab.accept_language(language).await;
            tab.goto(&format!("{}/app/org?lang=en", stage.origin()))
                .await;
            tab.shown().await;
            let mut script = format!(
                "const form = document.createElement('form'); form.method = 'post'; form.action = {path:?};"
            );
            for (name, value) in &fields {
                let _ = write!(
                    script,
                    "form.append(Object.assign(document.createElement('input'), {{ name: {name:?}, value: {value:?} }}));"
                );
            }
            let _: bool = tab.value(&format!("(() => {{ {script} document.body.append(form); form.submit(); return true; }})()")).await;
            tab.until(&format!("document.title === {title:?}")).await;
            assert_eq!(tab.text("h1").await, title);
            assert_eq!(tab.accessibility_violations().await, Vec::<String>::new());
        }
        tab.screenshot(&format!("refused-{}", fields.len())).await;
    }
    stage.end().await;
}
