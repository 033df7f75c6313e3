//! Request coalescing: concurrent requests share a look-up of versions.

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use analytics_shared::problem::Problem;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use crate::{
    admission::ReadPermit,
    store::{Store, TenantQuery, TenantVersions},
};

type Found = Result<Arc<TenantVersions>, Problem>;

/// Look-ups of the versions of tenants (ADR 0040). Requests that arrive while one is running share the next, which begins after
/// all of them, so that each sees whatever was stored before it.
#[derive(Clone, Default)]
pub struct VersionLookups(Arc<Mutex<HashMap<TenantQuery, Lookup>>>);

/// A look-up that has not ended.
#[derive(Clone)]
struct Lookup {
    has_begun: Arc<AtomicBool>,
    found: Shared<BoxFuture<'static, Found>>,
}

impl VersionLookups {
    /// Returns the versions of the events of a tenant, as [`Store::tenant_versions`]. A look-up keeps the `permit` of the
    /// request that begins it, even if the request is cancelled.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn tenant_versions(
        &self,
        store: &Store,
        permit: ReadPermit,
        query: TenantQuery,
    ) -> Found {
        let store = store.clone();
        self.share(query, |query| async move {
            let versions = store.tenant_versions(&query).await;
            drop(permit);
            versions.map(Arc::new).map_err(Problem::from)
        })
        .await
    }

    /// Joins the look-up that waits for its begin, else begins one with `read` after the running one. It continues if
    /// the request is cancelled.
    fn share<F: Future<Output = Found> + Send + 'static>(
        &self,
        query: TenantQuery,
        read: impl FnOnce(TenantQuery) -> F + Send + 'static,
    ) -> Shared<BoxFuture<'static, Found>> {
        let mut lookups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = lookups.get(&query).cloned();
        if let Some(waiting) = &last
            && !waiting.has_begun.load(Ordering::SeqCst)
        {
            return waiting.found.clone();
        }
        let has_begun = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn({
            let (lookups, key, has_begun) = (self.clone(), query.clone(), Arc::clone(&has_begun));
            async move {
                if let Some(running) = last {
                    let _ = running.found.await;
                }
                has_begun.store(true, Ordering::SeqCst);
                let found = read(key.clone()).await;
                lookups.end(&key, &has_begun);
                found
            }
        });
        // The panic hook logs panics.
        let found = async move { task.await.unwrap_or_else(|_| Err(Problem::internal())) };
        let found = found.boxed().shared();
        let lookup = Lookup {
            has_begun,
            found: found.clone(),
        };
        lookups.insert(query, lookup);
        found
    }

    /// Forgets a look-up, unless another waits after it.
    fn end(&self, query: &TenantQuery, has_begun: &Arc<AtomicBool>) {
        let mut lookups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = |lookup: &Lookup| Arc::ptr_eq(&lookup.has_begun, has_begun);
        if lookups.get(query).is_some_and(is_last) {
            lookups.remove(query);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use analytics_shared::period::Period;
    use tokio::sync::Semaphore;
    use uuid::Uuid;

    use super::*;
    use crate::analytics::TimeZoneRules;

    #[tokio::test]
    async fn requests_that_arrive_during_a_look_up_share_the_next() {
        let day = "2026-11-23".parse().unwrap();
        let query = TenantQuery {
            tenant_id: Uuid::nil(),
            period: Period { from: day, to: day },
            rules: TimeZoneRules::new(chrono_tz::UTC, Vec::new()),
        };
        let (lookups, begun) = (VersionLookups::default(), Arc::new(AtomicUsize::new(0)));
        let may_end = Arc::new(Semaphore::new(0));
        let request = || {
            let (begun, may_end) = (Arc::clone(&begun), Arc::clone(&may_end));
            lookups.share(query.clone(), |_| async move {
                begun.fetch_add(1, Ordering::SeqCst);
                may_end.acquire().await.unwrap().forget();
                Ok(Arc::new(TenantVersions(Vec::new())))
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
        assert!(lookups.0.lock().unwrap().is_empty());
    }
}
