//! The handlers of `/events/{eventId}/shares`.

use std::sync::Arc;

use analytics_shared::{
    auth::TokenOrSession,
    clock,
    http::JsonBody,
    problem::{Problem, ProblemResponse},
};
use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};

use super::{
    problems::{CreateProblems, ListProblems, RevokeProblems, unknown_share},
    request::ShareRequest,
    response::{CreatedShare, ShareList},
};
use crate::{
    api::{
        authorization::authorize_event,
        params::{EventId, RawParam, ShareId},
        routes::{PREFIX, Tag},
    },
    app::App,
    sharing::NewLink,
};

pub struct ShareApi;

#[derive(ApiResponse)]
enum CreateResponse {
    /// The link is created.
    #[oai(status = 201)]
    Created(
        Json<CreatedShare>,
        /// `no-store`: the link is shown once.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[derive(ApiResponse)]
enum ListResponse {
    /// The links.
    #[oai(status = 200)]
    Links(
        Json<ShareList>,
        /// `no-store`: the list changes with each use of a link.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[derive(ApiResponse)]
enum RevokeResponse {
    /// The link is revoked, and opens nothing any more.
    #[oai(status = 204)]
    Revoked,
}

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Sharing")]
impl ShareApi {
    /// Create a share link
    ///
    /// The link gives access to the selected sections of the figures of the event, without an account, until it expires
    /// or is revoked. An event has at most 50 valid links.
    #[oai(
        path = "/events/:eventId/shares",
        method = "post",
        operation_id = "createShare"
    )]
    async fn create(
        &self,
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        /// Event id.
        #[oai(name = "eventId")]
        event_id: Path<RawParam<EventId>>,
        request: JsonBody<ShareRequest>,
    ) -> Result<CreateResponse, ProblemResponse<CreateProblems>> {
        let settings = request.0.settings(clock::now())?;
        let event = authorize_event(&app.store, &token.0, event_id.id()?).await?;
        let created = app.share_links.create(NewLink {
            tenant_id: event.tenant_id,
            event_id: event.event_id,
            name: settings.name,
            sections: settings.sections,
            shows_revenue: settings.shows_revenue,
            password: settings.password,
            created_by: token.0.caller().user_id,
            expires_at: settings.expires_at,
        });
        let (secret, stored) = created.await.map_err(Problem::from)?;
        let created = CreatedShare::new(secret.expose(), stored);
        Ok(CreateResponse::Created(
            Json(created),
            "no-store".to_owned(),
        ))
    }

    /// List the share links of an event
    ///
    /// Links that have expired or are revoked are included for 30 days.
    #[oai(
        path = "/events/:eventId/shares",
        method = "get",
        operation_id = "listShares"
    )]
    async fn list(
        &self,
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        /// Event id.
        #[oai(name = "eventId")]
        event_id: Path<RawParam<EventId>>,
    ) -> Result<ListResponse, ProblemResponse<ListProblems>> {
        let event = authorize_event(&app.store, &token.0, event_id.id()?).await?;
        let links = app
            .share_links
            .of_event(event.tenant_id, event.event_id)
            .await;
        let links = links.map_err(Problem::from)?.into_iter();
        let shares = links.map(Into::into).collect();
        Ok(ListResponse::Links(
            Json(ShareList { shares }),
            "no-store".to_owned(),
        ))
    }

    /// Revoke a share link
    ///
    /// Takes effect at once: also for those who have opened the link, and for their live figures. Revoking a link again
    /// changes nothing.
    #[oai(
        path = "/events/:eventId/shares/:shareId",
        method = "delete",
        operation_id = "revokeShare"
    )]
    async fn revoke(
        &self,
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        /// Event id.
        #[oai(name = "eventId")]
        event_id: Path<RawParam<EventId>>,
        /// Id of the link.
        #[oai(name = "shareId")]
        share_id: Path<RawParam<ShareId>>,
    ) -> Result<RevokeResponse, ProblemResponse<RevokeProblems>> {
        let (event_id, share_id) = (event_id.id()?, share_id.id()?);
        let event = authorize_event(&app.store, &token.0, event_id).await?;
        let revoked = app
            .share_links
            .revoke(event.tenant_id, event_id, share_id)
            .await;
        if revoked.map_err(Problem::from)? {
            Ok(RevokeResponse::Revoked)
        } else {
            Err(unknown_share().into())
        }
    }
}
