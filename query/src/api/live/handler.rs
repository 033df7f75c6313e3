//! The handler of `GET /events/{eventId}/live`.

use std::sync::Arc;

use analytics_shared::{
    auth::{TokenOrSession, credential_hash},
    clock,
    http::ClientNetwork,
    problem::{Problem, ProblemResponse},
};
use poem::{Body, Request, web::Data};
use poem_openapi::{
    OpenApi,
    param::{Header, Path},
};
use sha2::{Digest, Sha256};

use super::{
    render::render,
    response::{LiveStream, SseBody},
    stream::sse_stream,
    updates::Updates,
};
use crate::{
    api::{
        authorization::authorize_event,
        params::{EventId, RawParam},
        responses::{ReadProblems, examples},
        routes::{PREFIX, Tag},
    },
    app::App,
    live::EventKey,
};

pub struct LiveApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Analytics")]
impl LiveApi {
    /// Live metrics of an event
    ///
    /// Server-sent events with the key metrics: the current ones at once, and an update within 2 seconds of
    /// every change. A slow client receives the latest update and skips those before it. A comment every 15
    /// seconds keeps the connection open. The stream ends when the token expires or the service shuts down;
    /// reconnect with `Last-Event-ID`.
    #[oai(
        path = "/events/:eventId/live",
        method = "get",
        operation_id = "watchEvent"
    )]
    async fn live(
        &self,
        request: &Request,
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        /// Event id.
        #[oai(name = "eventId")]
        event_id: Path<RawParam<EventId>>,
        /// `id` of the last update that the client received; it is not sent again.
        #[oai(
            name = "Last-Event-ID",
            example = "examples::parameters::last_event_id"
        )]
        last_event_id: Header<Option<String>>,
    ) -> Result<LiveStream, ProblemResponse<ReadProblems>> {
        let event = authorize_event(&app.store, &token.0, event_id.id()?).await?;
        let key = EventKey {
            tenant_id: event.tenant_id,
            event_id: event.event_id,
        };
        let reader = token.0.caller().tenant_id.unwrap_or_default();
        let view = token.0.shared_view();
        // A link is one token, however often it is opened.
        let credential = match view {
            Some(view) => Sha256::digest(view.share_id.as_bytes()).into(),
            None => credential_hash(request),
        };
        let permit = app
            .streams
            .acquire(credential, reader, ClientNetwork::of(request));
        let permit = permit.map_err(Problem::from)?;
        let last_id = last_event_id.0.as_deref();
        let subscribe = |last_id| app.live.subscribe(key, last_id, render, permit);
        let updates = match view {
            None => Updates::all(subscribe(last_id)),
            Some(view) => Updates::of_link(
                subscribe(None),
                view.clone(),
                app.share_links.clone(),
                last_id,
            ),
        };
        let stream = sse_stream(updates, token.0.expires_at(), clock::now());
        Ok(LiveStream::Open(
            SseBody(Body::from_bytes_stream(stream)),
            "no-store".to_owned(),
            "no".to_owned(),
        ))
    }
}
