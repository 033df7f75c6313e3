//! The stream of server-sent events.

use std::{io, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use tokio::time::{Instant, sleep, sleep_until};

use super::response::LiveMetrics;
use crate::{
    cache::CachedResponse,
    live::{LiveSnapshot, LiveUpdate, Subscriber},
};

/// The time between two comments: some proxies close connections that are idle for 30 s.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// A comment, which clients ignore.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// The first bytes of a stream: the client reconnects after 3 s.
const RETRY: Bytes = Bytes::from_static(b"retry: 3000\n\n");

/// Returns the stream of a subscriber until the token expires.
pub fn sse_stream(
    subscriber: Subscriber,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let left = (expires_at - now).to_std().unwrap_or_default();
    let end = Instant::now().checked_add(left);
    stream::unfold(
        (subscriber, false),
        move |(mut subscriber, is_open)| async move {
            if !is_open {
                return Some((Ok(RETRY), (subscriber, true)));
            }
            let frame = tokio::select! {
                biased;
                () = wait_until(end) => return None,
                update = subscriber.next() => update?.frame,
                () = sleep(HEARTBEAT_INTERVAL) => COMMENT,
            };
            Some((Ok(frame), (subscriber, true)))
        },
    )
}

async fn wait_until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// Renders the event `metrics`, once for all subscribers.
pub fn render(snapshot: LiveSnapshot) -> LiveUpdate {
    let response = CachedResponse::new(&LiveMetrics::from(snapshot));
    let id = response.etag.trim_matches('"');
    let mut frame = format!("id: {id}\nevent: metrics\ndata: ").into_bytes();
    frame.extend_from_slice(&response.json);
    frame.extend_from_slice(b"\n\n");
    LiveUpdate {
        id: id.into(),
        frame: frame.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analytics::{EventSummary, LiveTotals},
        api::responses::examples,
    };

    #[test]
    fn an_update_is_one_event_with_one_line_of_data() {
        let title = Some("Two\nlines\r\n\ndata: {}".to_owned());
        let summary = EventSummary::of_rows(examples::EVENT, &[]);
        let totals = LiveTotals::of(&summary, examples::period());
        let snapshot = LiveSnapshot {
            event_id: examples::EVENT,
            title: title.clone(),
            zone: examples::ZONE,
            as_of: examples::time(),
            totals,
        };
        let update = render(snapshot);
        let text = String::from_utf8(update.frame.to_vec()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], format!("id: {}", update.id));
        assert_eq!(lines[1], "event: metrics");
        let data = lines[2].strip_prefix("data: ").unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["title"].as_str(), title.as_deref());
        assert_eq!(lines[3..], [""]);
    }
}
