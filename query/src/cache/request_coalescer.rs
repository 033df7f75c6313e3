//! Request coalescing: equal requests that wait share one run.

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use analytics_shared::{problem::Problem, telemetry::in_current_request};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use super::responses::CachedResponse;
use crate::{metrics, store::Fingerprint};

type Response = Result<CachedResponse, Problem>;

/// The runs of requests by key (ADR 0040). Requests that arrive while one is running share the next, which begins after all of
/// them, so that each sees whatever was stored before it.
#[derive(Clone, Default)]
pub struct RequestCoalescer(Arc<Mutex<HashMap<Fingerprint, Run>>>);

/// A run that has not ended.
#[derive(Clone)]
struct Run {
    has_begun: Arc<AtomicBool>,
    response: Shared<BoxFuture<'static, Response>>,
}

impl RequestCoalescer {
    /// Returns the response of a run that begins after this call: of the one that waits for its begin, else of `request`,
    /// which is started after the running one. Requests are equal if they have the same `key`, which contains everything
    /// that the response depends on except what is stored. A run continues if the request is cancelled.
    ///
    /// # Errors
    /// Returns the errors of the run.
    pub async fn run(
        &self,
        key: Fingerprint,
        request: impl Future<Output = Response> + Send + 'static,
    ) -> Response {
        self.share(key, request).await
    }

    fn share(
        &self,
        key: Fingerprint,
        request: impl Future<Output = Response> + Send + 'static,
    ) -> Shared<BoxFuture<'static, Response>> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = runs.get(&key).cloned();
        if let Some(waiting) = &last
            && !waiting.has_begun.load(Ordering::SeqCst)
        {
            metrics::count_cache_request(true);
            return waiting.response.clone();
        }
        let has_begun = Arc::new(AtomicBool::new(false));
        let run = {
            let (runs, has_begun) = (self.clone(), Arc::clone(&has_begun));
            async move {
                if let Some(running) = last {
                    let _ = running.response.await;
                }
                has_begun.store(true, Ordering::SeqCst);
                let response = request.await;
                runs.end(&key, &has_begun);
                response
            }
        };
        let task = tokio::spawn(in_current_request(run));
        // The panic hook logs panics.
        let response = async move { task.await.unwrap_or_else(|_| Err(Problem::internal())) };
        let response = response.boxed().shared();
        let run = Run {
            has_begun,
            response: response.clone(),
        };
        runs.insert(key, run);
        response
    }

    /// Forgets a run, unless another waits after it.
    fn end(&self, key: &Fingerprint, has_begun: &Arc<AtomicBool>) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = |run: &Run| Arc::ptr_eq(&run.has_begun, has_begun);
        if runs.get(key).is_some_and(is_last) {
            runs.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn requests_that_arrive_during_a_run_share_the_next() {
        let key = Fingerprint::of(&"request");
        let (runs, begun) = (RequestCoalescer::default(), Arc::new(AtomicUsize::new(0)));
        let may_end = Arc::new(Semaphore::new(0));
        let request = || {
            let (begun, may_end) = (Arc::clone(&begun), Arc::clone(&may_end));
            runs.share(key, async move {
                begun.fetch_add(1, Ordering::SeqCst);
                may_end.acquire().await.unwrap().forget();
                Ok(CachedResponse::new(&"figures"))
            })
        };
        let first = request();
        while begun.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        // Dropped, as that of a client that disconnects.
        drop(request());
        let (second, third) = (request(), request());
        may_end.add_permits(1);
        first.await.unwrap();
        may_end.add_permits(1);
        assert!(second.await.is_ok() && third.await.is_ok());
        assert_eq!(begun.load(Ordering::SeqCst), 2);
        assert!(runs.0.lock().unwrap().is_empty());
    }
}
