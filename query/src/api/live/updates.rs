//! The updates that a stream sends: all metrics, or the part that a share link shows.

use std::sync::Arc;

use analytics_shared::{auth::SharedView, clock};

use super::render::render_json;
use crate::{
    cache::CachedResponse,
    live::{LiveUpdate, Subscriber},
    sharing::{SharedLinks, SharedResponse},
};

/// The updates of a stream.
pub struct Updates {
    subscriber: Subscriber,
    link: Option<SharedStream>,
}

/// The stream of a share link.
struct SharedStream {
    view: SharedView,
    links: SharedLinks,
    /// Id of the last update that the client received. It is that of the visible part: a change of the rest sends
    /// nothing.
    last_id: Option<Arc<str>>,
}

impl Updates {
    /// All metrics.
    pub fn all(subscriber: Subscriber) -> Self {
        Self {
            subscriber,
            link: None,
        }
    }

    /// The part that `view` shows. `last_id` is the id of the last update that the client received.
    pub fn of_link(
        subscriber: Subscriber,
        view: SharedView,
        links: SharedLinks,
        last_id: Option<&str>,
    ) -> Self {
        let link = SharedStream {
            view,
            links,
            last_id: last_id.map(Into::into),
        };
        Self {
            subscriber,
            link: Some(link),
        }
    }

    /// Waits for the next update; `None` after the last one. Cancel safe.
    pub async fn next(&mut self) -> Option<LiveUpdate> {
        loop {
            let next = self.subscriber.next().await?;
            let Some(link) = &mut self.link else {
                return Some(next);
            };
            let visible = SharedResponse::Live
                .visible_part(&link.view, &next.json)
                .ok()?;
            let visible = render_json(CachedResponse::of_json(visible.into()));
            if link.last_id.as_ref() != Some(&visible.id) {
                link.last_id = Some(Arc::clone(&visible.id));
                return Some(visible);
            }
        }
    }

    /// Returns whether the client may receive more: a link may have been revoked. Without an answer of the database,
    /// it may not, and reconnects.
    pub async fn are_permitted(&self) -> bool {
        let Some(SharedStream { view, links, .. }) = &self.link else {
            return true;
        };
        let found = links
            .view(view.tenant_id, view.share_id, clock::now())
            .await;
        matches!(found, Ok(Some(_)))
    }
}
