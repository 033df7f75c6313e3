//! The stream of server-sent events.

use std::{io, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use tokio::time::{Instant, sleep, sleep_until};

use super::updates::Updates;

/// The time between two comments: some proxies close connections that are idle for 30 s.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// A comment, which clients ignore.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// The first bytes of a stream: the client reconnects after 3 s.
const RETRY: Bytes = Bytes::from_static(b"retry: 3000\n\n");

/// Returns the stream of updates until the token expires, or until the link of the subscriber is no longer valid: the
/// link is looked up before each frame.
pub fn sse_stream(
    updates: Updates,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let left = (expires_at - now).to_std().unwrap_or_default();
    let end = Instant::now().checked_add(left);
    stream::unfold((updates, false), move |(mut updates, is_open)| async move {
        if !is_open {
            return Some((Ok(RETRY), (updates, true)));
        }
        let frame = tokio::select! {
            biased;
            () = wait_until(end) => return None,
            update = updates.next() => update?.frame,
            () = sleep(HEARTBEAT_INTERVAL) => COMMENT,
        };
        if !updates.are_permitted().await {
            return None;
        }
        Some((Ok(frame), (updates, true)))
    })
}

async fn wait_until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}
