//! The security scheme of the read tier: a bearer token, or the cookie of a browser session.

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::cookie::NAME;
use crate::auth::authorizer::{AuthorizedCaller, BearerToken, authorize};

/// The name of the scheme in OpenAPI documents.
const SCHEME: &str = "session";
const DESCRIPTION: &str = "The session of a browser, set by `POST /app/session`. It is accepted for reads, and for other \
                           methods only from pages of the same origin.";

/// A caller with a valid token or session that the policy permits to call the route.
pub struct TokenOrSession(pub AuthorizedCaller);

impl<'a> ApiExtractor<'a> for TokenOrSession {
    const TYPES: &'static [ApiExtractorType] = BearerToken::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        BearerToken::register(registry);
        registry.create_security_scheme(
            SCHEME,
            MetaSecurityScheme {
                ty: "apiKey",
                description: Some(DESCRIPTION),
                name: Some(NAME),
                key_in: Some("cookie"),
                scheme: None,
                bearer_format: None,
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        let mut schemes = BearerToken::security_schemes();
        schemes.push(SCHEME);
        schemes
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        authorize(request).await.map(Self)
    }
}
