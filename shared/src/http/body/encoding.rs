//! Compression of request bodies and files.

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

/// The maximum window of zstd, as a power of two: 8 MiB, the limit of RFC 9659. A frame could request
/// more, which the decoder would allocate.
const ZSTD_WINDOW: u32 = 23;

/// A supported `Content-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not compressed.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950 (zlib), named `deflate` in HTTP.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// The encoding declared by the headers.
    ///
    /// # Errors
    /// 415 if it is not supported, or if there are several.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut given = headers.get_all(header::CONTENT_ENCODING).iter();
        let name = match (given.next(), given.next()) {
            (None, _) => return Ok(Self::Identity),
            (Some(one), None) => one.to_str().unwrap_or_default().trim(),
            (Some(_), Some(_)) => return Err(unsupported()),
        };
        Self::from_name(name).ok_or_else(unsupported)
    }

    /// Returns the encoding with this name, in any case; without a name, there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "" | "identity" => Self::Identity,
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// A reader that decompresses `input`.
    pub fn decoder<R: AsyncRead + Unpin>(self, input: BufReader<Take<R>>) -> Decoder<R> {
        match self {
            Self::Identity => Decoder::Identity(input),
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(input);
                decoder.multiple_members(true);
                Decoder::Gzip(decoder)
            }
            Self::Deflate => Decoder::Deflate(ZlibDecoder::new(input)),
            Self::Brotli => Decoder::Brotli(Box::new(BrotliDecoder::new(input))),
            Self::Zstd => {
                let window = [DParameter::window_log_max(ZSTD_WINDOW)];
                let mut decoder = ZstdDecoder::with_params(input, &window);
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

fn unsupported() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_encoding",
        "Unsupported content encoding",
        "Content-Encoding must be one of `gzip`, `deflate`, `br`, `zstd` and `identity`",
    )
}

/// A reader that decompresses its input.
pub enum Decoder<R> {
    /// Not compressed.
    Identity(BufReader<Take<R>>),
    /// gzip.
    Gzip(GzipDecoder<BufReader<Take<R>>>),
    /// zlib.
    Deflate(ZlibDecoder<BufReader<Take<R>>>),
    /// Brotli.
    Brotli(Box<BrotliDecoder<BufReader<Take<R>>>>),
    /// zstd.
    Zstd(ZstdDecoder<BufReader<Take<R>>>),
}

impl<R: AsyncRead + Unpin> Decoder<R> {
    fn input(&mut self) -> &mut BufReader<Take<R>> {
        match self {
            Self::Identity(input) => input,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
        }
    }

    /// Returns whether the input continues after the end of the compressed data: deflate and Brotli
    /// have one stream only.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub async fn has_trailing_data(mut self) -> io::Result<bool> {
        Ok(!self.input().fill_buf().await?.is_empty())
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Decoder<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Identity(input) => Pin::new(input).poll_read(context, into),
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
    fn one_supported_encoding_is_accepted_and_no_chain_of_them() {
        assert_eq!(declared(&[]), Ok(Encoding::Identity));
        assert_eq!(declared(&["GZIP"]), Ok(Encoding::Gzip));
        assert_eq!(declared(&["br"]), Ok(Encoding::Brotli));
        for values in [&["compress"][..], &["gzip, gzip"], &["gzip", "br"]] {
            assert_eq!(declared(values), Err(415), "{values:?}");
        }
    }
}
