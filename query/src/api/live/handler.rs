//! The handler of `GET /events/{eventId}/live`.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use analytics_shared::{
    auth::{TokenOrSession, credential_hash},
    clock,
    http::{ClientAddress, ClientNetwork},
    problem::{Problem, ProblemResponse},
};
use poem::{Body, Request, web::Data};
use poem_openapi::{
    OpenApi,
    param::{Header, Path},
};

use super::{
    response::{LiveStream, SseBody},
    stream::{render, sse_stream},
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
        let permit = app
            .streams
            .acquire(credential_hash(request), reader, network(request));
        let permit = permit.map_err(Problem::from)?;
        let last_id = last_event_id.0.as_deref();
        let subscriber = app.live.subscribe(key, last_id, render, permit);
        let stream = sse_stream(subscriber, token.0.expires_at(), clock::now());
        Ok(LiveStream::Open(
            SseBody(Body::from_bytes_stream(stream)),
            "no-store".to_owned(),
            "no".to_owned(),
        ))
    }
}

/// Returns the network of the client, which may be behind a trusted proxy.
fn network(request: &Request) -> ClientNetwork {
    let address = request.data::<ClientAddress>();
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    address.map_or(unknown, |address| address.0).into()
}
