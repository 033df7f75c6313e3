//! A traffic source is one, however people write it, and is found and shown in a readable form.

use analytics_tests::{fact::Fact, world::World};
use reqwest::header::ORIGIN;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

#[tokio::test]
async fn a_source_is_one_however_it_is_written_and_found_by_every_form() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().of_tenant(tenant);
    for (property, forms, shown) in [
        (
            "source",
            &[
                "newsletter",
                " Newsletter ",
                "NEWSLETTER.",
                "news\u{200b}letter",
            ][..],
            "newsletter",
        ),
        (
            "utmSource",
            &["caf\u{e9}  noir", "Cafe\u{301} Noir", "CAF\u{c9}\tNOIR"],
            "caf\u{e9} noir",
        ),
        (
            "source",
            &[
                "тест.рф",
                "xn--e1aybc.xn--p1ai",
                "XN--E1AYBC.xn--p1ai.",
                "Тест.РФ",
            ],
            "тест.рф",
        ),
        (
            "referrer",
            &[
                "https://www.bücher.example/a",
                "https://xn--bcher-kva.example./b",
                "HTTPS://BÜCHER.EXAMPLE:443/",
            ],
            "bücher.example",
        ),
    ] {
        for form in forms {
            write
                .store(&Fact::view(event).property(property, form))
                .await;
        }
        let views = i64::try_from(forms.len()).unwrap();
        let is_filter = property != "referrer";
        for form in forms.iter().filter(|_| is_filter).chain([&shown]) {
            let form: String = byte_serialize(form.as_bytes()).collect();
            for path in ["dashboard", "funnel"] {
                let path = format!("/events/{event}/{path}?source={form}");
                let read = world.read().of_tenant(tenant).read(&path).await;
                let counted = read.get("totalViews").or(read.get("pageViews"));
                assert_eq!(counted, Some(&json!(views)), "{path}");
            }
        }
    }
    let mut sources: Vec<_> = world.dashboard(tenant, event, "").await.by_source;
    sources.sort_by(|a, b| a.source.cmp(&b.source));
    let names: Vec<_> = sources
        .iter()
        .map(|source| source.source.as_str())
        .collect();
    assert_eq!(
        names,
        ["bücher.example", "caf\u{e9} noir", "newsletter", "тест.рф"]
    );
    // Facts and rollup agree.
    let differing = "SELECT COUNT(*) FROM analytics_service.event_rollup rollup
        WHERE NOT EXISTS (SELECT FROM analytics_service.analytics_events
                          WHERE properties ->> 'source' = rollup.source)";
    assert_eq!(world.database.number(differing).await, 0);
    world.end().await;
}

#[tokio::test]
async fn a_referrer_on_the_site_of_the_page_itself_is_direct() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().anonymous();
    for (origin, referrer, source) in [
        (
            "https://tickets.example",
            "https://tickets.example/events",
            "direct",
        ),
        (
            "https://www.tickets.example",
            "https://tickets.example/",
            "direct",
        ),
        (
            "http://tickets.example:8080",
            "https://www.Tickets.example/",
            "direct",
        ),
        (
            "https://xn--bcher-kva.example",
            "https://bücher.example/",
            "direct",
        ),
        (
            "https://tickets.example",
            "https://search.example/?q=tickets.example",
            "search.example",
        ),
        (
            "https://tickets.example",
            "https://blog.tickets.example/",
            "blog.tickets.example",
        ),
        ("null", "https://tickets.example/", "tickets.example"),
    ] {
        for is_batch in [false, true] {
            let view: Value = Fact::view(event).property("referrer", referrer).into();
            let (path, body) = if is_batch {
                ("/track/batch", json!([view]))
            } else {
                ("/track", view)
            };
            let response = write
                .request(path, &body)
                .header(ORIGIN, origin)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 202);
            let last = format!(
                "SELECT COUNT(*) FROM analytics_service.analytics_events
                 WHERE properties ->> 'source' = '{source}'
                   AND (properties ->> 'referrer' IS NULL) = ('{source}' = 'direct')"
            );
            assert!(
                world.database.number(&last).await > 0,
                "{origin} {referrer}"
            );
        }
    }
    let sources = world.dashboard(tenant, event, "").await.by_source;
    let direct = sources
        .iter()
        .find(|source| source.source == "direct")
        .unwrap();
    assert_eq!((sources.len(), direct.views), (4, 8));
    // A source that the page names is its own.
    let named = Fact::view(event)
        .source("flyer")
        .property("referrer", "https://tickets.example/");
    let request = write
        .request("/track", &named)
        .header(ORIGIN, "https://tickets.example");
    assert_eq!(request.send().await.unwrap().status(), 202);
    world
        .until(
            "SELECT COUNT(*) FROM analytics_service.event_rollup WHERE source = 'flyer'",
            1,
        )
        .await;
    world.end().await;
}
