//! A watcher of live figures, as a browser is one.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::timeout;
use uuid::Uuid;

use crate::api::Api;

/// The longest that a watcher waits for anything; a heartbeat comes sooner.
const READ_TIMEOUT: Duration = Duration::from_secs(25);

/// An open stream.
pub struct Watch {
    stream: Response,
    unread: Vec<u8>,
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    /// When to come back after a loss, in milliseconds.
    Retry(u64),
    /// That it is still there.
    Heartbeat,
    /// Figures.
    Figures {
        /// Stands for them.
        id: String,
        /// The figures.
        data: Value,
    },
}

impl Watch {
    /// Watches an event; `last` is the id of figures that are known.
    ///
    /// # Panics
    /// When it may not be watched.
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

    /// The next event; `None` when the stream has ended in order.
    ///
    /// # Panics
    /// When nothing comes, or the stream breaks.
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

    /// Waits for figures of which `expected` is true.
    ///
    /// # Panics
    /// When they do not come.
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
