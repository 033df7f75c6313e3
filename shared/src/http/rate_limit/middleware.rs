//! The middleware that admits requests.

use std::sync::Arc;

use poem::{Endpoint, IntoResponse, Request, Response};

use super::{admission::Admission, limits::RateLimits};
use crate::{
    auth::{Authorizer, Caller, Role},
    problem::Problem,
};

/// Calls `endpoint` with the client's address and the admission of the request, or responds with 429.
pub(crate) async fn limited<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    mut request: Request,
    limits: RateLimits,
    authorizer: Authorizer,
) -> poem::Result<Response> {
    match admit(&mut request, limits, &authorizer).await {
        Ok(admission) => {
            request.set_data(admission);
            endpoint.call(request).await
        }
        Err(problem) => Ok(problem.into_response()),
    }
}

async fn admit(
    request: &mut Request,
    limits: RateLimits,
    authorizer: &Authorizer,
) -> Result<Admission, Problem> {
    let address = limits.client_address(request);
    if let Some(address) = address {
        request.set_data(address);
    }
    let caller = caller(request, authorizer).await;
    if caller
        .as_ref()
        .is_some_and(|caller| caller.has_role(Role::Service))
    {
        return Ok(Admission::unlimited());
    }
    let network = address.map(|address| address.0.into());
    let tenant = caller.and_then(|caller| caller.tenant_id);
    Admission::new(limits, network, tenant)
}

/// The caller with a valid token or session. The endpoint decides about others.
async fn caller(request: &Request, authorizer: &Authorizer) -> Option<Caller> {
    let (verified, _) = authorizer.authenticate(request).await.ok()?;
    Some(verified.caller)
}
