//! The OpenAPI documents are generated, valid, and match the behaviour (schemathesis).

use std::{path::Path, process::Command};

use analytics_shared::auth::Caller;
use analytics_tests::{api::token, fact::Fact, process::binary, world::World};
use reqwest::Method;
use uuid::Uuid;

/// The checks of schemathesis: no server error, and no undocumented response.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,unsupported_method,\
                      allow_header_conformance,ignored_auth";
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn the_committed_documents_are_what_the_code_generates() {
    for tier in ["ingest", "query"] {
        let output = Command::new(binary(&format!("analytics-{tier}")))
            .arg("openapi")
            .output()
            .unwrap();
        assert!(output.status.success());
        let committed = std::fs::read_to_string(format!("{ROOT}/openapi/{tier}.yaml")).unwrap();
        let generated = String::from_utf8(output.stdout).unwrap();
        assert!(
            committed == generated,
            "openapi/{tier}.yaml is out of date: run `make openapi`"
        );
    }
}

#[test]
fn the_documents_are_valid_openapi() {
    for tier in ["ingest", "query"] {
        python(&[
            "-m",
            "openapi_spec_validator",
            &format!("openapi/{tier}.yaml"),
        ]);
    }
}

#[test]
fn everything_that_is_asked_or_answered_has_an_example() {
    python(&[
        "tests/checks/examples.py",
        "openapi/ingest.yaml",
        "openapi/query.yaml",
    ]);
}

#[tokio::test]
async fn no_route_parses_xml() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let xml = "<?xml version=\"1.0\"?><fact a=\"1\" a=\"2\">&lol;</fact>";
    let mut bodies = 0;
    for (tier, service, api) in [
        ("ingest", &world.ingest, world.write()),
        ("query", &world.query, world.read()),
    ] {
        let document = std::fs::read_to_string(format!("{ROOT}/openapi/{tier}.yaml")).unwrap();
        assert!(
            !document.contains("xml:") && !document.contains("/xml"),
            "{tier}"
        );
        // Every operation, whatever it says that it accepts.
        let api = api.of_tenant(tenant);
        for line in document.lines() {
            let path = line
                .strip_prefix("  /api/")
                .and_then(|line| line.strip_suffix(':'));
            let Some(path) = path else { continue };
            let id = Uuid::now_v7().to_string();
            let url = service.url(&format!("/api/{path}"));
            let names = ["{eventId}", "{orgId}", "{shareId}"];
            let url = names.iter().fold(url, |url, name| url.replace(name, &id));
            for content_type in [
                "application/xml",
                "text/xml; charset=utf-8",
                "image/svg+xml",
            ] {
                for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                    let request = api.http.request(method, &url).body(xml);
                    let request = request.bearer_auth(api.token().unwrap());
                    let response = request.header("content-type", content_type).send().await;
                    let status = response.unwrap().status().as_u16();
                    assert!(
                        [403, 404, 405, 415].contains(&status),
                        "{url} {content_type}: {status}"
                    );
                    bodies += usize::from(status == 415);
                }
            }
        }
    }
    assert!(bodies >= 9, "three routes have a body");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_answer_outside_the_documents() {
    let world = World::start().await;
    // The event and the organization of the examples.
    let tenant = "7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59".parse().unwrap();
    let event: Uuid = "3f2a9d4e-8b1c-4f7e-a5d6-0c9b8e7f6a51".parse().unwrap();
    world
        .publish_event_as(event, tenant, Some("Europe/Berlin"))
        .await;
    world.write().track(&Fact::view(event)).await;
    let roles = vec!["ADMIN".to_owned(), "SERVICE".to_owned()];
    let bearer = token(&Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles,
    });
    let authorization = format!("Authorization: Bearer {bearer}");
    for (tier, url) in [
        ("ingest", world.ingest.url("")),
        ("query", world.query.url("")),
    ] {
        let document = format!("openapi/{tier}.yaml");
        let arguments = [
            "-m",
            "schemathesis.cli",
            "run",
            &document,
            "--url",
            &url,
            "--header",
            &authorization,
            "--checks",
            CHECKS,
            "--max-examples",
            "100",
            "--seed",
            "2026",
            // The stream has no end; live.rs tests it.
            "--exclude-operation-id",
            "watchEvent",
            "--generation-database",
            "none",
            "--no-color",
        ];
        let printed = tokio::task::block_in_place(|| python(&arguments));
        assert!(
            printed.contains(" passed"),
            "it has tested something: {printed}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn the_reference_page_needs_nothing_from_elsewhere() {
    let world = World::start().await;
    for service in [&world.ingest, &world.query] {
        let page = reqwest::get(service.url("/docs"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(
            page.contains("/api/v1/analytics/"),
            "the document is in the page"
        );
        // The page without its inline styles and scripts.
        let frame = without(
            &without(&page, "<style", "</style>"),
            "<script charset",
            "</script>",
        );
        assert!(frame.len() < page.len() / 2, "the assets are in the page");
        for pattern in ["src=", "<link", "@import"] {
            assert!(
                !frame.contains(pattern),
                "the page loads something: {frame}"
            );
        }
        let document = reqwest::get(service.url("/openapi.yaml"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(document.starts_with("openapi: 3."), "{}", &document[..80]);
    }
    world.end().await;
}

/// The text without everything from `open` to `close`.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut parts = text.split(open);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        kept + part.split_once(close).map_or("", |(_, rest)| rest)
    })
}

/// Runs Python with the packages of the checks, from the root of the project.
pub fn python(arguments: &[&str]) -> String {
    let program = Path::new(ROOT).join("dev/python");
    let output = Command::new(program)
        .args(arguments)
        .current_dir(ROOT)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{arguments:?}:\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}
