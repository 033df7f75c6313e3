//! A response with figures is compressed for those who accept it, with an entity tag of its own; a file is not.

use analytics_tests::{
    api::Api,
    browser::{Browser, Page},
    fact::Fact,
    world::World,
};
use async_compression::tokio::bufread::GzipDecoder;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use uuid::Uuid;

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

async fn get(api: &Api, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = api
        .http
        .get(api.url(path))
        .bearer_auth(api.token().unwrap());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn unzipped(response: Response) -> Vec<u8> {
    let body = response.bytes().await.unwrap();
    let mut plain = Vec::new();
    GzipDecoder::new(&body[..])
        .read_to_end(&mut plain)
        .await
        .unwrap();
    plain
}

const GZIP: (&str, &str) = ("Accept-Encoding", "gzip, deflate, br");

#[tokio::test]
async fn responses_are_compressed_for_clients_that_accept_it_with_an_entity_tag_for_each_coding() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    world.write().store(&Fact::view(event)).await;
    let api = world.read().of_tenant(tenant);
    for path in [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel?groupBy=day&dateFrom=2026-01-01"),
        format!("/organizations/{tenant}/report"),
    ] {
        let plain = get(&api, &path, &[]).await;
        assert_eq!(
            (header(&plain, "content-encoding"), header(&plain, "vary")),
            (None, Some("Accept-Encoding"))
        );
        let etag = header(&plain, "etag").unwrap().to_owned();
        let plain = plain.bytes().await.unwrap();
        let gzip = get(&api, &path, &[GZIP]).await;
        assert_eq!(header(&gzip, "content-encoding"), Some("gzip"), "{path}");
        assert_eq!(header(&gzip, "vary"), Some("Accept-Encoding"));
        let of_gzip = header(&gzip, "etag").unwrap().to_owned();
        assert!(of_gzip != etag && of_gzip.starts_with('"'), "{of_gzip}");
        let length: usize = header(&gzip, "content-length").unwrap().parse().unwrap();
        assert!(length < plain.len(), "{length}");
        assert_eq!(unzipped(gzip).await, plain, "{path}");
        for etag in [&etag, &of_gzip] {
            let known = get(&api, &path, &[GZIP, ("If-None-Match", etag)]).await;
            assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(header(&known, "etag"), Some(etag.as_str()));
            assert_eq!(header(&known, "vary"), Some("Accept-Encoding"));
        }
        // Another event has another entity tag, also compressed.
        let other = get(&api, &path, &[GZIP, ("If-None-Match", "\"0-gzip\"")]).await;
        assert_eq!(other.status(), StatusCode::OK);
    }
    world.end().await;
}

#[tokio::test]
async fn small_responses_streams_and_files_are_not_compressed() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let api = world.read().of_tenant(tenant);
    for path in [
        "/me".to_owned(),
        format!("/organizations/{tenant}/events"),
        format!("/events/{event}/live"),
    ] {
        let response = get(&api, &path, &[GZIP]).await;
        assert_eq!(
            (response.status(), header(&response, "content-encoding")),
            (StatusCode::OK, None),
            "{path}"
        );
    }
    for format in ["xlsx", "csv"] {
        let export = json!({"organizationId": tenant, "dateFrom": "2026-01-01", "dateTo": "2026-12-31",
                            "format": format});
        let request = api.request("/export", &export).header(GZIP.0, GZIP.1);
        let file = request.send().await.unwrap();
        assert_eq!(
            (file.status(), header(&file, "content-encoding")),
            (StatusCode::OK, None)
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_form_of_the_page_exports_the_file_that_json_exports() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    world.write().store(&Fact::view(event)).await;
    let api = world.read().of_tenant(tenant);
    let mut browser = Browser::at(&world.query.url(""));
    browser.sign_in(api.token().unwrap(), None).await;
    let json = json!({"organizationId": tenant, "eventId": event, "dateFrom": "2026-01-01",
        "dateTo": "2026-12-31", "format": "csv", "columns": ["eventType", "eventId"], "bom": true,
        "delimiter": "semicolon"});
    let of_json = api.post("/export", &json).await;
    assert_eq!(of_json.status(), StatusCode::OK);
    let form = format!(
        "organizationId={tenant}&eventId={event}&dateFrom=2026-01-01&dateTo=2026-12-31&format=csv\
         &columns=eventType&columns=eventId&bom=true&delimiter=semicolon&timezone=&dataset="
    );
    let send = async |page, body: String| {
        let request = browser.request(Method::POST, "/api/v1/analytics/export", page);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap()
    };
    let of_form = send(Page::Own, form.clone()).await;
    assert_eq!(of_form.status(), StatusCode::OK);
    let disposition = header(&of_form, "content-disposition").unwrap();
    assert!(disposition.starts_with("attachment;"), "{disposition}");
    assert_eq!(
        of_form.bytes().await.unwrap(),
        of_json.bytes().await.unwrap()
    );

    let foreign = send(Page::Foreign, form.clone()).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    for (fields, field) in [
        (form.replace("format=csv", "format=pdf"), "format"),
        (form.replace("bom=true", "bom=perhaps"), "bom"),
        (format!("{form}&unknown=1"), "unknown"),
        (form.replace("&dateTo=2026-12-31", ""), "dateTo"),
    ] {
        let refused = send(Page::Own, fields).await;
        assert_eq!(
            refused.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field}"
        );
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    world.end().await;
}
