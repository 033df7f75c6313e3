//! A body that is either whole or visibly broken off.

use std::{io, panic};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use poem::Body;

use super::ExportError;

/// The pieces as a body; an error among them closes the connection.
///
/// An error in the stream itself would not do: poem 3.1 asks a connection that has failed once
/// more, upon which hyper ends the body like a whole one. Unwinding the connection's task, which
/// the server expects and counts, closes the socket before that end is written.
pub(super) fn whole_or_broken_off(
    pieces: impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static,
) -> Body {
    Body::from_bytes_stream(pieces.map(|piece| match piece {
        Ok(bytes) => Ok::<_, io::Error>(bytes),
        Err(error) => {
            tracing::error!(%error, "an export broke off");
            // Unlike `panic!` this calls no hook: it is not a defect that somebody must be told of.
            panic::resume_unwind(Box::new("an export broke off"))
        }
    }))
}
