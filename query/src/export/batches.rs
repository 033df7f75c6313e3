//! Batches of records from the database, until the end of the stream or an error.

use futures_util::{StreamExt, stream, stream::BoxStream};
use tokio::sync::mpsc::Receiver;

use super::error::ExportError;
use crate::store::StreamItem;

/// A stream of batches, which ends after an error.
pub(super) type Batches<T> = BoxStream<'static, Result<Vec<T>, ExportError>>;

/// Converts the channel of a stream; a channel that closes before its end is an error.
pub(super) fn batches<T: Send + 'static>(items: Receiver<StreamItem<T>>) -> Batches<T> {
    let batches = stream::unfold(Some(items), |items| async {
        let mut items = items?;
        match items.recv().await {
            Some(StreamItem::Batch(batch)) => Some((Ok(batch), Some(items))),
            Some(StreamItem::Last(batch)) => Some((Ok(batch), None)),
            Some(StreamItem::Failed(error)) => Some((Err(error.into()), None)),
            None => Some((Err(ExportError::Truncated), None)),
        }
    });
    batches.fuse().boxed()
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;
    use tokio::sync::mpsc;

    use super::*;

    async fn read(items: Vec<StreamItem<u8>>) -> Result<Vec<Vec<u8>>, ExportError> {
        let (sender, receiver) = mpsc::channel(9);
        for item in items {
            sender.send(item).await.unwrap();
        }
        drop(sender);
        batches(receiver).try_collect().await
    }

    #[tokio::test]
    async fn a_stream_without_an_end_is_truncated() {
        let whole = read(vec![StreamItem::Last(vec![1, 2])]).await;
        assert_eq!(whole.unwrap(), [[1, 2]]);
        let truncated = read(vec![StreamItem::Batch(vec![1, 2])]).await;
        assert!(matches!(truncated, Err(ExportError::Truncated)));
    }
}
