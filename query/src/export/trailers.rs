//! Bodies with trailers: a complete body ends with its row count and hash, a truncated one with an error.

use std::{
    fmt::Write as _,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::combinators::BoxBody;
use hyper::body::Frame;
use poem::{
    Body,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use sha2::{Digest, Sha256};

use super::{error::ExportError, limiter::ExportPermit};

/// Trailer with the number of rows.
const ROW_COUNT: HeaderName = HeaderName::from_static("x-row-count");
/// Trailer with the SHA-256 of the body, in hexadecimal digits.
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-content-sha256");
/// Value of the header `Trailer`.
pub const TRAILERS: &str = "X-Row-Count, X-Content-SHA256";

/// The state that an export keeps until the end of its body.
#[derive(Default)]
pub(super) struct TrailerState {
    /// Number of rows that were written.
    pub rows: Arc<AtomicU64>,
    permit: Option<ExportPermit>,
}

impl TrailerState {
    pub fn new(permit: ExportPermit) -> Self {
        Self {
            rows: Arc::default(),
            permit: Some(permit),
        }
    }
}

/// Builds a body with trailers from its chunks. An error ends the connection without the end of the
/// body and without trailers, which tells the client that the body is truncated; the cause is logged.
pub(super) fn body_with_trailers(
    chunks: impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static,
    state: TrailerState,
) -> Body {
    let chunks = Body::from_bytes_stream(chunks.map(|chunk| {
        chunk.map_err(|error| {
            tracing::error!(%error, "export truncated");
            io::Error::other(error)
        })
    }));
    BoxBody::new(BodyWithTrailers {
        chunks: chunks.into(),
        rows: state.rows,
        _permit: state.permit,
        hash: Some(Sha256::new()),
    })
    .into()
}

struct BodyWithTrailers {
    chunks: BoxBody<Bytes, io::Error>,
    rows: Arc<AtomicU64>,
    _permit: Option<ExportPermit>,
    /// Hash of the chunks so far; `None` after the last frame, when `chunks` must not be polled again.
    hash: Option<Sha256>,
}

impl hyper::body::Body for BodyWithTrailers {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.hash.is_none() {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.chunks).poll_frame(context));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let (Some(hash), Some(chunk)) = (&mut self.hash, frame.data_ref()) {
                    hash.update(chunk);
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                self.hash = None;
                Some(Err(error))
            }
            None => {
                let rows = self.rows.load(Relaxed);
                let trailers = self.hash.take().map(|hash| trailers(rows, hash));
                trailers.map(|trailers| trailers.map(Frame::trailers))
            }
        })
    }
}

fn trailers(rows: u64, hash: Sha256) -> io::Result<HeaderMap> {
    let mut digits = String::new();
    for byte in hash.finalize() {
        write!(digits, "{byte:02x}").map_err(io::Error::other)?;
    }
    let digits = HeaderValue::from_str(&digits).map_err(io::Error::other)?;
    Ok(HeaderMap::from_iter([
        (ROW_COUNT, rows.into()),
        (CONTENT_SHA256, digits),
    ]))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::BodyExt;

    use super::*;

    fn boxed(chunks: Vec<Result<Bytes, ExportError>>) -> BoxBody<Bytes, io::Error> {
        let state = TrailerState::default();
        state.rows.fetch_add(2, Relaxed);
        body_with_trailers(stream::iter(chunks), state).into()
    }

    #[tokio::test]
    async fn a_complete_body_ends_with_its_row_count_and_hash() {
        let body = boxed(vec![Ok("a".into()), Ok("bc".into())]);
        let whole = body.collect().await.unwrap();
        let trailers = whole.trailers().unwrap();
        assert_eq!(trailers["x-row-count"], "2");
        // The digest of "abc" in FIPS 180-4.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(trailers["x-content-sha256"], abc);
        assert_eq!(whole.to_bytes(), "abc");
    }

    #[tokio::test]
    async fn a_truncated_body_has_no_trailers() {
        let mut body = boxed(vec![Ok("a".into()), Err(ExportError::Truncated)]);
        assert!(body.frame().await.unwrap().unwrap().is_data());
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }
}
