//! Parsing JSON with errors that name the field.

use serde::de::DeserializeOwned;

use crate::{
    parse::{json::repair, number::inexact_paths},
    problem::Problem,
};

/// Parses a JSON object. Broken texts are repaired, as by [`repair`].
///
/// # Errors
/// 400 if it is not JSON; 422 with the path of the field if it is not a `T`, or a number would not be kept
/// exactly.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = &*repair(bytes);
    // serde would also accept an array with the values of the fields, in order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::invalid("body", "must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if !cause.is_data() {
            return Problem::malformed("body", format!("is not JSON: {cause}"));
        }
        let message = cause.to_string();
        Problem::invalid(field_name(&path, &message), without_position(&message))
    })?;
    json.end()
        .map_err(|error| Problem::malformed("body", format!("is not JSON: {error}")))?;
    if let Some(field) = inexact_paths(bytes).into_iter().next() {
        let message = "is a number with more digits than can be kept: send it as a text";
        return Err(Problem::invalid(field, message));
    }
    Ok(value)
}

/// Returns the field of an error, by its path and by serde's message.
pub(super) fn field_name(path: &str, message: &str) -> String {
    let parent = if path == "." { "" } else { path };
    match (parent, field_of(message)) {
        ("", None) => "body".to_owned(),
        ("", Some(name)) => name.to_owned(),
        (parent, None) => parent.to_owned(),
        // The path of an unknown field already ends with its name.
        (parent, Some(name)) if parent.rsplit('.').next() == Some(name) => parent.to_owned(),
        (parent, Some(name)) => format!("{parent}.{name}"),
    }
}

/// Returns the field named by serde's message about an unknown, missing or duplicate field.
fn field_of(message: &str) -> Option<&str> {
    ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split('`').next())
}

/// Returns serde's message without ` at line 1 column 20`, which is useless for a single line.
fn without_position(message: &str) -> &str {
    message
        .rsplit_once(" at line ")
        .map_or(message, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only parsing is tested")]
        count: u8,
        #[expect(dead_code, reason = "only parsing is tested")]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only parsing is tested")]
        name: String,
    }

    fn problem(body: &str) -> (u16, String) {
        let problem = from_json::<Sample>(body.as_bytes()).unwrap_err();
        let json = problem.to_json().unwrap();
        (
            problem.status().as_u16(),
            json["errors"][0]["field"].as_str().unwrap().to_owned(),
        )
    }

    #[test]
    fn invalid_content_is_422_and_names_the_field() {
        assert_eq!(problem(r#"{"count": "many"}"#), (422, "count".into()));
        assert_eq!(problem("{}"), (422, "count".into()));
        assert_eq!(
            problem(r#"{"count": 1, "extra": 2}"#),
            (422, "extra".into())
        );
        assert_eq!(
            problem(r#"{"count": 1, "count": 2}"#),
            (422, "count".into())
        );
        assert_eq!(
            problem(r#"{"count": 1, "inner": {"name": 7}}"#),
            (422, "inner.name".into())
        );
        assert_eq!(
            problem(r#"{"count": 1, "inner": {"x": 7}}"#),
            (422, "inner.x".into())
        );
        assert_eq!(
            problem(r#"{"count": 1, "inner": {}}"#),
            (422, "inner.name".into())
        );
        assert_eq!(problem("[1, null]"), (422, "body".into()));
        assert_eq!(problem("7"), (422, "body".into()));
    }

    #[test]
    fn malformed_json_is_400() {
        for body in [
            "",
            "{",
            "nonsense",
            r#"{"count": 1} trailing"#,
            "{\"count\": \u{1}}",
        ] {
            assert_eq!(problem(body), (400, "body".into()), "{body}");
        }
    }
}
