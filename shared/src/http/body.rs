//! A request body of bounded size, compressed or not.

use std::{io, time::Duration};

use poem::{Request, RequestBody, Result, http::StatusCode};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::ContentTypeError,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, BufReader};

use super::{encoding::Encoding, json::from_json};
use crate::problem::Problem;

/// The largest body of a single object, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// The longest that a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes that are taken from a decoder at a time.
const PIECE: u64 = 16 * 1024;

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

/// The body, decompressed as its `Content-Encoding` says. At most `limit` bytes are taken, from the
/// sender and from the decoder: what a bomb would unfold to is never made.
///
/// # Errors
/// When it is too large, too slow, unreadable, or in an encoding that we do not know.
pub async fn read_body(request: &Request, body: &mut RequestBody, limit: usize) -> Result<Vec<u8>> {
    let encoding = Encoding::of(request.headers())?;
    // One byte more than is allowed tells that there is more.
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let sent = BufReader::new(body.take()?.into_async_read().take(one_more));
    let mut decoded = encoding.decoder(sent);
    let reading = async {
        let mut bytes = Vec::new();
        // Piece by piece: the buffer grows as the body does.
        while bytes.len() <= limit {
            let mut piece = (&mut decoded).take(PIECE);
            if piece.read_to_end(&mut bytes).await? == 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        Ok(bytes)
    };
    let bytes = tokio::time::timeout(PATIENCE, reading)
        .await
        .map_err(|_| too_slow())?;
    match bytes {
        Ok(bytes) if bytes.len() <= limit => Ok(bytes),
        Ok(_) => Err(too_large(limit).into()),
        // What was sent is cut at the limit, so the decoder misses its end.
        Err(_) if decoded.is_cut() => Err(too_large(limit).into()),
        Err(error) => Err(unreadable(encoding, &error).into()),
    }
}

fn too_slow() -> Problem {
    let detail = format!(
        "the body did not arrive within {} seconds",
        PATIENCE.as_secs()
    );
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_timeout",
        "Body too slow",
        detail,
    )
}

fn too_large(limit: usize) -> Problem {
    Problem::of_field(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "Body too large",
        "body",
        format!("at most {limit} bytes are read, also after decompression"),
    )
}

fn unreadable(encoding: Encoding, error: &io::Error) -> Problem {
    match encoding {
        Encoding::Identity => Problem::unreadable("body", error.to_string()),
        compressed => Problem::unreadable("body", format!("cannot be read as {compressed}")),
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
