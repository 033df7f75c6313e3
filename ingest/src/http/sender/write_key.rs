//! The query parameter `writeKey`: beacons cannot set a header.

use std::sync::Arc;

use analytics_shared::{
    http::{Admission, Charge, unknown_origin},
    problem::Problem,
};
use poem::{
    FromRequest, Request, RequestBody, Result,
    http::{HeaderMap, StatusCode, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    param::Query,
    registry::{MetaParamIn, MetaSchemaRef, Registry},
};

use crate::{
    http::track_pipeline::IngestState,
    metrics::{self, RejectionReason, Transport},
    store::lookup::write_keys::{ActiveWriteKey, WriteKeys},
};

/// The active write key of a request, if it has one. A key that is not active is an error, not an absent key.
///
/// Verified before the body is read.
pub struct WriteKeyParam(pub Option<Arc<ActiveWriteKey>>);

/// Returns the active key with this text, if it may be used from the origin of the request. The problem does
/// not repeat the key.
fn verify(
    keys: &WriteKeys,
    key: &str,
    headers: &HeaderMap,
) -> Result<Arc<ActiveWriteKey>, Problem> {
    let Some(active) = keys.find(key)? else {
        metrics::rejected(Transport::Http, RejectionReason::InvalidWriteKey);
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "invalid_write_key",
            "Invalid write key",
            "writeKey: there is no such key, or it has been revoked",
        ));
    };
    let origin = headers.get(header::ORIGIN);
    let origin = origin.map(|origin| origin.to_str().unwrap_or_default());
    if !active.allows_origin(origin) {
        metrics::rejected(Transport::Http, RejectionReason::UnknownOrigin);
        return Err(unknown_origin("the write key is not for this origin"));
    }
    Ok(active)
}

fn write_key_required() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "write_key_required",
        "Write key required",
        "send a write key (`?writeKey=`) or a token (`Authorization: Bearer …`)",
    )
}

impl<'a> ApiExtractor<'a> for WriteKeyParam {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = Option<String>;
    type ParamRawType = String;

    fn register(registry: &mut Registry) {
        Query::<Self::ParamType>::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Query::<Self::ParamType>::param_in()
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Query::<Self::ParamType>::param_schema_ref()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<Self::ParamType>,
    ) -> Result<Self> {
        let Some(state) = request.data::<Arc<IngestState>>() else {
            tracing::error!("the routes have no state");
            return Err(Problem::internal().into());
        };
        let headers = request.headers();
        let Query(key) = Query::from_request(request, body, options).await?;
        let Some(key) = key else {
            if state.requires_write_key && !headers.contains_key(header::AUTHORIZATION) {
                metrics::rejected(Transport::Http, RejectionReason::WriteKeyRequired);
                return Err(write_key_required().into());
            }
            return Ok(Self(None));
        };
        let active = verify(&state.write_keys, &key, headers)?;
        let admission = <Admission as FromRequest>::from_request(request, body).await?;
        admission.charge_write_key(&active.id, active.facts_per_minute, Charge::REQUEST)?;
        Ok(Self(Some(active)))
    }
}
