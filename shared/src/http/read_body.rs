//! Reading a request body, which is bounded in bytes, in time and, with all others, in memory.

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
    body_bytes::{BodyBytes, overloaded},
    encoding::Encoding,
};
use crate::problem::Problem;

/// Bytes that a body is read and unfolded by.
const PIECE: usize = 16 * 1024;
/// The longest that a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest that one piece of it may take: what trickles would hold its memory for nothing.
const PATIENCE_WITH_PIECE: Duration = Duration::from_secs(5);
/// Bodies that are unfolded at once. It is work for processors alone, so that more would wait for each
/// other in any case, and each may hold a window of 16 MiB.
static UNFOLDING: Semaphore = Semaphore::const_new(2);
/// The longest that a body waits to be unfolded.
const TURN: Duration = Duration::from_secs(2);

/// The body, decompressed as its `Content-Encoding` says. At most `limit` bytes are taken, from the
/// sender and from the decoder: what a bomb would unfold to is never made.
///
/// # Errors
/// When it is too large, too slow, unreadable, or in an encoding that we do not know, and when there
/// is no memory for it now.
pub async fn read_body(
    request: &Request,
    body: &mut RequestBody,
    limit: usize,
) -> Result<BodyBytes> {
    let encoding = Encoding::from_headers(request.headers())?;
    let sent = receive(body.take()?, limit).await?;
    Ok(match encoding {
        Encoding::Identity => sent,
        encoding => unfold(encoding, &sent, limit).await?,
    })
}

async fn receive(body: Body, limit: usize) -> Result<BodyBytes, Problem> {
    let mut arriving = pin!(body.into_bytes_stream());
    let mut bytes = BodyBytes::default();
    let end = Instant::now() + PATIENCE;
    let (mut piece, mut piece_end) = (PIECE, Instant::now() + PATIENCE_WITH_PIECE);
    loop {
        let more = timeout_at(end.min(piece_end), arriving.next()).await;
        let Some(more) = more.map_err(|_| too_slow())? else {
            return Ok(bytes);
        };
        let more = more.map_err(|error| Problem::malformed("body", error.to_string()))?;
        if more.len() > limit - bytes.len() {
            return Err(too_large(limit));
        }
        bytes.append(&more)?;
        if bytes.len() >= piece {
            piece = bytes.len() + PIECE;
            piece_end = Instant::now() + PATIENCE_WITH_PIECE;
        }
    }
}

/// Unfolds what has arrived whole, so that no decoder and its window wait for a sender.
async fn unfold(encoding: Encoding, sent: &[u8], limit: usize) -> Result<BodyBytes, Problem> {
    let Ok(Ok(_turn)) = timeout(TURN, UNFOLDING.acquire()).await else {
        return Err(overloaded());
    };
    // Others have their turn between two pieces, also where many of them unfold to nothing.
    let pieces = pin!(stream::iter(sent.chunks(PIECE)).then(|piece| async move {
        tokio::task::yield_now().await;
        io::Result::Ok(piece)
    }));
    let sent = StreamReader::new(pieces).take(u64::MAX);
    let mut unfolding = encoding.decoder(BufReader::new(sent));
    let mut bytes = BodyBytes::default();
    let mut piece = vec![0; PIECE];
    loop {
        let length = unfolding
            .read(&mut piece)
            .await
            .map_err(|_| Problem::malformed("body", format!("cannot be read as {encoding}")))?;
        if length == 0 {
            return Ok(bytes);
        }
        if length > limit - bytes.len() {
            return Err(too_large(limit));
        }
        bytes.append(&piece[..length])?;
        tokio::task::yield_now().await;
    }
}

fn too_slow() -> Problem {
    let detail = format!(
        "each {PIECE} bytes of a body must arrive within {} seconds, and all of it within {}",
        PATIENCE_WITH_PIECE.as_secs(),
        PATIENCE.as_secs()
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
        format!("at most {limit} bytes are read, also after decompression"),
    )
}
