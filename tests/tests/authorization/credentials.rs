//! The kinds of callers: tokens, sessions and write keys, valid and not.

use std::time::{Duration, Instant};

use analytics_shared::clock;
use analytics_tests::{
    api::Api,
    browser::{Browser, Page},
    keys::SigningKey,
    process::JWT_SECRET,
    service::Service,
    share::Share,
    world::World,
};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

pub const AUDIENCE: &str = "analytics";

/// A kind of caller: its name in the table, and its token, session or write key.
#[derive(Default)]
pub struct Credential {
    pub name: &'static str,
    pub token: Option<String>,
    pub session: Option<Session>,
    write_key: Option<String>,
}

/// The cookie of a browser, and the page that sends the request.
pub struct Session {
    value: String,
    pub page: Page,
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
pub async fn credentials_without_token(
    world: &World,
    owner: Uuid,
    stranger: Uuid,
) -> Vec<Credential> {
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
pub async fn until_active(ingest: &Service, credentials: &[Credential]) {
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
    /// A client that sends the token or the session.
    pub fn client(&self, service: &Service) -> Api {
        let mut api = Api::at(&service.url(""));
        if let Some(token) = &self.token {
            api = api.bearing(token.clone());
        }
        if let Some(session) = &self.session {
            let browser = Browser::at(&service.url("")).with_session(&session.value);
            api.http = browser.client(session.page);
        }
        api
    }

    /// A path with the write key.
    pub fn path(&self, path: &str) -> String {
        match &self.write_key {
            Some(key) => format!("{path}?writeKey={key}"),
            None => path.to_owned(),
        }
    }
}

/// Recipients of share links to the event that is read, and to another.
pub async fn credentials_of_links(
    world: &World,
    owner: Uuid,
    [read, other]: [Uuid; 2],
) -> [Credential; 2] {
    let organizer = world.read().of_tenant(owner);
    let open = async |name, event| {
        let share = Share::to_all(&organizer, event).await;
        let recipient = share.open(&world.read()).await;
        Credential {
            name,
            token: recipient.token().map(str::to_owned),
            ..Credential::default()
        }
    };
    [
        open("share link", read).await,
        open("share link of another event", other).await,
    ]
}

/// The callers with a token, those with a valid one last.
pub fn credentials_with_token(owner: Uuid, stranger: Uuid, issuer: &SigningKey) -> Vec<Credential> {
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

/// The browsers with a session that `query` accepts, and others.
pub async fn credentials_with_session(
    query: &Service,
    owner: Uuid,
    stranger: Uuid,
) -> Vec<Credential> {
    let token = |tenant, roles: &[&str]| hs256(&claims(Some(tenant), roles), JWT_SECRET);
    let mut credentials = Vec::new();
    for (name, page, token) in [
        ("session without role", Page::Own, token(owner, &[])),
        ("session ANALYST", Page::Own, token(owner, &["ANALYST"])),
        (
            "session ANALYST on a foreign page",
            Page::Foreign,
            token(owner, &["ANALYST"]),
        ),
        (
            "session foreign ANALYST",
            Page::Own,
            token(stranger, &["ANALYST"]),
        ),
        ("session SERVICE", Page::Own, token(owner, &["SERVICE"])),
    ] {
        let mut browser = Browser::at(&query.url(""));
        assert_eq!(browser.sign_in(&token, None).await.status(), 303);
        let value = browser.session().unwrap().to_owned();
        credentials.push(Credential {
            name,
            session: Some(Session { value, page }),
            ..Credential::default()
        });
    }
    let session = credentials[1].session.as_ref().unwrap().value.clone();
    let value = token(owner, &["ANALYST", "SERVICE"]);
    credentials.push(Credential {
        name: "session as a token",
        token: Some(session),
        ..Credential::default()
    });
    credentials.push(Credential {
        name: "token as a session",
        session: Some(Session {
            value,
            page: Page::Own,
        }),
        ..Credential::default()
    });
    credentials
}
