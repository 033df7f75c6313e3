//! The handler of `GET /organizations/{orgId}/events`.

use std::sync::Arc;

use analytics_shared::{
    auth::TokenOrSession,
    clock,
    problem::{Problem, ProblemResponse},
};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

use super::response::EventList;
use crate::{
    admission::ReadPermit,
    analytics::EventTime,
    api::{
        authorization::authorize_tenant,
        params::{EventPageSize, OrgId, PageNumber, RawParam, choice, parse_page},
        responses::{ConditionalResponse, ReadProblems, examples, respond},
        routes::{PREFIX, Tag},
    },
    app::App,
    store::{EventListPage, EventListQuery, Fingerprint},
};

/// The maximum length of a search, in characters.
const MAX_SEARCH: usize = 200;

pub struct EventListApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Analytics")]
impl EventListApi {
    /// Events of an organization
    ///
    /// Published events, and other events with facts.
    #[oai(
        path = "/organizations/:orgId/events",
        method = "get",
        operation_id = "listEvents"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parameters of the request"
    )]
    async fn events(
        &self,
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        /// Organization id.
        #[oai(name = "orgId")]
        org_id: Path<RawParam<OrgId>>,
        /// Text in the title or the slug, whatever its case; at most 200 characters.
        #[oai(example = "examples::parameters::search")]
        q: Query<Option<String>>,
        /// Events that start today or later in their time zone (`upcoming`), that started before (`past`), or all.
        /// Events without a start are only in `all`. Default: `all`.
        when: Query<Option<RawParam<EventTime>>>,
        /// Page from 0.
        page: Query<Option<RawParam<PageNumber>>>,
        /// Events per page.
        size: Query<Option<RawParam<EventPageSize>>>,
        /// `ETag` of the response that the client has.
        #[oai(name = "If-None-Match", example = "examples::parameters::etag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ConditionalResponse<EventList>, ProblemResponse<ReadProblems>> {
        let page = parse_page(["page", "size"], page.0.as_ref(), size.0.as_ref())?;
        let search = parse_search(q.0.as_deref())?;
        let when = choice(when.0.as_ref())?.unwrap_or_default();
        let (store, now) = (&app.store, clock::now());
        let reader = token.0.caller().tenant_id.unwrap_or_default();
        let permit = app.reads.read(reader).await.map_err(Problem::from)?;
        let tenant_id = org_id.id()?;
        authorize_tenant(store, &token.0, tenant_id).await?;
        let query = EventListQuery {
            tenant_id,
            search,
            when,
            page,
        };
        // A dropped read would leave its connection in a transaction.
        let reading = tokio::spawn(read(Arc::clone(&app), permit, query.clone(), now));
        let rows = reading.await.map_err(|_| Problem::internal())??;
        let key = Fingerprint::of(&("events", &query, &rows));
        let default_zone = store.default_zone;
        let build = async move { Ok(EventList::new(&query, rows, default_zone, now)) };
        Ok(respond(&app.responses, key, if_none_match.0.as_deref(), build).await?)
    }
}

async fn read(
    app: Arc<App>,
    permit: ReadPermit,
    query: EventListQuery,
    now: DateTime<Utc>,
) -> Result<EventListPage, Problem> {
    let snapshot = app.store.snapshot(query.tenant_id).await?;
    let rows = snapshot.event_list(&query, now).await?;
    snapshot.end().await?;
    drop(permit);
    Ok(rows)
}

/// Returns the text to search for, without space around it.
fn parse_search(text: Option<&str>) -> Result<String, Problem> {
    let text = text.unwrap_or_default().trim();
    if text.chars().count() > MAX_SEARCH {
        let message = format!("must have at most {MAX_SEARCH} characters");
        return Err(Problem::invalid("q", message));
    }
    // PostgreSQL has no texts with it.
    if text.contains('\0') {
        return Err(Problem::invalid(
            "q",
            "must not contain the character U+0000",
        ));
    }
    Ok(text.to_owned())
}
