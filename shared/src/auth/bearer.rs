//! The security scheme of the APIs.

use poem::Request;
use poem_openapi::{SecurityScheme, auth::Bearer};

use super::token::{TokenKeys, VerifiedToken};
use crate::{clock, problem::Problem};

/// A JSON Web Token of the platform, signed with HS256, HS384 or HS512, with the claims
/// `tenantId`, `userId`, `roles` and `exp`.
#[derive(SecurityScheme)]
#[oai(
    rename = "bearer",
    ty = "bearer",
    bearer_format = "JWT",
    checker = "verify_bearer"
)]
pub struct BearerToken(pub VerifiedToken);

#[expect(
    clippy::unused_async,
    reason = "the security scheme awaits its checker"
)]
async fn verify_bearer(request: &Request, bearer: Bearer) -> poem::Result<VerifiedToken> {
    let Some(keys) = request.data::<TokenKeys>() else {
        tracing::error!("the routes have no token keys");
        return Err(Problem::internal().into());
    };
    keys.verify(&bearer.token, clock::now())
        .map_err(|invalid| Problem::unauthorized(invalid.to_string()).into())
}
