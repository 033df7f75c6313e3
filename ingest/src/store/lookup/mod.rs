//! Batched look-ups: the keys that callers request while a statement runs share the next statement.

pub mod event_values;
pub mod fact_times;
pub mod registrations;
pub mod write_keys;

use std::{future::Future, sync::Arc};

use tokio::sync::{mpsc, oneshot};

use super::error::StoreError;

/// The maximum number of callers per statement.
const MAX_CALLERS: usize = 1_000;

type Reply<T> = oneshot::Sender<Result<Arc<T>, StoreError>>;

/// A look-up of keys `K`, with a result `T` for the keys of several callers.
#[derive(Debug)]
pub struct Lookup<K, T> {
    requests: mpsc::UnboundedSender<(Vec<K>, Reply<T>)>,
}

impl<K, T> Clone for Lookup<K, T> {
    fn clone(&self) -> Self {
        Self {
            requests: self.requests.clone(),
        }
    }
}

impl<K: Send + 'static, T: Send + Sync + 'static> Lookup<K, T> {
    /// Starts the task that runs `statement` on `store`. It ends when the last clone of this value is dropped.
    pub fn start<S, F, Fut>(store: &S, statement: F) -> Self
    where
        S: Clone + Send + Sync + 'static,
        F: Fn(S, Vec<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let (requests, waiting) = mpsc::unbounded_channel();
        let store = store.clone();
        tokio::spawn(serve(waiting, move |keys| statement(store.clone(), keys)));
        Self { requests }
    }

    /// Returns a result that contains `keys`, as far as they exist, and possibly others.
    pub async fn get(&self, keys: Vec<K>) -> Result<Arc<T>, StoreError> {
        let (reply, result) = oneshot::channel();
        // If the task has ended, the reply is dropped.
        let _ = self.requests.send((keys, reply));
        result
            .await
            .unwrap_or_else(|_| Err(StoreError::unavailable("the service is stopping")))
    }
}

async fn serve<K, T, F, Fut>(mut waiting: mpsc::UnboundedReceiver<(Vec<K>, Reply<T>)>, statement: F)
where
    F: Fn(Vec<K>) -> Fut,
    Fut: Future<Output = Result<T, StoreError>>,
{
    let mut callers = Vec::new();
    while waiting.recv_many(&mut callers, MAX_CALLERS).await > 0 {
        let (keys, replies): (Vec<_>, Vec<_>) = callers.drain(..).unzip();
        let result = statement(keys.into_iter().flatten().collect()).await;
        let result = result.map(Arc::new);
        for reply in replies {
            // The caller may be gone.
            let _ = reply.send(result.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use sea_orm::DbErr;
    use tokio::{sync::Notify, task::yield_now};

    use super::*;

    #[tokio::test]
    async fn callers_that_wait_for_a_statement_share_the_next_one() {
        let (statements, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let lookup = {
            let (statements, go) = (Arc::clone(&statements), Arc::clone(&go));
            Lookup::start(&(), move |(), keys: Vec<u32>| {
                let (statements, go) = (Arc::clone(&statements), Arc::clone(&go));
                async move {
                    statements.fetch_add(1, Ordering::Relaxed);
                    go.notified().await;
                    Ok(keys)
                }
            })
        };
        let ask = |key| {
            let lookup = lookup.clone();
            tokio::spawn(async move { lookup.get(vec![key]).await })
        };
        let first = ask(1);
        yield_now().await;
        let others: Vec<_> = (2..10).map(ask).collect();
        yield_now().await;
        go.notify_one();
        assert_eq!(*first.await.unwrap().unwrap(), [1]);
        go.notify_one();
        for other in others {
            assert_eq!(*other.await.unwrap().unwrap(), (2..10).collect::<Vec<_>>());
        }
        assert_eq!(statements.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn all_callers_get_the_error_of_their_statement() {
        let lookup: Lookup<u32, ()> = Lookup::start(&(), |(), _| async {
            Err(StoreError::InvalidData(DbErr::Custom("no".to_owned())))
        });
        let results = tokio::join!(lookup.get(vec![1]), lookup.get(vec![2]));
        for result in [results.0, results.1] {
            assert!(matches!(result, Err(StoreError::InvalidData(_))));
        }
    }
}
