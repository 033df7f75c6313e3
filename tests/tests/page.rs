//! The read tier serves the page of the organizer: from the program alone, cacheable, and under a strict policy.

use analytics_tests::{api::problem, service::Service, world::World};
use reqwest::{Client, Response, StatusCode};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

async fn get(query: &Service, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Client::new().get(query.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

/// The paths of the files that a page loads.
fn assets(page: &str) -> Vec<String> {
    let parts = page.split("/app/assets/").skip(1);
    let names = parts.map(|part| part.split('"').next().unwrap());
    names.map(|name| format!("/app/assets/{name}")).collect()
}

#[tokio::test]
async fn every_path_of_the_page_is_one_document_under_a_strict_policy() {
    let world = World::start().await;
    let mut documents = Vec::new();
    for path in [
        "/app",
        "/app/",
        "/app/org",
        "/app/events/0199",
        "/app/events/0199/door?lang=ru",
        "/app/events/0199/compare",
        "/app/share",
    ] {
        let page = get(&world.query, path, &[]).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert_eq!(
            header(&page, "content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(
            header(&page, "content-security-policy"),
            Some(POLICY),
            "{path}"
        );
        assert_eq!(header(&page, "cache-control"), Some("no-cache"));
        assert_eq!(header(&page, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&page, "referrer-policy"), Some("no-referrer"));
        documents.push(page.text().await.unwrap());
    }
    assert!(documents.iter().all(|document| *document == documents[0]));
    assert!(!assets(&documents[0]).is_empty());
    for path in [
        "/app/assets/none-000000000000.js",
        "/app/unknown",
        "/app/assets/",
        "/application",
    ] {
        let (status, problem) = problem(get(&world.query, path, &[]).await).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::NOT_FOUND, &"unknown_route".into()),
            "{path}"
        );
    }
    // The other methods of `/app/session` are those of sessions.
    let session = get(&world.query, "/app/session", &[]).await;
    assert_eq!(session.status(), StatusCode::METHOD_NOT_ALLOWED);
    world.end().await;
}

#[tokio::test]
async fn the_files_of_the_page_are_kept_for_ever_and_the_document_is_asked_for_each_time() {
    let world = World::start().await;
    let document = get(&world.query, "/app/", &[]).await.text().await.unwrap();
    for path in assets(&document) {
        let file = get(&world.query, &path, &[]).await;
        assert_eq!(file.status(), StatusCode::OK, "{path}");
        let kept = Some("public, max-age=31536000, immutable");
        assert_eq!(header(&file, "cache-control"), kept);
    }
    let asset = assets(&document).remove(0);
    for path in ["/app/", "/docs", "/openapi.yaml", asset.as_str()] {
        let mut etags = Vec::new();
        for accepted in ["identity", "gzip", "gzip, deflate, br"] {
            let accepted = ("Accept-Encoding", accepted);
            let response = get(&world.query, path, &[accepted]).await;
            assert_eq!(header(&response, "vary"), Some("Accept-Encoding"));
            let etag = header(&response, "etag").unwrap().to_owned();
            let coding = header(&response, "content-encoding").unwrap_or("identity");
            // Larger documents are not compressed with Brotli.
            assert!(accepted.1.contains(coding), "{path}: {coding}");
            assert!(!etag.starts_with("W/"), "{etag}");
            let again = get(&world.query, path, &[accepted, ("If-None-Match", &etag)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
            assert_eq!(header(&again, "etag"), Some(&*etag));
            etags.push((coding.to_owned(), etag));
        }
        for (coding, etag) in &etags {
            let same = etags.iter().filter(|(_, other)| other == etag);
            assert!(same.clone().all(|(other, _)| other == coding), "{path}");
        }
        assert_ne!(etags[0].1, etags[1].1, "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn only_configured_origins_contain_the_page_of_a_shared_event() {
    let world = World::start().await;
    let settings = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        (
            "FRAME_ANCESTORS",
            "https://tickets.example.org, https://shop.example.org",
        ),
    ];
    let query = Service::start("analytics-query", &settings).await;
    let framed = "frame-ancestors https://tickets.example.org https://shop.example.org;";
    let shared = get(&query, "/app/share", &[]).await;
    assert_eq!(
        header(&shared, "content-security-policy"),
        Some(&*POLICY.replace("frame-ancestors 'none';", framed))
    );
    let own = get(&query, "/app/", &[]).await;
    assert_eq!(header(&own, "content-security-policy"), Some(POLICY));
    world.end().await;
}
