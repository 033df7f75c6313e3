//! The endpoints of write keys.

use std::sync::Arc;

use analytics_shared::{auth::BearerToken, http::JsonBody, problem::ProblemResponse};
use poem::web::Data;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use uuid::Uuid;

use super::{
    objects::{CreatedWriteKey, WriteKeyList, WriteKeyRequest},
    problems::{CreateProblems, ListProblems, RevokeProblems, too_many_keys, unknown_key},
};
use crate::http::{document::Tag, examples, track_pipeline::IngestState};

/// The endpoints of write keys.
pub struct WriteKeyApi;

#[derive(ApiResponse)]
enum CreateResponse {
    /// The key is created. It is active within 10 seconds on all replicas.
    #[oai(status = 201)]
    Created(
        Json<CreatedWriteKey>,
        /// `no-store`: the key is shown once.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[derive(ApiResponse)]
enum ListResponse {
    /// The keys.
    #[oai(status = 200)]
    Keys(Json<WriteKeyList>),
}

#[derive(ApiResponse)]
enum RevokeResponse {
    /// The key is revoked. It is rejected within 10 seconds on all replicas.
    #[oai(status = 204)]
    Revoked,
}

#[OpenApi(prefix_path = "/api/v1/analytics", tag = "Tag::WriteKeys")]
impl WriteKeyApi {
    /// Create a write key
    ///
    /// Requires the role `SERVICE`. The key sends `page.view` and `registration.started` of the events of one
    /// tenant. A tenant has at most 50 active keys.
    #[oai(path = "/write-keys", method = "post", operation_id = "createWriteKey")]
    async fn create(
        &self,
        Data(state): Data<&Arc<IngestState>>,
        BearerToken(token): BearerToken,
        JsonBody(request): JsonBody<WriteKeyRequest>,
    ) -> Result<CreateResponse, ProblemResponse<CreateProblems>> {
        let settings = request.settings(token.caller().tenant_id)?;
        let created = state.write_keys.create(settings).await?;
        let (key, stored) = created.ok_or_else(too_many_keys)?;
        let created = CreatedWriteKey {
            key: key.expose().to_owned(),
            settings: stored.into(),
        };
        Ok(CreateResponse::Created(
            Json(created),
            "no-store".to_owned(),
        ))
    }

    /// List write keys
    ///
    /// Requires the role `SERVICE`. Revoked keys are included.
    #[oai(path = "/write-keys", method = "get", operation_id = "listWriteKeys")]
    async fn list(
        &self,
        Data(state): Data<&Arc<IngestState>>,
        _caller: BearerToken,
        /// Only the keys of this tenant.
        #[oai(name = "tenantId", example = "examples::tenant")]
        Query(tenant_id): Query<Option<Uuid>>,
    ) -> Result<ListResponse, ProblemResponse<ListProblems>> {
        let stored = state.write_keys.list(tenant_id).await?;
        let write_keys = stored.into_iter().map(Into::into).collect();
        Ok(ListResponse::Keys(Json(WriteKeyList { write_keys })))
    }

    /// Revoke a write key
    ///
    /// Requires the role `SERVICE`. Revoking a key again changes nothing.
    #[oai(
        path = "/write-keys/:id",
        method = "delete",
        operation_id = "revokeWriteKey"
    )]
    async fn revoke(
        &self,
        Data(state): Data<&Arc<IngestState>>,
        _caller: BearerToken,
        /// The id of the key.
        #[oai(example = "examples::write_key_id")]
        Path(id): Path<String>,
    ) -> Result<RevokeResponse, ProblemResponse<RevokeProblems>> {
        let is_id = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id && state.write_keys.revoke(&id).await? {
            Ok(RevokeResponse::Revoked)
        } else {
            Err(unknown_key().into())
        }
    }
}
