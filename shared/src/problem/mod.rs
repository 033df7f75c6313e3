//! The body of every error response: RFC 9457 `application/problem+json`.

mod framework;
mod response;

pub use response::{DocumentedProblems, ProblemResponse};

use chrono::{DateTime, Utc};
use poem::{
    Error, IntoResponse, Response,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};
use poem_openapi::{
    Object,
    types::{Example, ToJSON},
};
use uuid::Uuid;

use crate::telemetry::current_request_id;

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";
/// The `Retry-After` of an overload, in seconds.
const OVERLOAD_SECONDS: u32 = 2;

/// An error, in the format of RFC 9457.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct Problem {
    /// A URN that identifies the type of problem. It cannot be dereferenced.
    #[oai(rename = "type")]
    kind: String,
    /// A short summary of the type of problem, the same for every occurrence.
    title: String,
    /// The HTTP status code.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: u16,
    /// An explanation of this occurrence, and how to resolve it.
    detail: String,
    /// The stable, machine-readable type of problem.
    code: String,
    /// The invalid fields, if the problem concerns fields.
    #[oai(skip_serializing_if_is_empty, default)]
    errors: Vec<FieldError>,
    /// The id of the request, as in the header `X-Request-Id`.
    #[oai(rename = "requestId")]
    request_id: Option<String>,
    /// The fact whose commit is unknown. Sending it again with this identity stores it once.
    fact: Option<FactIdentity>,
    /// The header `Retry-After`, in seconds.
    #[oai(skip)]
    retry_after: Option<u32>,
    /// The headers `RateLimit-Policy` and `RateLimit`.
    #[oai(skip)]
    exceeded_limit: Option<Box<ExceededLimit>>,
}

/// A rate limit that is reached.
#[derive(Clone, Copy, Debug)]
pub struct ExceededLimit {
    /// The name of the limit.
    pub policy: &'static str,
    /// The number of requests within the window.
    pub quota: u32,
    /// The window, in seconds.
    pub window: u32,
    /// The time to the next request, in seconds.
    pub retry_after: u32,
}

/// The identity of a fact: two facts with the same identity are stored once.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct FactIdentity {
    /// The id of the fact.
    pub id: Uuid,
    /// The time of the fact.
    pub created_at: DateTime<Utc>,
}

/// An invalid field.
#[derive(Clone, Debug, Object)]
pub struct FieldError {
    /// The name of the field, with dots into objects (`properties.amountCents`).
    field: String,
    /// The reason why it is invalid.
    message: String,
}

impl Problem {
    /// A problem with a stable `code` in `snake_case`.
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
            request_id: None,
            fact: None,
            retry_after: None,
            exceeded_limit: None,
        }
    }

    /// Sets the id of the request that is being processed.
    #[must_use]
    pub fn of_current_request(mut self) -> Self {
        self.request_id = current_request_id();
        self
    }

    /// Sets the header `Retry-After`, in seconds.
    #[must_use]
    fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
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

    /// A well-formed value that is not accepted (422).
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::for_field(status, "invalid_field", "Invalid field", field, message)
    }

    /// A parameter or body that cannot be parsed (400).
    #[must_use]
    pub fn malformed(field: impl Into<String>, message: impl Into<String>) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self::for_field(status, "malformed_field", "Malformed field", field, message)
    }

    /// A missing or invalid token (401).
    #[must_use]
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        Self::new(status, "unauthorized", "Authentication required", detail)
    }

    /// A request that the caller may not send (403).
    #[must_use]
    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, "Not allowed", detail)
    }

    /// A resource that does not exist, or that the caller may not know of (404).
    #[must_use]
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, "Not found", detail)
    }

    /// An internal error (500). The response does not reveal the cause: log it where it is known.
    #[must_use]
    pub fn internal() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let detail = "the request failed because of an internal error, which has been logged";
        Self::new(status, "internal_error", "Internal error", detail)
    }

    /// A dependency that does not respond (503); `retry_after` is in seconds.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>, retry_after: u32) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "unavailable", "Temporarily unavailable", detail).retry_after(retry_after)
    }

    /// More work of a client or an organization than its share (429); `retry_after` is in seconds.
    #[must_use]
    pub fn too_many(
        code: &'static str,
        title: &str,
        detail: impl Into<String>,
        retry_after: u32,
    ) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::new(status, code, title, detail).retry_after(retry_after)
    }

    /// More requests than a rate limit permits (429).
    #[must_use]
    pub fn rate_limited(limit: ExceededLimit) -> Self {
        let detail = format!(
            "the limit of {} requests and facts in {} s for this {} is reached",
            limit.quota,
            limit.window,
            limit.policy.replace('_', " ")
        );
        let status = StatusCode::TOO_MANY_REQUESTS;
        let mut problem = Self::new(status, "rate_limited", "Too many requests", detail);
        problem.exceeded_limit = Some(Box::new(limit));
        problem.retry_after(limit.retry_after)
    }

    /// More facts than an event may store without a token in a day (429); `retry_after` is in seconds.
    #[must_use]
    pub fn event_quota_exceeded(detail: impl Into<String>, retry_after: u32) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::new(status, "event_quota_exceeded", "Quota exceeded", detail).retry_after(retry_after)
    }

    /// More requests than the process has memory for (503).
    #[must_use]
    pub fn overloaded(detail: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "overloaded", "Overloaded", detail).retry_after(OVERLOAD_SECONDS)
    }

    /// A commit whose result is unknown, because the database did not respond in time (503).
    #[must_use]
    pub fn commit_unknown(fact: FactIdentity, retry_after: u32) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let detail =
            "the fact may have been stored; send it again with the `id` and `createdAt` of `fact`";
        let mut problem = Self::new(status, "commit_unknown", "Commit unknown", detail);
        problem.fact = Some(fact);
        problem.retry_after(retry_after)
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

    /// The invalid field, if the problem concerns one.
    #[must_use]
    pub fn field_name(&self) -> Option<&str> {
        self.errors.first().map(|error| error.field.as_str())
    }

    /// The message about the invalid field, else the detail.
    #[must_use]
    pub fn message(&self) -> &str {
        let field_error = self.errors.first();
        field_error.map_or(&self.detail, |error| &error.message)
    }
}

impl ExceededLimit {
    /// Adds the fields of draft-ietf-httpapi-ratelimit-headers-10.
    fn write_to(&self, headers: &mut HeaderMap) {
        let Self {
            policy,
            quota,
            window,
            retry_after,
        } = self;
        let fields = [
            (
                "ratelimit-policy",
                format!("\"{policy}\";q={quota};w={window}"),
            ),
            ("ratelimit", format!("\"{policy}\";r=0;t={retry_after}")),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
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
        let problem = self.of_current_request();
        let mut response = Response::builder()
            .status(problem.status())
            .content_type(CONTENT_TYPE)
            .body(problem.to_json_string());
        let headers = response.headers_mut();
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(limit) = &problem.exceeded_limit {
            limit.write_to(headers);
        }
        if problem.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::from_response(problem.into_response())
    }
}
