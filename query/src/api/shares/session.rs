//! The handler of `POST /app/share-session`.

use std::sync::Arc;

use analytics_shared::{
    clock,
    http::{ClientNetwork, JsonBody},
    problem::{Problem, ProblemResponse},
};
use poem::{Request, web::Data};
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};
use serde::Deserialize;

use super::{problems::OpenProblems, response::ShareSession};
use crate::{api::routes::Tag, app::App};

pub struct ShareSessionApi;

/// The secret of a share link, and its password. Unknown fields are rejected.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
struct OpenRequest {
    /// The secret: the fragment of the link, without `#`.
    link: String,
    /// The password, if the link has one.
    #[oai(nullable)]
    password: Option<String>,
}

#[derive(ApiResponse)]
enum OpenResponse {
    /// The link is valid.
    #[oai(status = 200)]
    Opened(
        Json<ShareSession>,
        /// `no-store`: the token is a credential.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Sharing")]
impl ShareSessionApi {
    /// Open a share link
    ///
    /// Exchanges the secret of a share link for an access token, which is sent as a bearer token. Each request with it
    /// looks up the link, so that a link that has expired or is revoked opens nothing. The token reads the dashboard, the
    /// funnel and the live figures of the event: fields of sections that the link does not show are absent, and a
    /// parameter that needs such a section is 403 with the code `not_shared`.
    #[oai(
        path = "/app/share-session",
        method = "post",
        operation_id = "openShare"
    )]
    async fn open(
        &self,
        request: &Request,
        app: Data<&Arc<App>>,
        body: JsonBody<OpenRequest>,
    ) -> Result<OpenResponse, ProblemResponse<OpenProblems>> {
        let OpenRequest { link, password } = body.0;
        let opened =
            app.share_links
                .open(&link, password, ClientNetwork::of(request), clock::now());
        let opened = opened.await.map_err(Problem::from)?;
        let session = ShareSession {
            access_token: opened.access_token,
            expires_at: opened.expires_at,
        };
        Ok(OpenResponse::Opened(Json(session), "no-store".to_owned()))
    }
}

impl Example for OpenRequest {
    fn example() -> Self {
        Self {
            link: format!("asl_{}", "0".repeat(64)),
            password: None,
        }
    }
}
