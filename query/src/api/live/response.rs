//! The response of `GET /events/{eventId}/live`: server-sent events.

use poem::{Body, IntoResponse, Response};
use poem_openapi::{
    ApiResponse, Object,
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{Example, ToJSON, Type},
};
use uuid::Uuid;

use crate::{
    analytics::{DailyMetrics, EventSummary, LiveTotals, Totals},
    api::responses::{ReportMetadata, examples},
    live::LiveSnapshot,
};

/// Live metrics of an event: the totals of the dashboard without dates, and the current day.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct LiveMetrics {
    /// Event id.
    pub event_id: Uuid,
    /// Title; `null` if the event was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// Period from the first day with facts in the last year to today.
    #[oai(flatten)]
    pub metadata: ReportMetadata,
    /// Totals of the period.
    #[oai(flatten)]
    pub totals: Totals,
    /// Metrics of the current day in `timezone`.
    pub today: DailyMetrics,
}

impl From<LiveSnapshot> for LiveMetrics {
    fn from(snapshot: LiveSnapshot) -> Self {
        let live = snapshot.totals;
        Self {
            event_id: snapshot.event_id,
            title: snapshot.title,
            metadata: ReportMetadata::new(live.period, snapshot.zone, snapshot.as_of),
            totals: live.totals,
            today: live.today,
        }
    }
}

impl Example for LiveMetrics {
    fn example() -> Self {
        let rows = examples::rows();
        let rows = rows.all();
        let summary = EventSummary::of_rows(examples::EVENT, &rows);
        Self::from(LiveSnapshot {
            event_id: examples::EVENT,
            title: Some(examples::TITLE.to_owned()),
            zone: examples::ZONE,
            as_of: examples::time(),
            totals: LiveTotals::of(&summary, examples::period()),
        })
    }
}

/// A body of server-sent events.
pub struct SseBody(pub Body);

impl Payload for SseBody {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    // `openapi_document` makes it a text and keeps the schema of the items.
    fn schema_ref() -> MetaSchemaRef {
        let id = examples::parameters::last_event_id().unwrap_or_default();
        let data = LiveMetrics::example().to_json_string();
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("Server-sent events without an end: read the body as a stream."),
            example: Some(format!("id: {id}\nevent: metrics\ndata: {data}\n\n").into()),
            items: Some(Box::new(LiveMetrics::schema_ref())),
            ..MetaSchema::new_with_format("array", "event-stream")
        }))
    }

    fn register(registry: &mut Registry) {
        LiveMetrics::register(registry);
    }
}

impl IntoResponse for SseBody {
    fn into_response(self) -> Response {
        let response = Response::builder().content_type(Self::CONTENT_TYPE);
        response.body(self.0)
    }
}

/// The response.
#[derive(ApiResponse)]
pub enum LiveStream {
    /// Events named `metrics`: the first at once, then one for each change. Their `data` is a `LiveMetrics`
    /// in one line; their `id` is a hash of it, the same on every replica.
    #[oai(status = 200)]
    Open(
        SseBody,
        /// The stream must not be stored.
        #[oai(header = "Cache-Control")]
        String,
        /// Disables the response buffering of nginx.
        #[oai(header = "X-Accel-Buffering")]
        String,
    ),
}
