//! Pages of configured origins read the API with a token. Pages of other origins, and cookies, read nothing.

use analytics_shared::auth::Caller;
use analytics_tests::{
    api::{problem, token},
    service::Service,
    world::World,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use uuid::Uuid;

const ADMIN_PAGE: &str = "https://admin.example";
const OTHER_PAGE: &str = "https://evil.example";

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let value = response.headers().get(name);
    value.map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn pages_of_configured_origins_read_the_api_with_a_token() {
    let world = World::start().await;
    let settings = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("CORS_ALLOWED_ORIGINS", ADMIN_PAGE),
    ];
    let mut query = Service::start("analytics-query", &settings).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let token = token(&Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: Vec::new(),
    });
    let path = format!("/api/v1/analytics/events/{event}/dashboard");
    let http = reqwest::Client::new();
    let ask = |origin: &str, path: &str| {
        http.request(Method::OPTIONS, query.url(path))
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization")
            .send()
    };
    let read = |origin: &str, path: &str| {
        let request = http.get(query.url(path)).header("origin", origin);
        request.bearer_auth(&token).send()
    };

    let allowed = ask(ADMIN_PAGE, &path).await.unwrap();
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    for (name, value) in [
        ("access-control-allow-origin", Some(ADMIN_PAGE)),
        ("access-control-allow-methods", Some("GET, POST, DELETE")),
        ("access-control-allow-credentials", None),
        ("vary", Some("Origin")),
    ] {
        assert_eq!(header(&allowed, name), value, "{name}");
    }
    let headers = header(&allowed, "access-control-allow-headers").unwrap();
    for name in ["authorization", "if-none-match", "content-type"] {
        assert!(headers.contains(name), "{name}: {headers}");
    }
    let (status, body) = problem(ask(OTHER_PAGE, &path).await.unwrap()).await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::FORBIDDEN, &json!("unknown_origin"))
    );

    let response = read(ADMIN_PAGE, &path).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let origin = header(&response, "access-control-allow-origin");
    assert_eq!(origin, Some(ADMIN_PAGE));
    let exposed = header(&response, "access-control-expose-headers").unwrap();
    assert!(exposed.contains("etag") && exposed.contains("retry-after"));
    let origin_of = |response: &Response| header(response, "access-control-allow-origin").is_some();
    assert!(!origin_of(&read(OTHER_PAGE, &path).await.unwrap()));
    // A problem can be read as well.
    let unknown = format!("/api/v1/analytics/events/{}/dashboard", Uuid::nil());
    let response = read(ADMIN_PAGE, &unknown).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(origin_of(&response));
    // The page and the exchange of credentials are for their own origin.
    for path in ["/app", "/app/session", "/app/share-session"] {
        let response = ask(ADMIN_PAGE, path).await.unwrap();
        assert!(!origin_of(&response), "{path}");
    }
    assert!(query.terminate().await.success());
    world.end().await;
}

#[tokio::test]
async fn no_other_origin_reads_anything_by_default() {
    let world = World::start().await;
    let (origin, method) = ("origin", "access-control-request-method");
    let request = reqwest::Client::new()
        .request(Method::OPTIONS, world.query.url("/api/v1/analytics/me"))
        .header(origin, "null")
        .header(method, "GET");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(header(&response, "access-control-allow-origin"), None);
    world.end().await;
}
