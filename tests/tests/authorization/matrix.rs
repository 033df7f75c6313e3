//! Every route and every type of fact by every kind of caller, as a table.

use std::{collections::BTreeMap, fmt::Write as _};

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

/// A kind of caller: its name in the table, and its token.
struct Credential {
    name: String,
    token: Option<String>,
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

/// All kinds of callers, those with a valid token last.
fn credentials(owner: Uuid, stranger: Uuid, issuer: &SigningKey) -> Vec<Credential> {
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
    let all = [("no token", None)].into_iter().chain(invalid).chain(valid);
    all.map(|(name, token)| Credential {
        name: name.to_owned(),
        token,
    })
    .collect()
}

/// The tiers and the resources of a table.
struct Fixture<'a> {
    ingest: &'a Service,
    query: &'a Service,
    owner: Uuid,
    event: Uuid,
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
            ("GET", "dashboard" | "funnel" | "live" | "report") => vec![""],
            _ => panic!("{method} {path} is not in the matrix"),
        }
    }

    /// Calls an operation and returns the outcome: the status, and the code of a problem.
    async fn call(&self, path: &str, row: &str, credential: &Credential) -> String {
        let of = |service: &Service| {
            let api = Api::at(&service.url(""));
            match &credential.token {
                Some(token) => api.bearing(token.clone()),
                None => api,
            }
        };
        let (ingest, query) = (of(self.ingest), of(self.query));
        let path = path.strip_prefix("/api/v1/analytics").unwrap();
        let path = path.replace("{eventId}", &self.event.to_string());
        let path = path.replace("{orgId}", &self.owner.to_string());
        match path.as_str() {
            "/track" => outcome(ingest.post(&path, &self.fact(row)).await).await,
            "/track/batch" => outcome(ingest.post(&path, &json!([*self.fact(row)])).await).await,
            "/export" => outcome(query.post(&path, &self.export(row)).await).await,
            _ => outcome(query.get(&path).await).await,
        }
    }

    fn fact(&self, event_type: &str) -> Fact {
        let id = Uuid::now_v7();
        Fact::new(event_type, self.event)
            .registration(id)
            .payment(id, 100, "EUR")
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
                    let outcome = self.call(&path, row, credential).await;
                    outcomes.entry(outcome).or_default().push(&credential.name);
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
    let event = world.publish_event(owner, None).await;
    let issuer = SigningKey::rsa();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, &issuer.public_pem).unwrap();
    let tokens = [
        ("JWT_PUBLIC_KEY_FILE", file.path().to_str().unwrap()),
        ("JWT_AUDIENCE", AUDIENCE),
    ];
    let credentials = credentials(owner, stranger, &issuer);
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
        let (url, broker) = (world.database.url.as_str(), &world.broker);
        let mut ingest = start_ingest_with(url, &broker.url, broker, &settings).await;
        let reading = [&[("DATABASE_URL", url)][..], &settings[..]].concat();
        let mut query = Service::start("analytics-query", &reading).await;
        let fixture = Fixture {
            ingest: &ingest,
            query: &query,
            owner,
            event,
        };
        let table = fixture.table(&credentials).await;
        write!(tables, "=== With {name}\n{table}\n").unwrap();
        assert!(ingest.terminate().await.success() && query.terminate().await.success());
    }
    insta::assert_snapshot!(tables);
    world.end().await;
}
