//! Answers that were made before, and what callers have of them already.

use std::marker::PhantomData;

use bytes::Bytes;
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::{Json, Payload},
    registry::{MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};

use crate::answers::Answer;

/// Whoever keeps an answer asks each time whether it still holds.
const ASK_EACH_TIME: &str = "private, no-cache";

/// A `T` in JSON.
pub struct Made<T> {
    json: Bytes,
    of: PhantomData<T>,
}

impl<T: Type> Payload for Made<T> {
    const CONTENT_TYPE: &'static str = Json::<T>::CONTENT_TYPE;

    fn check_content_type(content_type: &str) -> bool {
        Json::<T>::check_content_type(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Send> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type("application/json; charset=utf-8")
            .body(self.json)
    }
}

/// What a read is answered with.
#[derive(ApiResponse)]
pub enum Answered<T: ToJSON> {
    /// The figures.
    #[oai(status = 200)]
    Found(
        Made<T>,
        /// Stands for these very figures.
        #[oai(header = "ETag")]
        String,
        /// The answer is the caller's alone, who asks each time whether it still holds.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The figures are those that the caller has.
    #[oai(status = 304)]
    NotModified(
        /// Stands for these very figures.
        #[oai(header = "ETag")]
        String,
        /// The answer is the caller's alone, who asks each time whether it still holds.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// The answer, unless the caller has it: `if_none_match` lists the tags of those that it has.
pub fn answered<T: ToJSON>(answer: &Answer, if_none_match: Option<&str>) -> Answered<T> {
    let (tag, keep) = (answer.tag.clone(), ASK_EACH_TIME.to_owned());
    if if_none_match.is_some_and(|tags| is_listed(&tag, tags)) {
        return Answered::NotModified(tag, keep);
    }
    let json = answer.json.clone();
    let of = PhantomData;
    Answered::Found(Made { json, of }, tag, keep)
}

/// RFC 9110, 13.1.2: weak comparison, or `*` for any.
fn is_listed(tag: &str, tags: &str) -> bool {
    tags.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_however_it_is_written() {
        for tags in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(is_listed("\"a\"", tags), "{tags}");
        }
        for tags in ["", "\"b\"", "a", "\"ab\""] {
            assert!(!is_listed("\"a\"", tags), "{tags}");
        }
    }
}
