//! Extractors of a JSON request body.

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::ContentTypeError,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;

use super::{json::from_json, read::read_body};

/// The maximum size of a body, in bytes, before and after decompression.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A JSON body of type `T`, at most 1 MiB; with `TEXT`, also with the media type `text/plain`.
///
/// Hand-written, because the `Json` of poem-openapi has no size limit and cannot name an invalid field.
pub struct JsonBody<T, const TEXT: bool = false>(pub T);

/// A [`JsonBody`] that also accepts `text/plain`, which `navigator.sendBeacon` sends.
pub type BeaconBody<T> = JsonBody<T, true>;

/// Returns whether the media type is JSON.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    Json::<bool>::check_content_type(content_type)
}

/// Returns whether the media type is `expected`, ignoring parameters.
#[must_use]
pub fn is_media_type(content_type: &str, expected: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(expected)
}

/// Returns the `Content-Type` of the request, if `accepted` returns true for it.
///
/// # Errors
/// 415 if it is not accepted, or missing.
pub fn media_type(request: &Request, accepted: impl Fn(&str) -> bool) -> Result<&str> {
    match request.content_type() {
        Some(given) if accepted(given) => Ok(given),
        Some(given) => {
            let content_type = given.to_owned();
            Err(ContentTypeError::NotSupported { content_type }.into())
        }
        None => Err(ContentTypeError::ExpectContentType.into()),
    }
}

impl<'a, T: Type + DeserializeOwned, const TEXT: bool> ApiExtractor<'a> for JsonBody<T, TEXT> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = ["application/json", "text/plain"].map(|content_type| MetaMediaType {
            content_type,
            schema: T::schema_ref(),
        });
        Some(MetaRequest {
            description: None,
            content: content.into_iter().take(if TEXT { 2 } else { 1 }).collect(),
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        media_type(request, |given| {
            is_json(given) || (TEXT && is_media_type(given, "text/plain"))
        })?;
        let bytes = read_body(request, body, MAX_BYTES).await?;
        Ok(Self(from_json(&bytes)?))
    }
}
