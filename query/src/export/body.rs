//! A body that is either whole or visibly broken off.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use poem::Body;

use super::ExportError;

/// The pieces as a body. An error among them ends the connection without the end of the body, by
/// which the reader knows that something is missing; the log says what.
pub(super) fn whole_or_broken_off(
    pieces: impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static,
) -> Body {
    Body::from_bytes_stream(pieces.map(|piece| {
        piece.map_err(|error| {
            tracing::error!(%error, "an export broke off");
            io::Error::other(error)
        })
    }))
}
