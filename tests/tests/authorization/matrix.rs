//! Every route and every type of fact by every kind of caller, as a table.

use std::{collections::BTreeMap, fmt::Write as _};

use analytics_shared::event_type::KNOWN;
use analytics_tests::{
    browser::{Browser, Page},
    fact::Fact,
    keys::SigningKey,
    service::Service,
    share::open,
    world::{World, start_ingest_with},
};
use reqwest::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    credentials::{
        AUDIENCE, Credential, credentials_of_links, credentials_with_session,
        credentials_with_token, credentials_without_token, until_active,
    },
    documented,
};

/// The tiers and the resources of a table.
struct Fixture<'a> {
    ingest: &'a Service,
    query: &'a Service,
    owner: Uuid,
    /// The event of the facts that are sent. Those of foreign tenants stay in these.
    sent_event: Uuid,
    /// The event that is read, without facts.
    read_event: Uuid,
}

/// The event types of the rows.
fn event_types() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().chain(["newsletter.opened"])
}

impl Fixture<'_> {
    /// The rows of an operation: one for each type of fact or dataset, else one.
    fn rows(method: &str, path: &str) -> Vec<&'static str> {
        match (method, path.rsplit('/').next().unwrap()) {
            ("POST", "track" | "batch") => event_types().collect(),
            ("POST", "export") => vec!["facts", "registrations", "daily"],
            (
                "GET",
                "dashboard" | "events" | "funnel" | "live" | "me" | "report" | "shares"
                | "write-keys" | "track.js",
            )
            | ("POST", "session" | "share-session" | "shares" | "write-keys")
            | ("DELETE", "session" | "{id}" | "{shareId}") => vec![""],
            _ => panic!("{method} {path} is not in the matrix"),
        }
    }

    /// Calls an operation and returns the outcome: the status, and the code of a problem.
    async fn call(&self, method: &str, path: &str, row: &str, credential: &Credential) -> String {
        let of = |service: &Service| credential.client(service);
        let (ingest, query) = (of(self.ingest), of(self.query));
        if path.starts_with("/app/") {
            return outcome(self.call_page(method, path, credential).await).await;
        }
        let path = path.strip_prefix("/api/v1/analytics").unwrap();
        let path = path.replace("{eventId}", &self.read_event.to_string());
        let path = path.replace("{orgId}", &self.owner.to_string());
        // No key and no link has these ids.
        let path = path.replace("{id}", "000000000000");
        let path = path.replace("{shareId}", &Uuid::nil().to_string());
        let called = credential.path(&path);
        let answer = match (method, path.as_str()) {
            ("POST", "/track") => ingest.post(&called, &self.fact(row)).await,
            ("POST", "/track/batch") => ingest.post(&called, &json!([*self.fact(row)])).await,
            ("POST", "/write-keys") => {
                let key = json!({"tenantId": self.owner});
                ingest.post(&called, &key).await
            }
            ("DELETE", path) if path.contains("/shares/") => query.delete(&called).await,
            ("POST", path) if path.ends_with("/shares") => {
                query.post(&called, &json!({"sections": ["metrics"]})).await
            }
            ("DELETE", _) => ingest.delete(&called).await,
            ("GET", "/write-keys" | "/track.js") => ingest.get(&called).await,
            ("POST", "/export") => query.post(&called, &self.export(row)).await,
            _ => query.get(&called).await,
        };
        outcome(answer).await
    }

    /// Calls an operation of the page: it signs in with the token of the caller, and out.
    async fn call_page(&self, method: &str, path: &str, credential: &Credential) -> Response {
        if path == "/app/share-session" {
            return open(&credential.client(self.query), &json!({"link": "none"})).await;
        }
        let mut browser = Browser::at(&self.query.url(""));
        if method == "POST" {
            let token = credential.token.as_deref().unwrap_or("none");
            return browser.sign_in(token, None).await;
        }
        let page = credential
            .session
            .as_ref()
            .map_or(Page::Foreign, |it| it.page);
        let request = browser.request(method.parse().unwrap(), path, page);
        request.send().await.unwrap()
    }

    fn fact(&self, event_type: &str) -> Fact {
        let id = Uuid::now_v7();
        let fact = Fact::new(event_type, self.sent_event);
        match event_type {
            "page.view" | "registration.started" | "newsletter.opened" => fact,
            _ => fact.registration(id).payment(id, 100, "EUR"),
        }
    }

    fn export(&self, dataset: &str) -> Value {
        json!({"organizationId": self.owner, "dateFrom": "2026-01-01", "dateTo": "2026-12-31",
               "format": "ndjson", "dataset": dataset})
    }

    /// The outcomes of all operations, each with the callers that have it.
    async fn table(&self, credentials: &[Credential]) -> String {
        let mut table = String::new();
        for (method, path) in [documented("ingest"), documented("query")].concat() {
            for row in Self::rows(&method, &path) {
                let mut outcomes = BTreeMap::<_, Vec<&str>>::new();
                for credential in credentials {
                    let outcome = self.call(&method, &path, row, credential).await;
                    outcomes.entry(outcome).or_default().push(credential.name);
                }
                writeln!(table, "{}", format!("{method} {path} {row}").trim_end()).unwrap();
                for (outcome, names) in outcomes {
                    writeln!(table, "    {outcome}: {}", names.join(", ")).unwrap();
                }
            }
        }
        table
    }
}

/// The status of a response, with the code of its problem, which may be that of its only receipt.
async fn outcome(answer: Response) -> String {
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type");
    let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
    if kind.starts_with("text/event-stream") {
        // It does not end by itself.
        return status.to_string();
    }
    let body = answer.text().await.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let receipt = &body["receipts"][0];
    match (body["code"].as_str(), receipt["error"]["code"].as_str()) {
        (Some(code), _) => format!("{status} {code}"),
        (None, Some(code)) => format!("{status} with {code}"),
        (None, None) => status.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_and_event_type_by_every_kind_of_caller() {
    let world = World::start().await;
    let (owner, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let sent_event = world.publish_event(owner, None).await;
    let read_event = world.publish_event(owner, None).await;
    let issuer = SigningKey::rsa();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, &issuer.public_pem).unwrap();
    let tokens = [
        ("JWT_PUBLIC_KEY_FILE", file.path().to_str().unwrap()),
        ("JWT_AUDIENCE", AUDIENCE),
    ];
    let mut credentials = credentials_without_token(&world, owner, stranger).await;
    credentials.extend(credentials_with_token(owner, stranger, &issuer));
    credentials.extend(credentials_of_links(&world, owner, [read_event, sent_event]).await);
    let settings = [
        ("the defaults", &[][..]),
        (
            "configured roles",
            &[
                ("WRITE_ROLES", "SERVICE,CHECKIN"),
                ("READ_ROLES", "ORGANIZER,ANALYST"),
                ("EXPORT_ROLES", "ANALYST"),
                ("SHARE_ROLES", "ORGANIZER"),
            ][..],
        ),
    ];
    let mut tables = String::new();
    for (name, roles) in settings {
        let settings = [&tokens[..], roles].concat();
        let (database, broker) = (&world.database, &world.broker);
        let mut ingest =
            start_ingest_with(&database.ingest_url, &broker.url, broker, &settings).await;
        let urls = [
            ("DATABASE_URL", &*database.query_url),
            ("SHARE_DATABASE_URL", &*database.share_url),
        ];
        let reading = [&urls[..], &settings[..]].concat();
        let mut query = Service::start("analytics-query", &reading).await;
        until_active(&ingest, &credentials).await;
        if credentials.iter().all(|it| it.session.is_none()) {
            credentials.extend(credentials_with_session(&query, owner, stranger).await);
        }
        let fixture = Fixture {
            ingest: &ingest,
            query: &query,
            owner,
            sent_event,
            read_event,
        };
        let table = fixture.table(&credentials).await;
        write!(tables, "=== With {name}\n{table}\n").unwrap();
        assert!(ingest.terminate().await.success() && query.terminate().await.success());
    }
    insta::assert_snapshot!(tables);
    world.end().await;
}
