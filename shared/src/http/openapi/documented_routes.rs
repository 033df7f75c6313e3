//! The routes of an API as its document names them: poem-openapi numbers their parameters (`:param0`).

use std::collections::BTreeMap;

use poem::http::HeaderValue;
use serde_json::Value;

/// The methods of the routes that are not in the document.
const READ_ONLY: &str = "GET, HEAD";
/// The name of a route that does not exist.
const UNKNOWN: &str = "unknown";

/// The routes of an API.
#[derive(Debug, Default)]
pub struct DocumentedRoutes(BTreeMap<String, DocumentedRoute>);

#[derive(Debug)]
struct DocumentedRoute {
    path: String,
    /// The statuses of the responses of each method.
    operations: BTreeMap<String, Vec<String>>,
}

/// A method of a route with the status of a response.
pub struct DocumentedResponse<'a> {
    /// The path, with the names of its parameters in braces.
    pub path: &'a str,
    /// The method.
    pub method: &'a str,
    /// The status.
    pub status: &'a str,
}

impl DocumentedRoutes {
    /// The routes of an OpenAPI document (JSON).
    pub fn from_openapi(json: &str) -> Self {
        let document: Value = serde_json::from_str(json).unwrap_or_default();
        let paths = document["paths"].as_object().into_iter().flatten();
        let routes = paths.map(|(path, operations)| {
            let operations = operations.as_object().into_iter().flatten();
            let operations = operations.map(|(method, operation)| {
                let responses = operation["responses"].as_object().into_iter().flatten();
                let statuses = responses.map(|(status, _)| status.clone());
                (method.to_uppercase(), statuses.collect())
            });
            let route = DocumentedRoute {
                path: path.clone(),
                operations: operations.collect(),
            };
            (shape(path), route)
        });
        Self(routes.collect())
    }

    /// The value of `Allow` for a path pattern of the router (RFC 9110, section 15.5.6), which poem does not set.
    pub fn allow(&self, pattern: &str) -> HeaderValue {
        let route = self.0.get(&shape(pattern));
        let methods = route.map_or_else(|| READ_ONLY.to_owned(), DocumentedRoute::methods);
        HeaderValue::from_str(&methods).unwrap_or(HeaderValue::from_static(READ_ONLY))
    }

    /// The name of a path pattern of the router: the documented path, or the pattern with its parameters in
    /// braces; `unknown` for that of a route that does not exist.
    pub fn name(&self, pattern: &str) -> String {
        if let Some(route) = self.0.get(&shape(pattern)) {
            return route.path.clone();
        }
        if pattern.is_empty() {
            return UNKNOWN.to_owned();
        }
        let segments = pattern
            .split('/')
            .map(|segment| match segment.strip_prefix(':') {
                Some(parameter) => format!("{{{parameter}}}"),
                None => segment.to_owned(),
            });
        segments.collect::<Vec<_>>().join("/")
    }

    /// All documented responses.
    pub fn responses(&self) -> impl Iterator<Item = DocumentedResponse<'_>> {
        self.0.values().flat_map(|route| {
            route.operations.iter().flat_map(|(method, statuses)| {
                statuses.iter().map(|status| DocumentedResponse {
                    path: &route.path,
                    method,
                    status,
                })
            })
        })
    }
}

impl DocumentedRoute {
    /// The value of `Allow`.
    fn methods(&self) -> String {
        let mut methods: Vec<_> = self.operations.keys().map(String::as_str).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.join(", ")
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

    const DOCUMENT: &str = r#"{"paths": {"/events/{eventId}/funnel": {"get": {"responses": {"200": {}, "503": {}}}},
                                         "/e": {"post": {}}}}"#;

    #[test]
    fn a_route_is_found_whatever_its_parameters_are_called() {
        let routes = DocumentedRoutes::from_openapi(DOCUMENT);
        assert_eq!(routes.allow("/events/:param0/funnel"), "GET, HEAD");
        assert_eq!(routes.allow("/e"), "POST");
        assert_eq!(routes.allow("/docs"), "GET, HEAD");
        let names =
            ["/events/:param0/funnel", "/app/events/:id/door", ""].map(|it| routes.name(it));
        let expected = [
            "/events/{eventId}/funnel",
            "/app/events/{id}/door",
            "unknown",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn the_responses_of_all_operations_are_listed() {
        let routes = DocumentedRoutes::from_openapi(DOCUMENT);
        let responses = routes.responses().map(|it| (it.path, it.method, it.status));
        let funnel = "/events/{eventId}/funnel";
        let expected = [(funnel, "GET", "200"), (funnel, "GET", "503")];
        assert_eq!(responses.collect::<Vec<_>>(), expected);
    }
}
