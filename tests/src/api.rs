//! A client of both tiers over HTTP.

use analytics_shared::{
    auth::{Caller, Role, TokenRules, TokenSigner},
    clock,
};
use chrono::Duration;
use reqwest::{Body, Client, RequestBuilder, Response, StatusCode, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::{process::JWT_SECRET, response::Receipt};

/// A client of one tier, with or without a token.
#[derive(Clone)]
pub struct Api {
    /// The HTTP client, for requests that have no method here.
    pub http: Client,
    base: String,
    token: Option<String>,
}

impl Api {
    /// A client of the tier at `base` (`http://host:port`), without a token.
    #[must_use]
    pub fn at(base: &str) -> Self {
        Self {
            http: Client::new(),
            base: base.to_owned(),
            token: None,
        }
    }

    /// The same client, with a token of `caller`.
    #[must_use]
    pub fn with(&self, caller: &Caller) -> Self {
        Self {
            token: Some(token(caller)),
            ..self.clone()
        }
    }

    /// The same client, with a token of `tenant`.
    #[must_use]
    pub fn of_tenant(&self, tenant: Uuid) -> Self {
        self.with(&Caller {
            tenant_id: Some(tenant),
            user_id: None,
            roles: vec![],
        })
    }

    /// The same client, with a token of a user of `tenant`.
    #[must_use]
    pub fn of_user(&self, tenant: Uuid, user: Uuid) -> Self {
        self.with(&Caller {
            tenant_id: Some(tenant),
            user_id: Some(user),
            roles: vec![],
        })
    }

    /// The same, speaking for a service of the platform with a tenant of its own.
    #[must_use]
    pub fn of_service(&self, tenant: Uuid) -> Self {
        self.with(&Caller {
            tenant_id: Some(tenant),
            user_id: None,
            roles: vec![Role::Service.name().to_owned()],
        })
    }

    /// The same, speaking with a role.
    #[must_use]
    pub fn with_role(&self, role: &str) -> Self {
        self.with(&Caller {
            tenant_id: None,
            user_id: None,
            roles: vec![role.to_owned()],
        })
    }

    /// The same, without a token.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self {
            token: None,
            ..self.clone()
        }
    }

    /// The URL of a path below `/api/v1/analytics`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}/api/v1/analytics{path}", self.base)
    }

    /// The same, with a given token.
    #[must_use]
    pub fn bearing(&self, token: String) -> Self {
        Self {
            token: Some(token),
            ..self.clone()
        }
    }

    /// The token that is sent.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// `GET` of a path below `/api/v1/analytics`.
    ///
    /// # Panics
    /// When there is no response.
    pub async fn get(&self, path: &str) -> Response {
        let request = self.http.get(self.url(path));
        self.authorized(request).send().await.expect("an answer")
    }

    /// The same, with another header.
    ///
    /// # Panics
    /// When there is no response.
    pub async fn get_with(&self, path: &str, header: &str, value: &str) -> Response {
        let request = self.http.get(self.url(path)).header(header, value);
        self.authorized(request).send().await.expect("an answer")
    }

    /// The body of a `GET` that succeeds.
    ///
    /// # Panics
    /// When it does not.
    pub async fn read(&self, path: &str) -> Value {
        self.read_as(path).await
    }

    /// The same as a typed response.
    ///
    /// # Panics
    /// When it does not succeed, or has another body.
    pub async fn read_as<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path).await;
        let status = answer.status();
        let body = answer.text().await.expect("a body");
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
    }

    /// `POST` of a body to a path below `/api/v1/analytics`.
    ///
    /// # Panics
    /// When there is no response.
    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.try_post(path, body).await.expect("a response")
    }

    /// The same, where the service may have stopped.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Response> {
        self.request(path, body).send().await
    }

    /// A `POST` of a body of any bytes to a path below `/api/v1/analytics`, to which headers can be added.
    pub fn request_bytes(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<Body>,
    ) -> RequestBuilder {
        let request = self.http.post(self.url(path)).body(body);
        self.authorized(request.header(CONTENT_TYPE, content_type))
    }

    /// `DELETE` of a path below `/api/v1/analytics`.
    ///
    /// # Panics
    /// When there is no response.
    pub async fn delete(&self, path: &str) -> Response {
        let request = self.http.delete(self.url(path));
        self.authorized(request).send().await.expect("a response")
    }

    /// A `POST` of a body to a path below `/api/v1/analytics`, to which headers can be added.
    pub fn request(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.http.post(self.url(path)).json(body);
        self.authorized(request)
    }

    /// Sends a fact that is accepted; returns its receipt.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn track(&self, fact: &Value) -> Receipt {
        let answer = self.post("/track", fact).await;
        let status = answer.status();
        let body = answer.text().await.expect("a body");
        assert_eq!(status, StatusCode::ACCEPTED, "{fact}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Sends a fact that is stored.
    ///
    /// # Panics
    /// When it is not.
    pub async fn store(&self, fact: &Value) {
        assert_eq!(self.track(fact).await.status, "stored", "{fact}");
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// The problem in the body of an error response, which has the same status, without the id of the request.
///
/// # Panics
/// When it is not.
pub async fn problem(answer: Response) -> (StatusCode, Value) {
    let (status, mut problem) = problem_of_request(answer).await;
    let fields = problem.as_object_mut().expect("an object");
    assert!(fields.remove("requestId").is_some(), "{fields:?}");
    (status, problem)
}

/// The problem in the body of an error response, which has the same status.
///
/// # Panics
/// When it is not.
pub async fn problem_of_request(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let content_type = answer.headers().get("content-type").cloned();
    let body = answer.text().await.expect("a body");
    assert_eq!(
        content_type.as_ref().and_then(|v| v.to_str().ok()),
        Some("application/problem+json"),
        "{body}"
    );
    let problem: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(problem["status"], status.as_u16());
    (status, problem)
}

/// A token that is valid for a day.
///
/// # Panics
/// When it cannot be signed.
#[must_use]
pub fn token(caller: &Caller) -> String {
    TokenSigner::new(JWT_SECRET, TokenRules::default())
        .sign(caller, clock::now(), Duration::days(1))
        .expect("a token")
}
