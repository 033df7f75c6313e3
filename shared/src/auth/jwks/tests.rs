use std::{
    convert::Infallible,
    net::Ipv4Addr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use futures_util::FutureExt;
use http_body_util::Full;
use hyper::{Response, StatusCode, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::auth::claims::TokenRules;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200 + seconds, 0).unwrap()
}

/// An issuer with a key on P-256.
struct Key(EncodingKey);

impl Key {
    fn generate() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        Self(EncodingKey::from_ec_pem(key.serialize_pem().as_bytes()).unwrap())
    }

    fn jwk(&self, id: &str) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.0, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some(id.to_owned());
        serde_json::to_value(jwk).unwrap()
    }

    fn verifies(&self, jwks: &Jwks, id: &str) -> bool {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(id.to_owned());
        let claims = json!({"exp": at(60).timestamp()});
        let token = jsonwebtoken::encode(&header, &claims, &self.0).unwrap();
        let verified = jwks
            .current()
            .verify(&token, &header, &TokenRules::default());
        verified.is_ok()
    }
}

/// A server of a set; without a document it fails.
#[derive(Default)]
struct Server {
    document: Mutex<Option<Value>>,
    requests: AtomicUsize,
}

impl Server {
    async fn start() -> (Arc<Self>, Jwks) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = Arc::<Self>::default();
        let serving = Arc::clone(&server);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = Arc::clone(&serving);
                let respond = move |_| std::future::ready(Ok::<_, Infallible>(server.respond()));
                let serving = http1::Builder::new();
                tokio::spawn(serving.serve_connection(TokioIo::new(stream), service_fn(respond)));
            }
        });
        let client = JwksClient::new(url.parse().unwrap()).unwrap();
        (server, Jwks::new(client, Vec::new()))
    }

    fn publish(&self, keys: &[Value]) {
        *self.document.lock().unwrap() = Some(json!({"keys": keys}));
    }

    fn respond(&self) -> Response<Full<Bytes>> {
        self.requests.fetch_add(1, Relaxed);
        let document = self.document.lock().unwrap();
        let mut response = Response::new(Full::default());
        match &*document {
            Some(document) => *response.body_mut() = document.to_string().into(),
            None => *response.status_mut() = StatusCode::BAD_GATEWAY,
        }
        response
    }

    fn requests(&self) -> usize {
        self.requests.load(Relaxed)
    }
}

#[tokio::test]
async fn a_rotated_key_replaces_the_former_one() {
    let (server, jwks) = Server::start().await;
    let (former, current) = (Key::generate(), Key::generate());
    server.publish(&[former.jwk("1")]);
    assert!(!jwks.is_loaded());
    assert!(jwks.refresh(at(0)).await && jwks.is_loaded());
    assert!(former.verifies(&jwks, "1") && !current.verifies(&jwks, "2"));
    server.publish(&[former.jwk("1"), current.jwk("2")]);
    jwks.refresh(at(30)).await;
    assert!(former.verifies(&jwks, "1") && current.verifies(&jwks, "2"));
    server.publish(&[current.jwk("2")]);
    jwks.refresh(at(60)).await;
    assert!(!former.verifies(&jwks, "1") && current.verifies(&jwks, "2"));
    // The id of a key is not enough.
    assert!(!former.verifies(&jwks, "2"));
}

#[tokio::test]
async fn the_previous_keys_remain_when_a_refresh_fails() {
    let (server, jwks) = Server::start().await;
    let key = Key::generate();
    assert!(!jwks.refresh(at(0)).await && !jwks.is_loaded());
    server.publish(&[key.jwk("1")]);
    assert!(jwks.refresh(at(30)).await && key.verifies(&jwks, "1"));
    *server.document.lock().unwrap() = None;
    assert!(!jwks.refresh(at(60)).await && key.verifies(&jwks, "1"));
    for document in [
        json!([]),
        json!({"keys": []}),
        json!({"keys": [{"kty": "oct", "k": "AAAA"}]}),
    ] {
        let later = at(90 + 30 * i64::try_from(server.requests()).unwrap());
        *server.document.lock().unwrap() = Some(document);
        assert!(!jwks.refresh(later).await && key.verifies(&jwks, "1"));
    }
    *server.document.lock().unwrap() = Some(json!({"keys": [], "padding": " ".repeat(300_000)}));
    assert!(!jwks.refresh(at(900)).await && key.verifies(&jwks, "1"));
}

#[tokio::test]
async fn a_storm_of_refreshes_is_one_request_in_30_seconds() {
    let (server, jwks) = Server::start().await;
    server.publish(&[Key::generate().jwk("1")]);
    for (now, requests) in [(0, 1), (29, 1), (30, 2), (59, 2), (60, 3)] {
        let storm = (0..500).map(|_| jwks.refresh(at(now)));
        futures_util::future::join_all(storm).await;
        assert_eq!(server.requests(), requests, "{now}");
    }
}

#[tokio::test]
async fn a_caller_that_disconnects_does_not_cancel_the_request() {
    let (server, jwks) = Server::start().await;
    server.publish(&[Key::generate().jwk("1")]);
    // Polled once: the request has begun, and its caller ends.
    assert!(jwks.refresh(at(0)).now_or_never().is_none());
    assert!(jwks.refresh(at(1)).await && jwks.is_loaded());
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn keys_of_a_set_that_cannot_verify_are_ignored() {
    let (server, jwks) = Server::start().await;
    let keys = ["1", "2", "3", "4"].map(|_| Key::generate());
    let with = |index: usize, name: &str, value: Value| {
        let mut jwk = keys[index].jwk(&(index + 1).to_string());
        jwk[name] = value;
        jwk
    };
    server.publish(&[
        with(0, "use", json!("enc")),
        with(1, "alg", json!("ES384")),
        with(2, "key_ops", json!(["sign"])),
        json!({"kty": "new", "kid": "5"}),
        json!({"kty": "RSA", "kid": "6", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "oct", "kid": "7", "k": "c2VjcmV0"}),
        with(3, "use", json!("sig")),
    ]);
    assert!(jwks.refresh(at(0)).await);
    assert_eq!(jwks.current().len(), 1);
    assert!(keys[3].verifies(&jwks, "4"));
}
