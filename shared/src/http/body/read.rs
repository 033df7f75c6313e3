//! Reading and decompressing a request body.
//!
//! Hand-written, because the limits of `tower-http` bound neither the rate of a body nor the memory of
//! all bodies.

use std::{io, pin::pin, time::Duration};

use futures_util::{StreamExt, stream};
use poem::{Body, Request, RequestBody, Result, http::StatusCode};
use tokio::{
    io::{AsyncReadExt, BufReader},
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::io::StreamReader;

use super::{
    bytes::{BodyBytes, overloaded},
    encoding::Encoding,
};
use crate::problem::Problem;

/// The unit of reading, decompressing and the rate limit, in bytes.
const CHUNK: usize = 16 * 1024;
/// The time in which a body must arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The time in which each chunk must arrive, because a trickling body occupies memory.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(5);
/// Concurrent decompressions. More would only compete for processors, and each may hold a window of
/// 16 MiB.
static DECOMPRESSIONS: Semaphore = Semaphore::const_new(2);
/// The time that a body waits for its decompression to start.
const DECOMPRESSION_WAIT: Duration = Duration::from_secs(2);

/// Reads the body and decompresses it by its `Content-Encoding`. At most `limit` bytes are read and at
/// most `limit` bytes are decompressed, so that a decompression bomb is never expanded.
///
/// # Errors
/// When the body is too large, too slow, malformed, or in an unsupported encoding, and when the memory
/// for bodies is used up.
pub async fn read_body(
    request: &Request,
    body: &mut RequestBody,
    limit: usize,
) -> Result<BodyBytes> {
    let encoding = Encoding::from_headers(request.headers())?;
    let received = receive(body.take()?, limit).await?;
    Ok(match encoding {
        Encoding::Identity => received,
        encoding => decompress(encoding, &received, limit).await?,
    })
}

async fn receive(body: Body, limit: usize) -> Result<BodyBytes, Problem> {
    let mut frames = pin!(body.into_bytes_stream());
    let mut bytes = BodyBytes::default();
    let body_deadline = Instant::now() + BODY_TIMEOUT;
    let (mut chunk_end, mut chunk_deadline) = (CHUNK, Instant::now() + CHUNK_TIMEOUT);
    loop {
        let frame = timeout_at(body_deadline.min(chunk_deadline), frames.next()).await;
        let Some(frame) = frame.map_err(|_| too_slow())? else {
            return Ok(bytes);
        };
        let frame = frame.map_err(|error| Problem::malformed("body", error.to_string()))?;
        if frame.len() > limit - bytes.len() {
            return Err(too_large(limit));
        }
        bytes.append(&frame)?;
        if bytes.len() >= chunk_end {
            chunk_end = bytes.len() + CHUNK;
            chunk_deadline = Instant::now() + CHUNK_TIMEOUT;
        }
    }
}

/// Decompresses a complete body, so that no decoder holds its window while a client is slow.
async fn decompress(encoding: Encoding, body: &[u8], limit: usize) -> Result<BodyBytes, Problem> {
    let Ok(Ok(_permit)) = timeout(DECOMPRESSION_WAIT, DECOMPRESSIONS.acquire()).await else {
        return Err(overloaded());
    };
    // Yields before each chunk, because many of them may decompress to nothing.
    let chunks = pin!(stream::iter(body.chunks(CHUNK)).then(|chunk| async move {
        tokio::task::yield_now().await;
        io::Result::Ok(chunk)
    }));
    let input = StreamReader::new(chunks).take(u64::MAX);
    let mut decoder = encoding.decoder(BufReader::new(input));
    let mut bytes = BodyBytes::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = decoder
            .read(&mut chunk)
            .await
            .map_err(|_| Problem::malformed("body", format!("is not valid {encoding}")))?;
        if length == 0 {
            return Ok(bytes);
        }
        if length > limit - bytes.len() {
            return Err(too_large(limit));
        }
        bytes.append(&chunk[..length])?;
        tokio::task::yield_now().await;
    }
}

fn too_slow() -> Problem {
    let detail = format!(
        "each {CHUNK} bytes of a body must arrive within {} seconds, and the whole body within {}",
        CHUNK_TIMEOUT.as_secs(),
        BODY_TIMEOUT.as_secs()
    );
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_timeout",
        "Body too slow",
        detail,
    )
}

fn too_large(limit: usize) -> Problem {
    Problem::for_field(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "Body too large",
        "body",
        format!("must be at most {limit} bytes, also after decompression"),
    )
}
