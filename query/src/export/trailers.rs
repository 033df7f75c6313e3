//! A body that is either whole, and then says so at its end, or visibly broken off.

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

use super::{ExportError, turns::Turn};

/// Trailer: the rows of the file.
const ROW_COUNT: HeaderName = HeaderName::from_static("x-row-count");
/// Trailer: the SHA-256 of the file's bytes, in hexadecimal digits.
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-content-sha256");
/// What the header `Trailer` announces.
pub const TRAILERS: &str = "X-Row-Count, X-Content-SHA256";

/// How many rows have gone into a file; its clones count together.
#[derive(Clone, Default)]
pub(super) struct Rows(Arc<AtomicU64>);

impl Rows {
    /// So many more.
    pub(super) fn add(&self, rows: usize) {
        self.0.fetch_add(rows as u64, Relaxed);
    }
}

/// What an export keeps until its end.
#[derive(Default)]
pub(super) struct Seal {
    /// What is counted.
    pub rows: Rows,
    /// The tenant's turn; others may run when it is over.
    turn: Option<Turn>,
}

impl Seal {
    /// An export in its turn.
    pub fn new(turn: Turn) -> Self {
        Self {
            rows: Rows::default(),
            turn: Some(turn),
        }
    }
}

/// The pieces as a body, with trailers. An error among them ends the connection without the end of
/// the body and without trailers, by which the reader knows that something is missing; the log says
/// what.
pub(super) fn whole_or_broken_off(
    pieces: impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static,
    seal: Seal,
) -> Body {
    let pieces = Body::from_bytes_stream(pieces.map(|piece| {
        piece.map_err(|error| {
            tracing::error!(%error, "an export broke off");
            io::Error::other(error)
        })
    }));
    BoxBody::new(Sealed {
        pieces: pieces.into(),
        rows: seal.rows,
        _turn: seal.turn,
        hash: Some(Sha256::new()),
    })
    .into()
}

/// A body that ends with what it was.
struct Sealed {
    pieces: BoxBody<Bytes, io::Error>,
    rows: Rows,
    _turn: Option<Turn>,
    /// Of the pieces so far; gone with the last frame, after which the pieces cannot be asked again.
    hash: Option<Sha256>,
}

impl hyper::body::Body for Sealed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.hash.is_none() {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.pieces).poll_frame(context));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let (Some(hash), Some(piece)) = (&mut self.hash, frame.data_ref()) {
                    hash.update(piece);
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                self.hash = None;
                Some(Err(error))
            }
            None => {
                let rows = self.rows.0.load(Relaxed);
                let seal = self.hash.take().map(|hash| trailers(rows, hash));
                seal.map(|seal| seal.map(Frame::trailers))
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

    fn boxed(pieces: Vec<Result<Bytes, ExportError>>) -> BoxBody<Bytes, io::Error> {
        let seal = Seal::default();
        seal.rows.add(2);
        whole_or_broken_off(stream::iter(pieces), seal).into()
    }

    #[tokio::test]
    async fn a_whole_body_ends_with_its_rows_and_its_hash() {
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
    async fn a_body_that_breaks_off_has_no_trailers() {
        let mut body = boxed(vec![Ok("a".into()), Err(ExportError::BrokenOff)]);
        assert!(body.frame().await.unwrap().unwrap().is_data());
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }
}
