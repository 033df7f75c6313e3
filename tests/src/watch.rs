//! A subscriber of live figures, like a browser.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::timeout;
use uuid::Uuid;

use crate::api::Api;

/// The time-out of reading; heartbeats are more frequent.
const READ_TIMEOUT: Duration = Duration::from_secs(25);

/// An open stream.
pub struct Watch {
    stream: Response,
    unread: Vec<u8>,
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    /// The reconnection time, in milliseconds.
    Retry(u64),
    /// A heartbeat.
    Heartbeat,
    /// Figures.
    Figures {
        /// The id of the figures.
        id: String,
        /// The figures.
        data: Value,
    },
}

impl Watch {
    /// Subscribes to an event; `last` is sent as `Last-Event-ID`.
    ///
    /// # Panics
    /// When the subscription is refused.
    pub async fn open(api: &Api, event: Uuid, last: Option<&str>) -> Self {
        let path = format!("/events/{event}/live");
        let stream = match last {
            Some(last) => api.get_with(&path, "Last-Event-ID", last).await,
            None => api.get(&path).await,
        };
        assert_eq!(stream.status(), StatusCode::OK);
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        assert_eq!(stream.headers()["cache-control"], "no-store");
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// The next event; `None` after the regular end of the stream.
    ///
    /// # Panics
    /// When there is none in time, or the stream is aborted.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let message: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Some(told(std::str::from_utf8(&message).expect("UTF-8")));
            }
            let piece = timeout(READ_TIMEOUT, self.stream.chunk()).await;
            match piece.expect("nothing comes").expect("the stream broke") {
                Some(piece) => self.unread.extend_from_slice(&piece),
                None => return None,
            }
        }
    }

    /// The next figures, with their id.
    ///
    /// # Panics
    /// When there are none before the stream ends.
    pub async fn figures(&mut self) -> (String, Value) {
        loop {
            if let StreamEvent::Figures { id, data } =
                self.next().await.expect("the stream goes on")
            {
                return (id, data);
            }
        }
    }

    /// Waits for figures for which `expected` returns true.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn until(&mut self, expected: impl Fn(&Value) -> bool) -> (String, Value) {
        let waiting = async {
            loop {
                let (id, data) = self.figures().await;
                if expected(&data) {
                    return (id, data);
                }
            }
        };
        timeout(READ_TIMEOUT, waiting).await.expect("these figures")
    }
}

fn told(message: &str) -> StreamEvent {
    let lines: Vec<&str> = message.lines().collect();
    match lines[..] {
        [":", ""] => StreamEvent::Heartbeat,
        [retry, ""] => {
            let retry = retry.strip_prefix("retry: ").expect("a retry");
            StreamEvent::Retry(retry.parse().expect("milliseconds"))
        }
        [id, "event: metrics", data, ""] => StreamEvent::Figures {
            id: id.strip_prefix("id: ").expect("an id").to_owned(),
            data: serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON"),
        },
        _ => panic!("{message}"),
    }
}
