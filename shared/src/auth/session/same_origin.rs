//! Requests of pages of the own origin, as browsers declare them.

use poem::{
    Request,
    http::{HeaderMap, HeaderName, header},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Returns whether a page of the same origin sends the request: by `Sec-Fetch-Site` (W3C Fetch Metadata), which
/// current browsers send and no page can set; where it is missing, by `Origin` (RFC 6454), whose host and port must be
/// those of the request. The scheme is not compared, because a proxy may have ended TLS.
#[must_use]
pub fn is_same_origin(request: &Request) -> bool {
    let headers = request.headers();
    if headers.contains_key(SEC_FETCH_SITE) {
        return only(headers, &SEC_FETCH_SITE) == Some("same-origin");
    }
    let host = only(headers, &header::HOST).or_else(|| Some(request.uri().authority()?.as_str()));
    let origin = only(headers, &header::ORIGIN);
    let of_origin = origin.and_then(|origin| {
        let secure = origin.strip_prefix("https://");
        secure.or_else(|| origin.strip_prefix("http://"))
    });
    of_origin.is_some() && of_origin == host
}

/// Returns the value of a header that is sent once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().header("host", "analytics.example:8087");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        is_same_origin(&request.finish())
    }

    #[test]
    fn the_browser_says_whether_the_page_has_the_same_origin() {
        assert!(declared(&[("sec-fetch-site", "same-origin")]));
        assert!(declared(&[("origin", "https://analytics.example:8087")]));
        for other in [
            &[][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "none")],
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
            // The metadata decide where they are sent.
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://analytics.example:8087"),
            ],
            &[("origin", "https://analytics.example")],
            &[("origin", "https://evil.example:8087")],
            &[("origin", "analytics.example:8087")],
            &[("origin", "null")],
        ] {
            assert!(!declared(other), "{other:?}");
        }
    }
}
