//! Finds the cached response for a request for one event, or builds it.

use std::{future::Future, hash::Hash, sync::Arc};

use analytics_shared::{
    auth::{AuthorizedCaller, SharedView},
    clock,
    problem::Problem,
};
use chrono::{DateTime, Utc};
use poem_openapi::types::ToJSON;

use super::request::{EventParams, EventRequest};
use crate::{
    admission::Reader,
    api::authorization::{reader, rights},
    app::App,
    cache::CachedResponse,
    sharing::SharedResponse,
    store::Fingerprint,
};

/// The parameters of a response beside those of the event.
pub trait EventQuery: Clone + Hash + Send + Sync + 'static {
    /// The response, by the name under which it is cached and of which a share link shows a part.
    const RESPONSE: SharedResponse;
    type Response: ToJSON;

    /// Returns the part of `now` on which the response depends beside the current date, if any.
    fn time_of_day(&self, _now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        None
    }

    /// Builds the response in the share of `reader`.
    ///
    /// # Errors
    /// Fails with a problem that names the parameter if it cannot be applied to the period, if the reader has used its
    /// share, or if the database fails.
    fn build(
        self,
        app: Arc<App>,
        reader: Reader,
        request: EventRequest,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Self::Response, Problem>> + Send;
}

/// Returns the response for a caller; to one with a share link, the part that the link shows. Equal requests of callers
/// with the same rights share a run.
///
/// # Errors
/// Fails with a problem that names the parameter if the period is invalid, if there is no such event, if the caller has
/// used its share, or if the database fails.
pub async fn cached_response<Q: EventQuery>(
    app: &Arc<App>,
    caller: &AuthorizedCaller,
    params: EventParams,
    query: Q,
) -> Result<CachedResponse, Problem> {
    let key = Fingerprint::of(&(Q::RESPONSE, rights(caller), &params, &query));
    let run = find_or_build(Arc::clone(app), caller.clone(), params, query);
    app.coalescer.run(key, run).await
}

async fn find_or_build<Q: EventQuery>(
    app: Arc<App>,
    caller: AuthorizedCaller,
    params: EventParams,
    query: Q,
) -> Result<CachedResponse, Problem> {
    let (now, reader) = (clock::now(), reader(&caller));
    let permit = app.reads.read(reader).await?;
    let request = EventRequest::resolve(&app.store, &caller, params, now).await?;
    let versions = request.versions(&app.store).await?.fingerprint;
    drop(permit);
    let time = query.time_of_day(now);
    let key = Fingerprint::of(&(Q::RESPONSE, &request, &query, time, versions));
    let build = query.build(Arc::clone(&app), reader, request, now);
    match caller.shared_view().cloned() {
        None => app.responses.get_or_build(key, build).await,
        Some(view) => {
            // The part is built, cached and tagged by itself: the entity tag of the whole would reveal when the rest
            // changes, and an organizer would share the limits of a link for whose build the request waits.
            let key = Fingerprint::of(&("shared", key, &view.sections, view.shows_revenue));
            let build = visible_part::<Q>(view, build);
            app.responses.get_or_insert_with(key, build).await
        }
    }
}

/// Builds a response; returns the part of it that a link shows.
async fn visible_part<Q: EventQuery>(
    view: SharedView,
    build: impl Future<Output = Result<Q::Response, Problem>>,
) -> Result<CachedResponse, Problem> {
    let whole = build.await?.to_json_string();
    let visible = Q::RESPONSE.visible_part(&view, whole.as_bytes());
    let visible = visible.map_err(|error| {
        tracing::error!(%error, "a response is not a JSON object");
        Problem::internal()
    })?;
    Ok(CachedResponse::of_json(visible.into()))
}
