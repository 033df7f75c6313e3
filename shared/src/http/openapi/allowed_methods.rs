//! The header `Allow` of a 405 (RFC 9110, section 15.5.6), which poem does not set.

use std::collections::BTreeMap;

use poem::http::HeaderValue;
use serde_json::Value;

/// The methods of the routes that are not in the document.
const READ_ONLY: &str = "GET, HEAD";

/// The methods of all paths of an API.
#[derive(Debug, Default)]
pub struct AllowedMethods(BTreeMap<String, String>);

impl AllowedMethods {
    /// The methods listed in an OpenAPI document (JSON).
    pub fn from_openapi(json: &str) -> Self {
        let document: Value = serde_json::from_str(json).unwrap_or_default();
        let paths = document["paths"].as_object().into_iter().flatten();
        let methods = paths.map(|(path, operations)| {
            let operations = operations.as_object().into_iter().flatten();
            let mut names: Vec<_> = operations.map(|(name, _)| name.to_uppercase()).collect();
            if names.iter().any(|name| name == "GET") {
                names.push("HEAD".to_owned());
            }
            (shape(path), names.join(", "))
        });
        Self(methods.collect())
    }

    /// The value of `Allow` for a path pattern of the router.
    pub fn at(&self, pattern: &str) -> HeaderValue {
        let methods = self
            .0
            .get(&shape(pattern))
            .map_or(READ_ONLY, String::as_str);
        HeaderValue::from_str(methods).unwrap_or(HeaderValue::from_static(READ_ONLY))
    }
}

/// Returns the path without the names of its parameters, in which the document and the router differ.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment.chars().next() {
        Some('{' | ':') => "*",
        _ => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_whatever_its_parameters_are_called() {
        let document =
            r#"{"paths": {"/events/{eventId}/funnel": {"get": {}}, "/e": {"post": {}}}}"#;
        let allowed = AllowedMethods::from_openapi(document);
        assert_eq!(allowed.at("/events/:param0/funnel"), "GET, HEAD");
        assert_eq!(allowed.at("/e"), "POST");
        assert_eq!(allowed.at("/docs"), "GET, HEAD");
    }
}
