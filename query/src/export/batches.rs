//! Records as they come from the database: batch by batch, until all are there or an error says that
//! they are not.

use futures_util::{StreamExt, stream, stream::BoxStream};
use tokio::sync::mpsc::Receiver;

use super::ExportError;
use crate::store::Piece;

/// Batches of records. After an error there is nothing more.
pub(super) type Batches<T> = BoxStream<'static, Result<Vec<T>, ExportError>>;

/// What comes through the channel of a reader of ours.
pub(super) fn batches<T: Send + 'static>(pieces: Receiver<Piece<T>>) -> Batches<T> {
    let batches = stream::unfold(Some(pieces), |pieces| async {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Piece::Rows(rows)) => Some((Ok(rows), Some(pieces))),
            Some(Piece::End) => None,
            Some(Piece::Failed(error)) => Some((Err(error.into()), None)),
            None => Some((Err(ExportError::BrokenOff), None)),
        }
    });
    batches.fuse().boxed()
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;
    use tokio::sync::mpsc;

    use super::*;

    async fn read(pieces: Vec<Piece<u8>>) -> Result<Vec<Vec<u8>>, ExportError> {
        let (sender, receiver) = mpsc::channel(9);
        for piece in pieces {
            sender.send(piece).await.unwrap();
        }
        drop(sender);
        batches(receiver).try_collect().await
    }

    #[tokio::test]
    async fn only_a_stream_that_says_so_has_ended() {
        let rows = || Piece::Rows(vec![1, 2]);
        assert_eq!(read(vec![rows(), Piece::End]).await.unwrap(), [[1, 2]]);
        let broken = read(vec![rows()]).await;
        assert!(matches!(broken, Err(ExportError::BrokenOff)));
    }
}
