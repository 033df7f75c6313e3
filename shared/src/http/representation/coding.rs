//! Content codings of responses (RFC 9110, section 8.4.1), and their negotiation.

use std::io;

use async_compression::{
    Level,
    tokio::bufread::{BrotliEncoder, GzipEncoder},
};
use poem::http::{HeaderMap, header};
use tokio::io::AsyncReadExt;

/// The level of Brotli: level 9 takes eight times as long for 1 %, level 11 forty times as long for 8 %.
const BROTLI_LEVEL: Level = Level::Precise(6);

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentCoding {
    /// None.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932).
    Brotli,
}

impl ContentCoding {
    /// Its name in `Content-Encoding`; `None` for the identity, which is not named.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// Returns the first of the offered codings that the client accepts, else the identity. The order of the server
    /// counts, because browsers accept all of them equally.
    #[must_use]
    pub fn negotiate(headers: &HeaderMap, offered: &[Self]) -> Self {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let accepted: Vec<_> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(accepted_name)
            .collect();
        let is_accepted = |coding: &&Self| {
            let name = coding.name();
            name.is_some_and(|name| accepted.iter().any(|it| it.eq_ignore_ascii_case(name)))
        };
        let chosen = offered.iter().find(is_accepted);
        chosen.copied().unwrap_or(Self::Identity)
    }

    /// Encodes a body.
    ///
    /// # Errors
    /// When the encoder fails.
    pub async fn encode(self, body: &[u8], level: Level) -> io::Result<Vec<u8>> {
        let mut encoded = Vec::new();
        match self {
            Self::Identity => encoded.extend_from_slice(body),
            Self::Gzip => {
                let mut gzip = GzipEncoder::with_quality(body, level);
                gzip.read_to_end(&mut encoded).await?;
            }
            Self::Brotli => {
                let mut brotli = BrotliEncoder::with_quality(body, BROTLI_LEVEL);
                brotli.read_to_end(&mut encoded).await?;
            }
        }
        Ok(encoded)
    }
}

/// Returns the coding of an element of `Accept-Encoding`, unless its weight is 0.
fn accepted_name(element: &str) -> Option<&str> {
    let (name, weight) = element.split_once(';').unwrap_or((element, ""));
    let weight = weight.trim().trim_start_matches("q=");
    (weight.parse() != Ok(0.0)).then_some(name.trim())
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn a_coding_is_sent_only_to_clients_that_accept_it() {
        use ContentCoding::{Brotli, Gzip, Identity};
        let offered = [Brotli, Gzip];
        for (accepted, expected) in [
            ("gzip, deflate, br", Brotli),
            ("br;q=0.1, GZIP;q=0.5", Brotli),
            ("gzip, deflate", Gzip),
            ("br;q=0, gzip", Gzip),
            ("gzip;q=0", Identity),
            ("gzip;q=0.0", Identity),
            ("zstd", Identity),
            ("", Identity),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_static(accepted);
            headers.insert(header::ACCEPT_ENCODING, value);
            let chosen = ContentCoding::negotiate(&headers, &offered);
            assert_eq!(chosen, expected, "{accepted}");
        }
    }
}
