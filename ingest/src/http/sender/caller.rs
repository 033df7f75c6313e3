//! The caller of a tracking request, who may be anonymous.

use analytics_shared::{
    auth::{BearerToken, Caller},
    telemetry::record_route,
};
use poem::{Request, RequestBody, Result, http::header};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

use crate::metrics::{self, RejectionReason, Transport};

/// The caller, `None` without a token: two event types are accepted without. A token that is not valid is
/// an error, not an anonymous caller.
pub struct OptionalCaller(pub Option<Caller>);

impl<'a> ApiExtractor<'a> for OptionalCaller {
    const TYPES: &'static [ApiExtractorType] = BearerToken::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        BearerToken::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        BearerToken::security_schemes()
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        record_route(request);
        if !request.headers().contains_key(header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        let token = BearerToken::from_request(request, body, options).await;
        let BearerToken(token) = token
            .inspect_err(|_| metrics::rejected(Transport::Http, RejectionReason::Unauthorized))?;
        Ok(Self(Some(token.caller().clone())))
    }
}
