//! Documents that do not change while the process runs: compressed once, and cacheable.

use std::sync::Arc;

use async_compression::Level;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use poem::{
    Request, Response,
    http::{StatusCode, header},
};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::{
    coding::ContentCoding::{self, Brotli, Gzip},
    etag::{is_listed, of_coding},
};

/// Clients keep the document and ask whether it has changed.
const REVALIDATE: &str = "no-cache";
/// Clients and proxies keep the document for an hour: a page must not wait for it at each view.
const KEEP: &str = "public, max-age=3600";
/// Clients and proxies keep the document for a year, because its name contains a hash of its content (RFC 8246).
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The media type of a page.
const HTML: &str = "text/html; charset=utf-8";
/// The media type of a script (RFC 9239).
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A document, which is prepared once.
pub struct StaticDocument {
    content_type: &'static str,
    cache_control: &'static str,
    /// The content security policy; `None` for the default.
    policy: Option<String>,
    /// Whether pages of other origins load it.
    is_shared: bool,
    body: Bytes,
    prepared: OnceCell<Prepared>,
}

struct Prepared {
    /// The codings with their bodies, the best first, without those that failed.
    encoded: Vec<(ContentCoding, Bytes)>,
    /// The entity tag of the identity.
    etag: String,
}

impl StaticDocument {
    /// A page in HTML, in which only its own inline scripts run.
    pub(crate) fn page(html: String) -> Self {
        let policy = inline_policy(&html);
        Self::page_with_policy(html, policy)
    }

    /// A page in HTML with this content security policy.
    #[must_use]
    pub fn page_with_policy(html: impl Into<Bytes>, policy: String) -> Self {
        Self {
            policy: Some(policy),
            ..Self::new(HTML, REVALIDATE, html)
        }
    }

    /// A script, which pages of other origins load.
    #[must_use]
    pub fn script(javascript: String) -> Self {
        Self {
            is_shared: true,
            ..Self::new(SCRIPT, KEEP, javascript)
        }
    }

    /// A part of a page whose name contains a hash of its content: `None` if the extension of `name` is not `js` or
    /// `css`.
    #[must_use]
    pub fn asset(name: &str, body: impl Into<Bytes>) -> Option<Self> {
        let content_type = match name.rsplit_once('.')?.1 {
            "js" => SCRIPT,
            "css" => "text/css; charset=utf-8",
            _ => return None,
        };
        Some(Self::new(content_type, IMMUTABLE, body))
    }

    /// An OpenAPI document in YAML.
    pub(crate) fn yaml(yaml: String) -> Self {
        Self::new("application/yaml", REVALIDATE, yaml)
    }

    fn new(
        content_type: &'static str,
        cache_control: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        Self {
            content_type,
            cache_control,
            policy: None,
            is_shared: false,
            body: body.into(),
            prepared: OnceCell::new(),
        }
    }

    /// Prepares the document in the background, so that the first request does not wait for its compression.
    pub fn prepare_early(self: &Arc<Self>) {
        let document = Arc::clone(self);
        tokio::spawn(async move {
            document.prepared.get_or_init(|| document.prepare()).await;
        });
    }

    /// Responds with the document; 304 if the client has it.
    pub async fn respond(&self, request: &Request) -> Response {
        let prepared = self.prepared.get_or_init(|| self.prepare()).await;
        let offered: Vec<_> = prepared.encoded.iter().map(|(coding, _)| *coding).collect();
        let coding = ContentCoding::negotiate(request.headers(), &offered);
        let etag = of_coding(&prepared.etag, coding);
        let mut response = Response::builder()
            .content_type(self.content_type)
            .header(header::CACHE_CONTROL, self.cache_control)
            .header(header::ETAG, &etag)
            .header(header::VARY, "Accept-Encoding");
        if self.is_shared {
            response = response.header("Cross-Origin-Resource-Policy", "cross-origin");
        }
        if let Some(policy) = &self.policy {
            response = response.header(header::CONTENT_SECURITY_POLICY, policy);
        }
        let etags = request.headers().get_all(header::IF_NONE_MATCH).iter();
        let mut etags = etags.filter_map(|etags| etags.to_str().ok());
        if etags.any(|etags| is_listed(etags, &etag)) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let encoded = prepared.encoded.iter().find(|(one, _)| *one == coding);
        match (coding.name(), encoded) {
            (Some(name), Some((_, body))) => response
                .header(header::CONTENT_ENCODING, name)
                .body(body.clone()),
            _ => response.body(self.body.clone()),
        }
    }

    async fn prepare(&self) -> Prepared {
        let mut encoded = Vec::new();
        for coding in [Brotli, Gzip] {
            if let Ok(body) = coding.encode(&self.body, Level::Best).await {
                encoded.push((coding, body.into()));
            }
        }
        Prepared {
            encoded,
            etag: format!("\"{}\"", digest(&self.body)),
        }
    }
}

/// The policy of a page: only its own inline scripts run, it sends requests to its own origin only, and no
/// other page may contain it.
fn inline_policy(html: &str) -> String {
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
    use super::*;

    #[test]
    fn a_policy_allows_the_inline_scripts_of_the_page_only() {
        let html = "<style>a</style><script charset=\"UTF-8\">f('<script>')</script>\n<script>g()</script>";
        let scripts: Vec<_> = inline_scripts(html).collect();
        assert_eq!(scripts, ["f('<script>')", "g()"]);
        // `printf 'g()' | openssl dgst -sha256 -binary | base64`
        let policy = inline_policy(html);
        let hash = "'sha256-0MnLMx7X/7BMD5xktSLMF+06cYrjoQUKaUL576/RYPk='";
        assert!(policy.contains(hash), "{policy}");
        assert_eq!(policy.matches("'sha256-").count(), 2);
    }
}
