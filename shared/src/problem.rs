//! The one body of every failure: RFC 9457 `application/problem+json`.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use poem::{
    Error, IntoResponse, Response,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    error::{
        AuthorizationError, ContentTypeError, ParseParamError, ParsePathError,
        ParseRequestPayloadError,
    },
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{Example, ToJSON, Type},
};
use uuid::Uuid;

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";
/// Seconds after which an overload may be over: bodies come and go within a few.
const OVERLOAD_SECONDS: u32 = 2;

/// What went wrong, in the form of RFC 9457.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct Problem {
    /// A URI that stands for the kind of problem; it is a name, there is nothing to fetch.
    #[oai(rename = "type")]
    kind: String,
    /// The kind of problem in a few words, the same for every occurrence.
    title: String,
    /// The HTTP status code, repeated.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: u16,
    /// What happened this time, and what to do about it.
    detail: String,
    /// The kind of problem, stable, for programs.
    code: String,
    /// The fields that are wrong, where the problem is about fields.
    #[oai(skip_serializing_if_is_empty, default)]
    errors: Vec<FieldError>,
    /// The fact that was perhaps stored: sent again with this identity it is counted once.
    fact: Option<FactIdentity>,
    /// Seconds after which trying again makes sense; sent as the header `Retry-After`.
    #[oai(skip)]
    retry_after: Option<u32>,
}

/// What makes a fact the same when it is sent again.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct FactIdentity {
    /// Its id.
    pub id: Uuid,
    /// Its time.
    pub created_at: DateTime<Utc>,
}

/// One field that is wrong.
#[derive(Clone, Debug, Object)]
pub struct FieldError {
    /// The field's name, with dots into objects (`properties.amountCents`).
    field: String,
    /// What is wrong with it.
    message: String,
}

impl Problem {
    /// A problem of kind `code` (stable, `snake_case`).
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind: format!("urn:analytics:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            errors: Vec::new(),
            fact: None,
            retry_after: None,
        }
    }

    /// A value that is well-formed but cannot be accepted (422).
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::for_field(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_field",
            "Invalid field",
            field,
            message,
        )
    }

    /// A parameter or body that cannot be read at all (400).
    #[must_use]
    pub fn malformed(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::for_field(
            StatusCode::BAD_REQUEST,
            "malformed_field",
            "Malformed field",
            field,
            message,
        )
    }

    /// A problem with one field.
    #[must_use]
    pub fn for_field(
        status: StatusCode,
        code: &'static str,
        title: &str,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (field, message) = (field.into(), message.into());
        let mut problem = Self::new(status, code, title, format!("{field}: {message}"));
        problem.errors.push(FieldError { field, message });
        problem
    }

    /// No valid token, where one is needed (401).
    #[must_use]
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Authentication needed",
            detail,
        )
    }

    /// Nothing there, or nothing that the caller may know of (404).
    #[must_use]
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, "Not found", detail)
    }

    /// A failure of ours (500). It says nothing of the inside: log the cause where it is known.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Internal error",
            "the request failed for a reason of ours; it has been logged",
        )
    }

    /// Something we depend on does not answer (503); `retry_after` is in seconds.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>, retry_after: u32) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Temporarily unavailable",
            detail,
        );
        problem.retry_after = Some(retry_after);
        problem
    }

    /// The caller's organization has as many exports running as it may (429); `retry_after` is in
    /// seconds.
    #[must_use]
    pub fn too_many_exports(detail: impl Into<String>, retry_after: u32) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_exports",
            "Too many exports",
            detail,
        );
        problem.retry_after = Some(retry_after);
        problem
    }

    /// More is on its way to us than we have memory for (503).
    #[must_use]
    pub fn overloaded(detail: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "overloaded", "Overloaded", detail);
        problem.retry_after = Some(OVERLOAD_SECONDS);
        problem
    }

    /// The database did not answer in time, so that nobody knows whether the fact is stored (503).
    #[must_use]
    pub fn commit_unknown(fact: FactIdentity, retry_after: u32) -> Self {
        let detail =
            "the fact is perhaps stored; send it again with the `id` and `createdAt` of `fact`";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "commit_unknown", "Commit unknown", detail);
        problem.retry_after = Some(retry_after);
        problem.fact = Some(fact);
        problem
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The stable code, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The field that is wrong, where the problem is about one.
    #[must_use]
    pub fn field_name(&self) -> Option<&str> {
        self.errors.first().map(|error| error.field.as_str())
    }

    /// What is wrong: with the field, where the problem is about one.
    #[must_use]
    pub fn message(&self) -> &str {
        let field_message = self.errors.first().map(|error| error.message.as_str());
        field_message.unwrap_or(&self.detail)
    }

    /// The same for an error that the framework made: unknown routes, unreadable parameters.
    #[must_use]
    pub fn from_framework(error: &Error) -> Self {
        if let Some(ParseParamError { name, reason }) = error.downcast_ref() {
            return Self::malformed(*name, reason);
        }
        if let Some(ParsePathError { name, reason }) = error.downcast_ref() {
            return Self::malformed(*name, reason);
        }
        if let Some(ParseRequestPayloadError { reason }) = error.downcast_ref() {
            return Self::malformed("body", reason);
        }
        if error.is::<AuthorizationError>() {
            return Self::unauthorized("send a token: `Authorization: Bearer …`");
        }
        if let Some(wrong) = error.downcast_ref::<ContentTypeError>() {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Self::new(
                status,
                "unsupported_media_type",
                "Unsupported media type",
                wrong.to_string(),
            );
        }
        if error.is::<NotFoundError>() {
            return Self::not_found("unknown_route", "there is nothing at this path");
        }
        if error.is::<MethodNotAllowedError>() {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            return Self::new(
                status,
                "method_not_allowed",
                "Method not allowed",
                "this path has no such method",
            );
        }
        match error.status() {
            status if status.is_client_error() => {
                Self::new(status, "bad_request", "Bad request", error.to_string())
            }
            _ => {
                tracing::error!(error = %error, "request failed");
                Self::internal()
            }
        }
    }
}

impl Example for Problem {
    fn example() -> Self {
        Self::malformed("eventId", "must be a UUID")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .status(self.status())
            .content_type(CONTENT_TYPE)
            .body(self.to_json_string());
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::from_response(problem.into_response())
    }
}

/// The failures that an endpoint documents in OpenAPI.
pub trait DocumentedProblems: Send + Sync + 'static {
    /// Status codes, each with what it means there.
    const STATUSES: &'static [(u16, &'static str)];
}

/// A [`Problem`] as the answer of an endpoint that documents the failures `R`.
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
