//! The body of a message: decompressed within the bounds of HTTP bodies, and parsed as a JSON object.

use std::borrow::Cow;

use analytics_shared::{
    http::{Encoding, MAX_BODY_BYTES},
    parse::json::repair,
};
use lapin::message::Delivery;
use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, BufReader};

use crate::enrich::error::FactError;

/// Names of character encodings, which some publishers (Celery, for example) write in `content-encoding`.
const CHARACTER_ENCODINGS: [&str; 5] = ["utf-8", "utf8", "us-ascii", "ascii", "binary"];

/// Returns the decompressed body of a message. At most one is decompressed at a time, because a consumer parses
/// one after the other.
pub async fn decompress(delivery: &Delivery) -> Result<Cow<'_, [u8]>, FactError> {
    let name = delivery.properties.content_encoding().as_ref();
    decompressed(&delivery.data, name.map_or("", |name| name.as_str())).await
}

async fn decompressed<'a>(body: &'a [u8], encoding: &str) -> Result<Cow<'a, [u8]>, FactError> {
    let name = encoding.trim();
    let is_text = |text: &&str| text.eq_ignore_ascii_case(name);
    let encoding = if CHARACTER_ENCODINGS.iter().any(is_text) {
        Encoding::Identity
    } else {
        Encoding::from_name(name).ok_or_else(|| {
            let message = "must be one of `gzip`, `deflate`, `br`, `zstd` and `identity`";
            FactError::invalid("content-encoding", message)
        })?
    };
    if body.len() > MAX_BODY_BYTES {
        return Err(too_large());
    }
    if encoding == Encoding::Identity {
        return Ok(body.into());
    }
    let not_valid = |_| FactError::invalid("body", format!("is not valid {encoding}"));
    let mut decoder = encoding.decoder(BufReader::new(body.take(u64::MAX)));
    let mut decompressed = Vec::new();
    let limit = MAX_BODY_BYTES as u64 + 1;
    let mut bounded = (&mut decoder).take(limit);
    bounded
        .read_to_end(&mut decompressed)
        .await
        .map_err(not_valid)?;
    if decompressed.len() > MAX_BODY_BYTES {
        return Err(too_large());
    }
    if decoder.has_trailing_data().await.map_err(not_valid)? {
        return Err(FactError::invalid(
            "body",
            "has data after the compressed data",
        ));
    }
    Ok(decompressed.into())
}

/// Parses a body as a JSON object. Some publishers encode it twice, as JSON in a JSON string.
pub fn parse_object(body: &[u8]) -> Result<Map<String, Value>, FactError> {
    let not_json = |_| FactError::invalid("body", "is not JSON");
    let value = match serde_json::from_slice(&repair(body)).map_err(not_json)? {
        Value::String(inner) => {
            serde_json::from_slice(&repair(inner.as_bytes())).map_err(not_json)?
        }
        value => value,
    };
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(FactError::invalid("body", "is not a JSON object")),
    }
}

fn too_large() -> FactError {
    let message = format!("must be at most {MAX_BODY_BYTES} bytes, also after decompression");
    FactError::invalid("body", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn only_known_encodings_are_read() {
        for name in ["", "identity", "UTF-8", " utf8 ", "binary"] {
            assert_eq!(
                decompressed(b"{}", name).await.unwrap(),
                &b"{}"[..],
                "{name}"
            );
        }
        for (name, field) in [
            ("compress", "content-encoding"),
            ("gzip, gzip", "content-encoding"),
            ("base64", "content-encoding"),
            ("gzip", "body"),
            ("zstd", "body"),
        ] {
            let error = decompressed(b"{}", name).await.unwrap_err();
            assert!(error.to_string().starts_with(field), "{name}: {error}");
        }
    }

    #[test]
    fn broken_texts_and_byte_order_marks_do_not_matter_at_any_depth_of_encoding() {
        let expected = json!({"firstName": "A\u{fffd}", "x": 1});
        for body in [
            "\u{feff}{\"firstName\": \"A\\ud83c\", \"x\": 1}",
            "\"\u{feff}{\\\"firstName\\\": \\\"A\\\\ud83c\\\", \\\"x\\\": 1}\"",
            "\"{\\\"firstName\\\": \\\"A\\ud83c\\\", \\\"x\\\": 1}\"",
        ] {
            let parsed = parse_object(body.as_bytes()).unwrap();
            assert_eq!(Value::from(parsed), expected, "{body}");
        }
    }
}
