//! `GET /events/{eventId}/live`

use std::{io, time::Duration};

use analytics_shared::{auth::EndingToken, clock, problem::Refused};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use poem::{Body, IntoResponse, Response, web::Data};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Header, Path},
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{Example, Type},
};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::{
    PREFIX, Tag, access, example,
    parts::{About, DayFigures, Totals},
    refusals::Reading,
    types::{EventId, Sent},
};
use crate::{
    App,
    answers::Answer,
    figures,
    live::{Key, Moment, Update, Watcher},
};

/// Proxies close what is silent for a minute, some for half of one.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A comment, which clients leave aside.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// The first bytes of a stream: a client that loses it comes back after 3 seconds.
const GREETING: Bytes = Bytes::from_static(b"retry: 3000\n\n");

/// The endpoint.
pub struct LiveApi;

/// Figures of an event that is watched: everything that is kept, as the dashboard has it without
/// dates, and the present day apart.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct LiveFigures {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `null` if it was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// The period, from the first day with facts in the last year to today.
    #[oai(flatten)]
    pub about: About,
    /// The event as a whole.
    #[oai(flatten)]
    pub totals: Totals,
    /// The present day in `timezone`.
    pub today: DayFigures,
}

/// A stream of server-sent events.
pub struct Frames(Body);

impl Payload for Frames {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    // OpenAPI 3.0 has no word for streams; this is how the framework's own payload describes one.
    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(LiveFigures::schema_ref())),
            ..MetaSchema::new_with_format("array", "event-stream")
        }))
    }

    fn register(registry: &mut Registry) {
        LiveFigures::register(registry);
    }
}

impl IntoResponse for Frames {
    fn into_response(self) -> Response {
        let response = Response::builder().content_type(Self::CONTENT_TYPE);
        response.body(self.0)
    }
}

/// What watching is answered with.
#[derive(ApiResponse)]
pub enum Watched {
    /// Events named `figures`: the first at once, then one for each change. Their `data` is a
    /// `LiveFigures` in one line, their `id` stands for its state on every replica.
    #[oai(status = 200)]
    Open(
        Frames,
        /// Nobody keeps a stream.
        #[oai(header = "Cache-Control")]
        String,
        /// Tells nginx to hold nothing back.
        #[oai(header = "X-Accel-Buffering")]
        String,
    ),
}

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl LiveApi {
    /// Live figures of an event
    ///
    /// Server-sent events: the headline figures at once, and again within 2 seconds of every change.
    /// A watcher that reads slowly gets the newest figures, not those that were overtaken. A comment
    /// every 15 seconds keeps the connection. The stream ends with the token, and when the service is
    /// stopped; come back with `Last-Event-ID` then.
    #[oai(
        path = "/events/:eventId/live",
        method = "get",
        operation_id = "watchEvent"
    )]
    async fn live(
        &self,
        app: Data<&App>,
        token: EndingToken,
        /// The ticketing event.
        #[oai(name = "eventId")]
        event_id: Path<Sent<EventId>>,
        /// The `id` of the figures that the caller has: they are not sent again.
        #[oai(
            name = "Last-Event-ID",
            example = "example::parameter::event_stream_id"
        )]
        last_event_id: Header<Option<String>>,
    ) -> Result<Watched, Refused<Reading>> {
        let event = access::event(&app, &token.0.caller, event_id.id()?).await?;
        let key = Key {
            tenant_id: event.tenant_id,
            event_id: event.event_id,
        };
        let watcher = app.live.watch(key, last_event_id.0.as_deref(), show);
        let frames = frames(watcher, until(token.0.ends, clock::now()));
        Ok(Watched::Open(
            Frames(Body::from_bytes_stream(frames)),
            "no-store".to_owned(),
            "no".to_owned(),
        ))
    }
}

/// `ends` on the clock of the runtime.
fn until(ends: DateTime<Utc>, now: DateTime<Utc>) -> Option<Instant> {
    let left = (ends - now).to_std().unwrap_or_default();
    Instant::now().checked_add(left)
}

/// What is sent to a watcher until `end`.
fn frames(watcher: Watcher, end: Option<Instant>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(
        (watcher, false),
        move |(mut watcher, is_greeted)| async move {
            if !is_greeted {
                return Some((Ok(GREETING), (watcher, true)));
            }
            let frame = tokio::select! {
                biased;
                () = token_end(end) => return None,
                update = watcher.next() => update?.frame,
                () = sleep(HEARTBEAT) => COMMENT,
            };
            Some((Ok(frame), (watcher, true)))
        },
    )
}

async fn token_end(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// The event `figures` with that moment, made once for all who watch.
fn show(moment: Moment) -> Update {
    let answer = Answer::new(&LiveFigures::from(moment));
    let id = answer.tag.trim_matches('"');
    let mut frame = format!("id: {id}\nevent: figures\ndata: ").into_bytes();
    frame.extend_from_slice(&answer.json);
    frame.extend_from_slice(b"\n\n");
    Update {
        id: id.into(),
        frame: frame.into(),
    }
}

impl From<Moment> for LiveFigures {
    fn from(moment: Moment) -> Self {
        let figures = moment.figures;
        Self {
            event_id: moment.event_id,
            title: moment.title,
            about: About::new(figures.period, moment.zone, moment.as_of),
            totals: figures.totals.into(),
            today: figures.today.into(),
        }
    }
}

impl Example for LiveFigures {
    fn example() -> Self {
        let rows = example::rows();
        let rows: Vec<_> = rows.iter().collect();
        Self::from(Moment {
            event_id: example::EVENT,
            title: Some(example::TITLE.to_owned()),
            zone: example::ZONE,
            as_of: example::time(),
            figures: figures::Live::of(
                &figures::EventSummary::of_rows(example::EVENT, &rows),
                example::period(),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_event_of_one_line_whatever_the_title() {
        let title = Some("Two\nlines\r\n\ndata: {}".to_owned());
        let summary = figures::EventSummary::of_rows(example::EVENT, &[]);
        let figures = figures::Live::of(&summary, example::period());
        let moment = Moment {
            event_id: example::EVENT,
            title: title.clone(),
            zone: example::ZONE,
            as_of: example::time(),
            figures,
        };
        let update = show(moment);
        let text = String::from_utf8(update.frame.to_vec()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], format!("id: {}", update.id));
        assert_eq!(lines[1], "event: figures");
        let data = lines[2].strip_prefix("data: ").unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["title"].as_str(), title.as_deref());
        assert_eq!(lines[3..], [""]);
    }
}
