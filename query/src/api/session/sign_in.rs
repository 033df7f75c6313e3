//! The form that signs in.

use analytics_shared::problem::Problem;
use poem_openapi::{Object, types::Example};
use serde::Deserialize;

/// The path prefix of the page.
const PAGE: &str = "/app/";
/// The maximum length of `next`, in bytes.
const MAX_LENGTH: usize = 2_048;

/// The fields of the form.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct SignInForm {
    /// Token of the platform.
    pub token: String,
    /// Path to open, which begins with `/app/`. Default: `/app/`.
    #[oai(nullable)]
    pub next: Option<String>,
}

impl Example for SignInForm {
    fn example() -> Self {
        Self {
            token: "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlcyI6W119.c2lnbmF0dXJl".to_owned(),
            next: Some("/app/org".to_owned()),
        }
    }
}

impl SignInForm {
    /// Returns the path to open.
    ///
    /// # Errors
    /// Fails with a problem if `next` is no path of the page.
    pub fn path(&self) -> Result<&str, Problem> {
        let path = self.next.as_deref().unwrap_or(PAGE);
        // A browser reads `\` like `/`, and drops tabs and line breaks.
        let is_url = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if path.starts_with(PAGE) && path.len() <= MAX_LENGTH && path.bytes().all(is_url) {
            Ok(path)
        } else {
            let message = "must be a path that begins with `/app/`, with percent-encoding";
            Err(Problem::invalid("next", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_opens_paths_of_the_page_only() {
        let path = |next: Option<&str>| {
            let form = SignInForm {
                token: String::new(),
                next: next.map(str::to_owned),
            };
            form.path().map(str::to_owned).ok()
        };
        assert_eq!(path(None).as_deref(), Some("/app/"));
        for next in ["/app/events/1?from=2026-11-01#days", "/app/org"] {
            assert_eq!(path(Some(next)).as_deref(), Some(next));
        }
        for next in [
            "",
            "/app",
            "//evil.example/app/",
            "https://evil.example/app/",
            "/docs",
            "/app/\\evil.example",
            "/app/\r\nSet-Cookie: a=b",
            "/app/ä",
        ] {
            assert_eq!(path(Some(next)), None, "{next}");
        }
    }
}
