//! `GET /api/v1/analytics/track.js`: the script of event pages.

use std::sync::LazyLock;

use analytics_shared::{
    http::{StaticDocument, text_header},
    problem::{DocumentedProblems, ProblemResponse},
};
use poem::{IntoResponse, Request, Response};
use poem_openapi::{
    ApiResponse, OpenApi,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

use super::document::Tag;

static SCRIPT: LazyLock<StaticDocument> =
    LazyLock::new(|| StaticDocument::script(include_str!("track.js").to_owned()));

/// The endpoint of the script.
pub struct ScriptApi;

/// The script, or 304. Documented by hand, because its body and headers depend on those of the request.
struct ScriptResponse(Response);

/// The problems of `GET /track.js`.
struct ScriptProblems;

impl DocumentedProblems for ScriptProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[(
        429,
        "Too many requests of this client address. Retry after `Retry-After` seconds.",
    )];
}

impl IntoResponse for ScriptResponse {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for ScriptResponse {
    fn meta() -> MetaResponses {
        let script = MetaMediaType {
            content_type: "text/javascript; charset=utf-8",
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                example: Some("(() => { … })();".into()),
                ..MetaSchema::new("string")
            })),
        };
        let response = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![
                text_header("ETag", "Entity tag of the script."),
                text_header("Cache-Control", "The script may be stored for an hour."),
            ],
        };
        MetaResponses {
            responses: vec![
                response(200, "The script.", vec![script]),
                response(304, "The client has the current script.", Vec::new()),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}

#[OpenApi(prefix_path = "/api/v1/analytics", tag = "Tag::Tracking")]
impl ScriptApi {
    /// Get the script of event pages
    ///
    /// The script sends a `page.view` for the page that loads it, and for each further page of a single-page
    /// application. It sets no cookie. The attributes of its element: `data-event` (the ticketing event),
    /// `data-write-key`, and `data-visitor="session"`, which keeps a visitor id for the browser tab.
    #[oai(path = "/track.js", method = "get", operation_id = "getTrackScript")]
    async fn script(
        &self,
        request: &Request,
    ) -> Result<ScriptResponse, ProblemResponse<ScriptProblems>> {
        Ok(ScriptResponse(SCRIPT.respond(request).await))
    }
}
