//! Problems as the documented responses of an endpoint.

use std::marker::PhantomData;

use poem::Error;
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};

use super::{CONTENT_TYPE, Problem};

/// The problems that an endpoint documents in OpenAPI.
pub trait DocumentedProblems: Send + Sync + 'static {
    /// Status codes with their descriptions.
    const STATUSES: &'static [(u16, &'static str)];
}

/// A [`Problem`] returned by an endpoint that documents the problems `R`.
pub struct ProblemResponse<R>(Problem, PhantomData<R>);

impl<R, P: Into<Problem>> From<P> for ProblemResponse<R> {
    fn from(problem: P) -> Self {
        Self(problem.into(), PhantomData)
    }
}

impl<R: DocumentedProblems> From<ProblemResponse<R>> for Error {
    fn from(response: ProblemResponse<R>) -> Self {
        response.0.into()
    }
}

impl<R: DocumentedProblems> ApiResponse for ProblemResponse<R> {
    fn meta() -> MetaResponses {
        let responses = R::STATUSES
            .iter()
            .map(|(status, description)| MetaResponse {
                description,
                status: Some(*status),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: CONTENT_TYPE,
                    schema: Problem::schema_ref(),
                }],
                headers: vec![],
            });
        MetaResponses {
            responses: responses.collect(),
        }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}
