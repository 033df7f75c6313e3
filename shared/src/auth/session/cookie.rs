//! The cookie of a session.

use poem::http::{HeaderMap, header};

/// The name of the cookie. With the prefix `__Host-`, browsers accept it only with `Secure`, for all paths and for no
/// other host, so that neither a sibling host nor an unencrypted page can set it (RFC 6265bis, section 4.1.3.2).
pub(super) const NAME: &str = "__Host-analytics";
/// `Lax`: a link or form of another site opens the page signed in, but no image, frame or script of another site
/// sends the cookie. Without a lifetime, it ends with the browser, or with the session in it.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// Returns the value of `Set-Cookie` that signs in with a session.
#[must_use]
pub fn session_cookie(session: &str) -> String {
    format!("{NAME}={session}; {ATTRIBUTES}")
}

/// Returns the value of `Set-Cookie` that signs out.
#[must_use]
pub fn remove_session_cookie() -> String {
    format!("{NAME}=; Max-Age=0; {ATTRIBUTES}")
}

/// Returns the session of a request; `None` if it has none, or more than one, of which programs would choose
/// different ones.
pub fn session_of(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter();
    // Other cookies may contain any bytes.
    let cookies = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b';'));
    let mut sessions = cookies
        .filter_map(|cookie| str::from_utf8(cookie).ok())
        .filter_map(|cookie| cookie.trim().strip_prefix(NAME)?.strip_prefix('='))
        .filter(|session| !session.is_empty());
    let session = sessions.next()?;
    sessions.next().is_none().then_some(session)
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn sent(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::COOKIE, HeaderValue::from_static(value));
        }
        session_of(&headers).map(str::to_owned)
    }

    #[test]
    fn cookies_of_other_sites_with_any_bytes_hide_no_session() {
        let value = HeaderValue::from_bytes(b"city=\xcc\xee; __Host-analytics=e.y.s").unwrap();
        let headers = HeaderMap::from_iter([(header::COOKIE, value)]);
        assert_eq!(session_of(&headers), Some("e.y.s"));
    }

    #[test]
    fn a_session_is_found_among_other_cookies_and_two_are_none() {
        let session = Some("e.y.s".to_owned());
        assert_eq!(sent(&["__Host-analytics=e.y.s"]), session);
        assert_eq!(sent(&["a=b; __Host-analytics=e.y.s;c=d"]), session);
        assert_eq!(sent(&["a=b", "__Host-analytics=e.y.s"]), session);
        for none in [
            &[][..],
            &["__Host-analytics="],
            &["analytics=e.y.s"],
            &["__Host-analytics2=e.y.s"],
            &["__Host-analytics=e.y.s; __Host-analytics=e.y.s"],
        ] {
            assert_eq!(sent(none), None, "{none:?}");
        }
    }
}
