//! How a request body or a file is compressed, and what unfolds it again.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
};

use async_compression::{
    tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder},
    zstd::DParameter,
};
use poem::http::{HeaderMap, StatusCode, header};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, ReadBuf, Take};

use crate::problem::Problem;

/// The largest window of zstd, as a power of two: 8 MiB, what RFC 9659 asks of HTTP. A frame may ask
/// for more, and the decoder would set it aside.
const ZSTD_WINDOW: u32 = 23;

/// A `Content-Encoding` that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not compressed.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950: what HTTP calls `deflate`.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// The encoding that the headers declare.
    ///
    /// # Errors
    /// 415 where we do not know it, or where there are several.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut given = headers.get_all(header::CONTENT_ENCODING).iter();
        let name = match (given.next(), given.next()) {
            (None, _) => return Ok(Self::Identity),
            (Some(one), None) => one.to_str().unwrap_or_default().trim(),
            (Some(_), Some(_)) => return Err(unknown()),
        };
        match name.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            "br" => Ok(Self::Brotli),
            "zstd" => Ok(Self::Zstd),
            _ => Err(unknown()),
        }
    }

    /// What unfolds `sent`.
    pub fn decoder<R: AsyncRead + Unpin>(self, sent: BufReader<Take<R>>) -> Decoder<R> {
        match self {
            Self::Identity => Decoder::Identity(sent),
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(sent);
                decoder.multiple_members(true);
                Decoder::Gzip(decoder)
            }
            Self::Deflate => Decoder::Deflate(ZlibDecoder::new(sent)),
            Self::Brotli => Decoder::Brotli(Box::new(BrotliDecoder::new(sent))),
            Self::Zstd => {
                let window = [DParameter::window_log_max(ZSTD_WINDOW)];
                let mut decoder = ZstdDecoder::with_params(sent, &window);
                decoder.multiple_members(true);
                Decoder::Zstd(decoder)
            }
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate (zlib, RFC 1950)",
            Self::Brotli => "br",
            Self::Zstd => "zstd (with a window of at most 8 MiB)",
        })
    }
}

fn unknown() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_encoding",
        "Unsupported content encoding",
        "Content-Encoding: one of `gzip`, `deflate`, `br`, `zstd` and `identity`",
    )
}

/// A reader of what was sent, unfolded.
pub enum Decoder<R> {
    /// As it was sent.
    Identity(BufReader<Take<R>>),
    /// From gzip.
    Gzip(GzipDecoder<BufReader<Take<R>>>),
    /// From zlib.
    Deflate(ZlibDecoder<BufReader<Take<R>>>),
    /// From Brotli.
    Brotli(Box<BrotliDecoder<BufReader<Take<R>>>>),
    /// From zstd.
    Zstd(ZstdDecoder<BufReader<Take<R>>>),
}

impl<R: AsyncRead + Unpin> Decoder<R> {
    /// How many bytes more may be taken from the sender.
    pub fn remaining_input(&self) -> u64 {
        let sent = match self {
            Self::Identity(sent) => sent,
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Deflate(decoder) => decoder.get_ref(),
            Self::Brotli(decoder) => decoder.get_ref(),
            Self::Zstd(decoder) => decoder.get_ref(),
        };
        sent.get_ref().limit()
    }

    /// Whether anything follows the end of what was compressed: deflate and Brotli know one stream.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn has_trailing_data(self) -> io::Result<bool> {
        let mut sent = match self {
            Self::Identity(sent) => sent,
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Deflate(decoder) => decoder.into_inner(),
            Self::Brotli(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.into_inner(),
        };
        Ok(!sent.fill_buf().await?.is_empty())
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Decoder<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Identity(sent) => Pin::new(sent).poll_read(context, into),
            Self::Gzip(decoder) => Pin::new(decoder).poll_read(context, into),
            Self::Deflate(decoder) => Pin::new(decoder).poll_read(context, into),
            Self::Brotli(decoder) => Pin::new(decoder).poll_read(context, into),
            Self::Zstd(decoder) => Pin::new(decoder).poll_read(context, into),
        }
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn declared(values: &[&'static str]) -> Result<Encoding, u16> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        Encoding::from_headers(&headers).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn one_known_encoding_is_taken_and_no_chain_of_them() {
        assert_eq!(declared(&[]), Ok(Encoding::Identity));
        assert_eq!(declared(&["GZIP"]), Ok(Encoding::Gzip));
        assert_eq!(declared(&["br"]), Ok(Encoding::Brotli));
        for values in [&["compress"][..], &["gzip, gzip"], &["gzip", "br"]] {
            assert_eq!(declared(values), Err(415), "{values:?}");
        }
    }
}
