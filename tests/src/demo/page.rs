//! The page of the event, which sends views as a browser does: with a write key, and without a token.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    api::Api,
    simulator::{Event, Post},
};

/// The origin of the page.
const ORIGIN: &str = "https://tickets.example";
/// The time within which a new write key must be active.
const ACTIVATION: Duration = Duration::from_secs(15);

/// The page of the event.
pub struct Page {
    ingest: Api,
    path: String,
}

impl Page {
    /// Creates a write key, as a service of the platform does, and waits until it is active.
    pub async fn open(event: &Event, service: &Api) -> anyhow::Result<Self> {
        let settings = json!({"tenantId": event.tenant, "name": "demo", "origins": [ORIGIN]});
        let answer = service.try_post("/write-keys", &settings).await?;
        let (status, body) = (answer.status(), answer.text().await?);
        ensure!(
            status == StatusCode::CREATED,
            "no write key is created: {body}"
        );
        let created: Value = serde_json::from_str(&body)?;
        let key = created["key"]
            .as_str()
            .context("a write key without its text")?;
        let page = Self {
            ingest: service.anonymous(),
            path: format!("/track?writeKey={key}"),
        };
        let deadline = Instant::now() + ACTIVATION;
        // An invalid fact is rejected with another status than an unknown key.
        while page.beacon(&json!({})).await?.status() == StatusCode::UNAUTHORIZED {
            ensure!(
                Instant::now() < deadline,
                "the write key does not become active"
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Ok(page)
    }

    /// Sends one fact; returns the status of its receipt.
    pub async fn send(&self, post: &Post) -> anyhow::Result<String> {
        receipt(post, self.beacon(&post.body).await?).await
    }

    /// Sends a body as `navigator.sendBeacon` does.
    async fn beacon(&self, body: &Value) -> anyhow::Result<Response> {
        let request = self.ingest.http.post(self.ingest.url(&self.path));
        let request = request
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "text/plain;charset=UTF-8")
            .body(body.to_string());
        request.send().await.context("ingest does not answer")
    }
}

/// The status of the receipt of a fact.
pub async fn receipt(post: &Post, answer: Response) -> anyhow::Result<String> {
    let status = answer.status();
    let body = answer.text().await?;
    ensure!(
        status == StatusCode::ACCEPTED,
        "ingest answers {status} to {}: {body}",
        post.body
    );
    let receipt: Value = serde_json::from_str(&body)?;
    let status = receipt["status"].as_str();
    Ok(status.context("a receipt without a status")?.to_owned())
}
