//! The content security policy of the page (W3C CSP Level 3).

use analytics_shared::config::Origins;

/// The policy of a page of text with the style sheet of the bundle.
pub const PAGE_WITHOUT_SCRIPT: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Returns the policy of the page: it loads and sends everything from and to its own origin, runs no inline script,
/// and no text becomes markup or script (Trusted Types). `ancestors` are the sources that may contain it in a frame.
pub fn content_security_policy(ancestors: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}; require-trusted-types-for 'script'; \
         trusted-types 'none'"
    )
}

/// Returns the sources of the pages that may contain another one.
pub fn framed_by(origins: &Origins) -> String {
    let origins: Vec<_> = origins.iter().collect();
    if origins.is_empty() {
        "'none'".to_owned()
    } else {
        origins.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_origins_no_page_may_contain_another() {
        assert_eq!(framed_by(&Origins::default()), "'none'");
        let origins = "https://a.example,https://b.example:444".parse().unwrap();
        assert_eq!(
            framed_by(&origins),
            "https://a.example https://b.example:444"
        );
    }
}
