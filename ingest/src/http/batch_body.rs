//! The body of a batch: a JSON array, or NDJSON. Each fact is parsed on its own, so that a malformed one
//! does not affect the others.

use std::{borrow::Cow, fmt};

use analytics_shared::{
    http::{BodyBytes, is_json, is_media_type, media_type, read_body},
    parse::json::repair,
    problem::Problem,
};
use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::track_request::TrackRequest;

/// The maximum number of facts.
const MAX_FACTS: usize = 1_000;
/// The maximum size of the body, in bytes, before and after decompression.
const MAX_BYTES: usize = 5 * 1024 * 1024;
const NDJSON: &str = "application/x-ndjson";

/// The unparsed body of a batch.
pub struct BatchBody {
    bytes: BodyBytes,
    is_ndjson: bool,
}

impl BatchBody {
    /// Returns the text. That of an array is repaired as a whole, lines one by one when they are parsed: a broken
    /// line must not affect the next.
    pub fn text(&self) -> Cow<'_, [u8]> {
        if self.is_ndjson {
            (&*self.bytes).into()
        } else {
            repair(&self.bytes)
        }
    }

    /// Returns the unparsed facts of the text. Fails if there are too many, or the array is malformed.
    pub fn facts<'a>(&self, text: &'a [u8]) -> Result<Vec<&'a [u8]>, Problem> {
        facts(text, self.is_ndjson)
    }
}

fn facts(bytes: &[u8], is_ndjson: bool) -> Result<Vec<&[u8]>, Problem> {
    if is_ndjson {
        lines(bytes)
    } else {
        array(bytes)
    }
}

fn lines(bytes: &[u8]) -> Result<Vec<&[u8]>, Problem> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let facts: Vec<_> = lines
        .filter(|line| !line.is_empty())
        .take(MAX_FACTS + 1)
        .collect();
    if facts.len() > MAX_FACTS {
        return Err(too_many());
    }
    Ok(facts)
}

fn array(bytes: &[u8]) -> Result<Vec<&[u8]>, Problem> {
    if !bytes.trim_ascii_start().starts_with(b"[") {
        // Valid JSON of another type is a different problem than malformed JSON.
        return Err(match serde_json::from_slice::<&RawValue>(bytes) {
            Ok(_) => Problem::invalid("body", "must be a JSON array of facts"),
            Err(error) => not_json(&error),
        });
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let facts = json.deserialize_seq(FactsVisitor);
    match facts.and_then(|facts| json.end().map(|()| facts)) {
        Ok(facts) => Ok(facts),
        Err(error) if error.is_data() => Err(too_many()),
        Err(error) => Err(not_json(&error)),
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::malformed("body", format!("is not JSON: {error}"))
}

fn too_many() -> Problem {
    Problem::invalid("body", format!("contains more than {MAX_FACTS} facts"))
}

/// Collects the unparsed elements of an array, up to the maximum number.
struct FactsVisitor;

impl<'de> Visitor<'de> for FactsVisitor {
    type Value = Vec<&'de [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of facts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut facts = Vec::new();
        while let Some(element) = elements.next_element::<&RawValue>()? {
            if facts.len() == MAX_FACTS {
                return Err(A::Error::custom("too many"));
            }
            facts.push(element.get().as_bytes());
        }
        Ok(facts)
    }
}

impl<'a> ApiExtractor<'a> for BatchBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        TrackRequest::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let array = || MetaSchema {
            items: Some(Box::new(TrackRequest::schema_ref())),
            max_items: Some(MAX_FACTS),
            ..MetaSchema::new("array")
        };
        let lines = MetaSchema {
            description: Some("One fact per line, each a JSON object; at most 1,000 lines."),
            ..MetaSchema::new("string")
        };
        let media = |content_type, schema| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(schema)),
        };
        Some(MetaRequest {
            description: None,
            content: vec![
                media("application/json", array()),
                media("text/plain", array()),
                media(NDJSON, lines),
            ],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let is_ndjson = |given: &str| is_media_type(given, NDJSON);
        let given = media_type(request, |given| {
            is_json(given) || is_media_type(given, "text/plain") || is_ndjson(given)
        })?;
        Ok(Self {
            is_ndjson: is_ndjson(given),
            bytes: read_body(request, body, MAX_BYTES).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tests::{fuzz_body, fuzz_config};

    fn status(text: &str, is_ndjson: bool) -> Option<u16> {
        let problem = facts(text.as_bytes(), is_ndjson).err()?;
        Some(problem.status().as_u16())
    }

    #[test]
    fn elements_are_split_whatever_their_type() {
        let array = br#" [{"a": [1, "]"]}, 7 ,null] "#;
        let expected: Vec<&[u8]> = vec![br#"{"a": [1, "]"]}"#, b"7", b"null"];
        assert_eq!(facts(array, false).unwrap(), expected);
        let ndjson = b"{}\r\n\n  nonsense \n{}";
        let expected: Vec<&[u8]> = vec![b"{}", b"nonsense", b"{}"];
        assert_eq!(facts(ndjson, true).unwrap(), expected);
        assert_eq!(facts(b"[]", false).unwrap().len(), 0);
    }

    #[test]
    fn too_many_facts_and_other_types_are_rejected() {
        assert_eq!(status(&format!("[{}0]", "0,".repeat(999)), false), None);
        assert_eq!(
            status(&format!("[{}0]", "0,".repeat(1_000)), false),
            Some(422)
        );
        assert_eq!(status(&"0\n".repeat(1_001), true), Some(422));
        assert_eq!(status("{}", false), Some(422));
        for text in ["", "[", "[1", "[1] 2", "[1,]", "nonsense"] {
            assert_eq!(status(text, false), Some(400), "{text}");
        }
    }

    proptest! {
        #![proptest_config(fuzz_config())]
        #[test]
        fn a_random_body_is_facts_or_a_problem_of_the_client(bytes in fuzz_body(), is_ndjson: bool) {
            for body in [&[b"[", &bytes[..], b"]"].concat(), &bytes] {
                if let Err(problem) = facts(body, is_ndjson) {
                    prop_assert!(problem.status().is_client_error());
                }
            }
        }
    }
}
