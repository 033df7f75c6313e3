//! Problems for the errors of poem and poem-openapi.

use poem::{
    Error,
    error::{MethodNotAllowedError, NotFoundError},
};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError,
};

use super::Problem;

impl Problem {
    /// The problem for an error of the framework: an unknown route, a malformed parameter.
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
        if error.is::<NotFoundError>() {
            return Self::not_found("unknown_route", "there is nothing at this path");
        }
        let status = error.status();
        if error.is::<ContentTypeError>() {
            let title = "Unsupported media type";
            return Self::new(status, "unsupported_media_type", title, error.to_string());
        }
        if error.is::<MethodNotAllowedError>() {
            let (title, detail) = ("Method not allowed", "the path does not have this method");
            return Self::new(status, "method_not_allowed", title, detail);
        }
        if status.is_client_error() {
            return Self::new(status, "bad_request", "Bad request", error.to_string());
        }
        tracing::error!(%error, "request failed");
        Self::internal()
    }
}
