//! Documents that do not change while the process runs: compressed once, and cacheable.

use async_compression::tokio::bufread::GzipEncoder;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use poem::{
    Request, Response,
    http::{HeaderMap, StatusCode, header},
};
use sha2::{Digest, Sha256};
use tokio::{io::AsyncReadExt, sync::OnceCell};

/// Clients keep the document and ask whether it has changed.
const REVALIDATE: &str = "no-cache";
/// Clients and proxies keep the document for an hour: a page must not wait for it at each view.
const KEEP: &str = "public, max-age=3600";

/// The media type of a script (RFC 9239).
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A document, which is prepared when it is first requested.
pub struct StaticDocument {
    content_type: &'static str,
    cache_control: &'static str,
    body: Bytes,
    prepared: OnceCell<Prepared>,
}

struct Prepared {
    /// `None` if compression has failed.
    gzip: Option<Bytes>,
    /// Weak, because it is the same for both encodings.
    etag: String,
    /// The policy of a page; `None` for other documents.
    policy: Option<String>,
}

impl StaticDocument {
    /// A page in HTML.
    pub(super) fn page(html: String) -> Self {
        Self::new("text/html; charset=utf-8", REVALIDATE, html)
    }

    /// A script, which pages of other origins load.
    #[must_use]
    pub fn script(javascript: String) -> Self {
        Self::new(SCRIPT, KEEP, javascript)
    }

    /// An OpenAPI document in YAML.
    pub(super) fn yaml(yaml: String) -> Self {
        Self::new("application/yaml", REVALIDATE, yaml)
    }

    fn new(content_type: &'static str, cache_control: &'static str, body: String) -> Self {
        Self {
            content_type,
            cache_control,
            body: body.into(),
            prepared: OnceCell::new(),
        }
    }

    /// Responds with the document; 304 if the client has it.
    pub async fn respond(&self, request: &Request) -> Response {
        let prepared = self.prepared.get_or_init(|| self.prepare()).await;
        let mut response = Response::builder()
            .content_type(self.content_type)
            .header(header::CACHE_CONTROL, self.cache_control)
            .header(header::ETAG, &prepared.etag)
            .header(header::VARY, "Accept-Encoding");
        if self.content_type == SCRIPT {
            response = response.header("Cross-Origin-Resource-Policy", "cross-origin");
        }
        if let Some(policy) = &prepared.policy {
            response = response.header(header::CONTENT_SECURITY_POLICY, policy);
        }
        let etags = request.headers().get_all(header::IF_NONE_MATCH).iter();
        let mut etags = etags.filter_map(|etags| etags.to_str().ok());
        if etags.any(|etags| etags.contains(&prepared.etag)) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        match &prepared.gzip {
            Some(gzip) if accepts_gzip(request.headers()) => response
                .header(header::CONTENT_ENCODING, "gzip")
                .body(gzip.clone()),
            _ => response.body(self.body.clone()),
        }
    }

    async fn prepare(&self) -> Prepared {
        let mut gzip = Vec::new();
        let mut encoder = GzipEncoder::new(self.body.as_ref());
        let compressed = encoder.read_to_end(&mut gzip).await;
        let is_page = self.content_type.starts_with("text/html");
        Prepared {
            gzip: compressed.is_ok().then(|| gzip.into()),
            etag: format!("W/\"{}\"", digest(&self.body)),
            policy: is_page.then(|| policy(&String::from_utf8_lossy(&self.body))),
        }
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let encodings = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    encodings.map(str::trim).any(|encoding| {
        let (name, weight) = encoding.split_once(';').unwrap_or((encoding, ""));
        let weight = weight.trim().trim_start_matches("q=");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse() != Ok(0.0)
    })
}

/// The policy of a page: only its own inline scripts run, it sends requests to its own origin only, and no
/// other page may contain it.
fn policy(html: &str) -> String {
    let scripts = inline_scripts(html).map(|script| format!(" 'sha256-{}'", digest(script)));
    format!(
        "default-src 'none'; script-src{}; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        scripts.collect::<String>()
    )
}

/// Returns the text of the inline scripts, as a browser reads them.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, tag) = rest.split_once("<script")?;
        let (_, script) = tag.split_once('>')?;
        let (script, after) = script.split_once("</script>")?;
        rest = after;
        Some(script)
    })
}

fn digest(bytes: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn a_policy_allows_the_inline_scripts_of_the_page_only() {
        let html = "<style>a</style><script charset=\"UTF-8\">f('<script>')</script>\n<script>g()</script>";
        let scripts: Vec<_> = inline_scripts(html).collect();
        assert_eq!(scripts, ["f('<script>')", "g()"]);
        // `printf 'g()' | openssl dgst -sha256 -binary | base64`
        let policy = policy(html);
        let hash = "'sha256-0MnLMx7X/7BMD5xktSLMF+06cYrjoQUKaUL576/RYPk='";
        assert!(policy.contains(hash), "{policy}");
        assert_eq!(policy.matches("'sha256-").count(), 2);
    }

    #[test]
    fn gzip_is_sent_only_to_clients_that_accept_it() {
        for (accepted, expected) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip;q=0.0", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_static(accepted);
            headers.insert(header::ACCEPT_ENCODING, value);
            assert_eq!(accepts_gzip(&headers), expected, "{accepted}");
        }
    }
}
