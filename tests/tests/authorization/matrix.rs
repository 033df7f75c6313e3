//! Every route and every type of fact by every kind of caller, as a table.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use analytics_shared::{clock, event_type::KNOWN};
use analytics_tests::{
    api::Api,
    fact::Fact,
    keys::SigningKey,
    process::JWT_SECRET,
    service::Service,
    world::{World, start_ingest_with},
};
use jsonwebtoken::{EncodingKey, Header};
use reqwest::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::documented;

const AUDIENCE: &str = "analytics";

/// A kind of caller: its name in the table, and its token or write key.
#[derive(Default)]
struct Credential {
    name: &'static str,
    token: Option<String>,
    write_key: Option<String>,
}

/// The claims of a valid token.
fn claims(tenant: Option<Uuid>, roles: &[&str]) -> Value {
    let exp = clock::now().timestamp() + 3_600;
    json!({"exp": exp, "aud": AUDIENCE, "tenantId": tenant, "roles": roles})
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn hs256(claims: &Value, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::default(), claims, &key).unwrap()
}

/// The callers without a token.
async fn credentials_without_token(world: &World, owner: Uuid, stranger: Uuid) -> Vec<Credential> {
    let service = world.write().with_role("SERVICE");
    let mut credentials = vec![Credential {
        name: "no token",
        ..Credential::default()
    }];
    for (name, tenant) in [("write key", owner), ("foreign write key", stranger)] {
        let settings = json!({"tenantId": tenant});
        let created = service.post("/write-keys", &settings).await;
        let created: Value = created.json().await.unwrap();
        credentials.push(Credential {
            name,
            write_key: Some(created["key"].as_str().unwrap().to_owned()),
            ..Credential::default()
        });
    }
    credentials.push(Credential {
        name: "unknown write key",
        write_key: Some(format!("awk_{}", "0".repeat(64))),
        ..Credential::default()
    });
    credentials
}

/// Waits until the active write keys are accepted.
async fn until_active(ingest: &Service, credentials: &[Credential]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let active = |it: &&Credential| it.write_key.is_some() && it.name != "unknown write key";
    for credential in credentials.iter().filter(active) {
        let path = credential.path("/track");
        loop {
            let answer = Api::at(&ingest.url("")).post(&path, &json!({})).await;
            if ![401, 503].contains(&answer.status().as_u16()) {
                break;
            }
            assert!(Instant::now() < deadline, "{}", credential.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Credential {
    /// A path with the write key.
    fn path(&self, path: &str) -> String {
        match &self.write_key {
            Some(key) => format!("{path}?writeKey={key}"),
            None => path.to_owned(),
        }
    }
}

/// The callers with a token, those with a valid one last.
fn credentials_with_token(owner: Uuid, stranger: Uuid, issuer: &SigningKey) -> Vec<Credential> {
    let service = || claims(Some(owner), &["SERVICE", "ADMIN"]);
    let now = clock::now().timestamp();
    let valid = hs256(&service(), JWT_SECRET);
    let payload = valid.split('.').nth(1).unwrap();
    let invalid = [
        (
            "expired",
            hs256(&with(service(), "exp", json!(now - 1)), JWT_SECRET),
        ),
        (
            "not yet valid",
            hs256(&with(service(), "nbf", json!(now + 600)), JWT_SECRET),
        ),
        (
            "wrong signature",
            hs256(&service(), "another secret with its 32 bytes too"),
        ),
        // {"alg":"none"}
        ("alg none", format!("eyJhbGciOiJub25lIn0.{payload}.")),
        (
            "HS256 with the public RSA key",
            hs256(&service(), &issuer.public_pem),
        ),
        (
            "wrong audience",
            hs256(&with(service(), "aud", json!("shop")), JWT_SECRET),
        ),
        (
            "refresh token",
            hs256(&with(service(), "type", json!("refresh")), JWT_SECRET),
        ),
    ];
    let of = |tenant, roles: &[&str]| Some(hs256(&claims(tenant, roles), JWT_SECRET));
    let (own, foreign) = (Some(owner), Some(stranger));
    let valid = [
        ("tenant without role", of(own, &[])),
        ("tenant USER", of(own, &["USER"])),
        ("tenant CHECKIN", of(own, &["CHECKIN"])),
        ("tenant ORGANIZER", of(own, &["ORGANIZER"])),
        ("tenant ANALYST", of(own, &["ANALYST"])),
        (
            "tenant ORGANIZER by RS256",
            Some(issuer.sign(None, &claims(own, &["ORGANIZER"]))),
        ),
        ("foreign without role", of(foreign, &[])),
        ("foreign CHECKIN", of(foreign, &["CHECKIN"])),
        ("foreign ANALYST", of(foreign, &["ANALYST"])),
        ("foreign ADMIN", of(foreign, &["ADMIN"])),
        ("ADMIN", of(None, &["ADMIN"])),
        ("SERVICE", of(None, &["SERVICE"])),
    ];
    let invalid = invalid.map(|(name, token)| (name, Some(token)));
    let all = invalid.into_iter().chain(valid);
    all.map(|(name, token)| Credential {
        name,
        token,
        ..Credential::default()
    })
    .collect()
}

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
            ("GET", "dashboard" | "funnel" | "live" | "report" | "write-keys" | "track.js")
            | ("POST", "write-keys")
            | ("DELETE", "{id}") => vec![""],
            _ => panic!("{method} {path} is not in the matrix"),
        }
    }

    /// Calls an operation and returns the outcome: the status, and the code of a problem.
    async fn call(&self, method: &str, path: &str, row: &str, credential: &Credential) -> String {
        let of = |service: &Service| {
            let api = Api::at(&service.url(""));
            match &credential.token {
                Some(token) => api.bearing(token.clone()),
                None => api,
            }
        };
        let (ingest, query) = (of(self.ingest), of(self.query));
        let path = path.strip_prefix("/api/v1/analytics").unwrap();
        let path = path.replace("{eventId}", &self.read_event.to_string());
        let path = path.replace("{orgId}", &self.owner.to_string());
        // No key has this id.
        let path = path.replace("{id}", "000000000000");
        let called = credential.path(&path);
        let answer = match (method, path.as_str()) {
            ("POST", "/track") => ingest.post(&called, &self.fact(row)).await,
            ("POST", "/track/batch") => ingest.post(&called, &json!([*self.fact(row)])).await,
            ("POST", "/write-keys") => {
                let key = json!({"tenantId": self.owner});
                ingest.post(&called, &key).await
            }
            ("DELETE", _) => ingest.delete(&called).await,
            ("GET", "/write-keys" | "/track.js") => ingest.get(&called).await,
            ("POST", "/export") => query.post(&called, &self.export(row)).await,
            _ => query.get(&called).await,
        };
        outcome(answer).await
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
    let settings = [
        ("the defaults", &[][..]),
        (
            "configured roles",
            &[
                ("WRITE_ROLES", "SERVICE,CHECKIN"),
                ("READ_ROLES", "ORGANIZER,ANALYST"),
                ("EXPORT_ROLES", "ANALYST"),
            ][..],
        ),
    ];
    let mut tables = String::new();
    for (name, roles) in settings {
        let settings = [&tokens[..], roles].concat();
        let (database, broker) = (&world.database, &world.broker);
        let mut ingest =
            start_ingest_with(&database.ingest_url, &broker.url, broker, &settings).await;
        let reading = [&[("DATABASE_URL", &*database.query_url)][..], &settings[..]].concat();
        let mut query = Service::start("analytics-query", &reading).await;
        until_active(&ingest, &credentials).await;
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
