//! A request body that is one JSON object.

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::ContentTypeError,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;

use super::{json::from_json, read_body::read_body};

/// The largest body of a single object, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// A body of type `T` in JSON, at most 1 MiB.
///
/// The framework's own `Json` reads without a limit and cannot name the field that is wrong.
pub struct JsonBody<T>(pub T);

/// The same from a browser as well: what `navigator.sendBeacon` sends as `text/plain` is JSON.
pub struct BeaconBody<T>(pub T);

/// Whether a body of this media type is JSON by its own account.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    Json::<bool>::check_content_type(content_type)
}

/// Whether the media type is `expected`, whatever its parameters.
#[must_use]
pub fn is_media_type(content_type: &str, expected: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(expected)
}

/// The declared media type, if `accepted` takes it.
///
/// # Errors
/// 415 where it does not, or where none is declared.
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

macro_rules! json_extractor {
    ($name:ident, $accepted:expr, [$($content_type:literal),+]) => {
        impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for $name<T> {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                T::register(registry);
            }

            fn request_meta() -> Option<MetaRequest> {
                let content = [$($content_type),+].map(|content_type| MetaMediaType {
                    content_type,
                    schema: T::schema_ref(),
                });
                Some(MetaRequest {
                    description: None,
                    content: content.into(),
                    required: true,
                })
            }

            async fn from_request(
                request: &'a Request,
                body: &mut RequestBody,
                _options: ExtractParamOptions<()>,
            ) -> Result<Self> {
                media_type(request, $accepted)?;
                let bytes = read_body(request, body, MAX_BYTES).await?;
                Ok(Self(from_json(&bytes)?))
            }
        }
    };
}

json_extractor!(JsonBody, is_json, ["application/json"]);
json_extractor!(
    BeaconBody,
    |given: &str| is_json(given) || is_media_type(given, "text/plain"),
    ["application/json", "text/plain"]
);
