//! The JWK Set of an issuer, on a server of its own.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use http_body_util::Full;
use hyper::{Response, StatusCode, body::Bytes};
use serde_json::{Value, json};

use crate::responder::respond_with;

/// A server of a JWK Set. It ends with the runtime.
pub struct Issuer {
    /// The URL of the set.
    pub url: String,
    state: Arc<State>,
}

struct State {
    /// The body; without one, the server fails.
    document: Mutex<Option<Bytes>>,
    requests: AtomicUsize,
}

impl Issuer {
    /// Starts a server with these keys.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(keys: &[Value]) -> Self {
        let state = Arc::new(State {
            document: Mutex::new(Some(document(keys))),
            requests: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&state);
        let address = respond_with(move || serving.respond()).await;
        Self {
            url: format!("http://{address}/keys"),
            state,
        }
    }

    /// Replaces the keys.
    pub fn publish(&self, keys: &[Value]) {
        self.set(Some(document(keys)));
    }

    /// Replaces the body by any bytes.
    pub fn publish_bytes(&self, bytes: &[u8]) {
        self.set(Some(Bytes::copy_from_slice(bytes)));
    }

    /// Answers every request with an error from now on.
    pub fn fail(&self) {
        self.set(None);
    }

    /// The number of requests so far.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.state.requests.load(Relaxed)
    }

    fn set(&self, document: Option<Bytes>) {
        *self.state.document.lock().expect("no panic") = document;
    }
}

impl State {
    fn respond(&self) -> Response<Full<Bytes>> {
        self.requests.fetch_add(1, Relaxed);
        let document = self.document.lock().expect("no panic").clone();
        let mut response = Response::new(Full::from(document.clone().unwrap_or_default()));
        if document.is_none() {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        response
    }
}

fn document(keys: &[Value]) -> Bytes {
    json!({"keys": keys}).to_string().into()
}
