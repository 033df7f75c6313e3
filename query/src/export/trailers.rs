//! Bodies with trailers: a complete body ends with its row count and hash, a truncated one with an error.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::Poll,
};

use analytics_shared::http::KeyedPermit;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, combinators::BoxBody};
use poem::{
    Body,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::{disk::DiskUse, error::ExportError};
use crate::metrics::{ExportMeasurement, ExportOutcome};

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
    permit: Option<KeyedPermit<Uuid>>,
    /// The disk of a workbook.
    pub disk: Option<DiskUse>,
    /// Time at which the token expires.
    deadline: Option<Instant>,
    measurement: Option<ExportMeasurement>,
}

impl TrailerState {
    pub fn new(
        permit: KeyedPermit<Uuid>,
        deadline: Instant,
        measurement: ExportMeasurement,
    ) -> Self {
        Self {
            rows: Arc::default(),
            permit: Some(permit),
            disk: None,
            deadline: Some(deadline),
            measurement: Some(measurement),
        }
    }
}

/// Builds a body with trailers from its chunks. An error, or the deadline, ends the connection without the
/// end of the body and without trailers, which tells the client that the body is truncated; the cause is
/// logged.
pub(super) fn body_with_trailers(
    chunks: impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static,
    state: TrailerState,
) -> Body {
    let TrailerState {
        rows,
        permit,
        disk,
        deadline,
        measurement,
    } = state;
    let end = move |outcome| {
        if let Some(measurement) = &measurement {
            measurement.end(outcome);
        }
    };
    let end_truncated = end.clone();
    let chunks = until(deadline, chunks);
    // The hash of the chunks so far; `None` after an error.
    let hash = Arc::new(Mutex::new(Some(Sha256::new())));
    let hash_of_chunks = Arc::clone(&hash);
    let chunks = Body::from_bytes_stream(chunks.map(move |chunk| {
        let mut hash = lock(&hash_of_chunks);
        match (&chunk, &mut *hash) {
            (Ok(chunk), Some(hash)) => hash.update(chunk),
            (Err(ExportError::TokenExpired), _) => {
                tracing::info!("export truncated: the token has expired");
                end_truncated(ExportOutcome::Expired);
                *hash = None;
            }
            (Err(error), _) => {
                tracing::error!(%error, "export truncated");
                end_truncated(ExportOutcome::Failed);
                *hash = None;
            }
            _ => {}
        }
        chunk.map_err(io::Error::other)
    }));
    let trailers = async move {
        let digits = hex::encode(lock(&hash).take()?.finalize());
        let digits = HeaderValue::from_str(&digits).map_err(io::Error::other);
        end(ExportOutcome::Complete);
        drop((permit, disk));
        Some(digits.map(|digits| {
            let rows = rows.load(Relaxed).into();
            HeaderMap::from_iter([(ROW_COUNT, rows), (CONTENT_SHA256, digits)])
        }))
    };
    BoxBody::new(BoxBody::from(chunks).with_trailers(trailers)).into()
}

/// Returns the chunks until the deadline, and then an error.
fn until(
    deadline: Option<Instant>,
    chunks: impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static {
    let mut expired = deadline.map(|deadline| Box::pin(sleep_until(deadline)));
    let mut chunks = Box::pin(chunks);
    stream::poll_fn(move |context| {
        if let Some(expired) = &mut expired
            && expired.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Some(Err(ExportError::TokenExpired)));
        }
        chunks.as_mut().poll_next(context)
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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

    #[tokio::test]
    async fn a_body_ends_with_its_token() {
        let state = TrailerState {
            deadline: Some(Instant::now() + Duration::from_millis(50)),
            ..TrailerState::default()
        };
        let endless = stream::iter([Ok("a".into())]).chain(stream::pending());
        let mut body: BoxBody<Bytes, io::Error> = body_with_trailers(endless, state).into();
        assert!(body.frame().await.unwrap().unwrap().is_data());
        assert!(body.frame().await.unwrap().is_err());
    }
}
