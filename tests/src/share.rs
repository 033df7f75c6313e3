//! Share links, as organizers create and recipients open them.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::Api;

/// All sections of a link.
pub const SECTIONS: [&str; 7] = [
    "metrics",
    "series",
    "funnel",
    "sources",
    "ticketTypes",
    "heatMap",
    "checkIns",
];

/// A share link.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its id.
    pub id: Uuid,
    /// Its secret, the fragment of the link.
    pub secret: String,
}

impl Share {
    /// Creates a link with these settings.
    ///
    /// # Panics
    /// When it is not created.
    pub async fn create(organizer: &Api, event: Uuid, settings: &Value) -> Self {
        let answer = organizer
            .post(&format!("/events/{event}/shares"), settings)
            .await;
        let status = answer.status();
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let link = body["link"].as_str().expect("a link");
        let secret = link.strip_prefix("/app/share#").expect("the page");
        Self {
            id: body["shareId"]
                .as_str()
                .expect("an id")
                .parse()
                .expect("a UUID"),
            secret: secret.to_owned(),
        }
    }

    /// Creates a link to all sections of an event.
    ///
    /// # Panics
    /// When it is not created.
    pub async fn to_all(organizer: &Api, event: Uuid) -> Self {
        let settings = json!({"sections": SECTIONS, "revenue": true});
        Self::create(organizer, event, &settings).await
    }

    /// Revokes the link.
    ///
    /// # Panics
    /// When it is not revoked.
    pub async fn revoke(&self, organizer: &Api, event: Uuid) {
        let path = format!("/events/{event}/shares/{}", self.id);
        let answer = organizer.delete(&path).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }

    /// A client with the access token of the link.
    ///
    /// # Panics
    /// When the link is not opened.
    pub async fn open(&self, read: &Api) -> Api {
        let answer = open(read, &json!({"link": self.secret})).await;
        let status = answer.status();
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(status, StatusCode::OK, "{body}");
        let token = body["accessToken"].as_str().expect("a token");
        read.bearing(token.to_owned())
    }
}

/// Sends the body of `POST /app/share-session`.
///
/// # Panics
/// When there is no response.
pub async fn open(read: &Api, body: &Value) -> Response {
    let url = read.url("");
    let url = url.strip_suffix("/api/v1/analytics").expect("the prefix");
    let request = read.http.post(format!("{url}/app/share-session"));
    request.json(body).send().await.expect("a response")
}
