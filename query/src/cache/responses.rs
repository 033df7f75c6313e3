//! The cache of responses. Its key contains the request and the versions of the facts, so that a
//! cached response is never stale. Concurrent requests for the same response wait for one computation.

use std::{future::Future, sync::Arc};

use analytics_shared::{http::ContentCoding, problem::Problem, telemetry::in_current_request};
use async_compression::Level;
use bytes::Bytes;
use moka::future::Cache;
use poem_openapi::types::ToJSON;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::{metrics, store::Fingerprint};

/// The size from which a response is compressed, in bytes: a smaller one takes one packet anyway.
const MIN_COMPRESSED: usize = 1_024;

/// Approximate memory of an entry beside its body, in bytes.
const ENTRY_OVERHEAD: usize = 400;

/// A bounded cache of serialized responses.
#[derive(Clone)]
pub struct ResponseCache(Cache<Fingerprint, CachedResponse>);

/// A serialized response.
#[derive(Clone, Debug)]
pub struct CachedResponse {
    pub json: Bytes,
    /// The body compressed with gzip, once a client has accepted it.
    gzip: Arc<OnceCell<Bytes>>,
    /// Strong entity tag (RFC 9110, 8.8.3): a hash of the body.
    pub etag: String,
}

impl ResponseCache {
    /// Builds an empty cache of at most `max_bytes`.
    pub fn new(max_bytes: u64) -> Self {
        let weigher = |_: &Fingerprint, response: &CachedResponse| {
            // The compressed form may follow.
            let bytes = response.json.len() / 4 * 5 + ENTRY_OVERHEAD;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(max_bytes).weigher(weigher);
        Self(cache.build())
    }

    /// Returns the approximate memory of the entries in bytes, and their number.
    pub fn size(&self) -> (u64, u64) {
        (self.0.weighted_size(), self.0.entry_count())
    }

    /// Returns the response for `key`, which is the fingerprint of everything that the response depends on;
    /// builds it with `build` if it is not cached. The build continues if the request is cancelled: other
    /// requests may wait for it, and a cancelled read would leave its connection in a transaction.
    ///
    /// # Errors
    /// Returns the errors of `build`.
    pub async fn get_or_build<T: ToJSON>(
        &self,
        key: Fingerprint,
        build: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<CachedResponse, Problem> {
        let build = async { Ok(CachedResponse::new(&build.await?)) };
        self.get_or_insert_with(key, build).await
    }

    /// Returns the response for `key`, as [`Self::get_or_build`], from a build that serializes it itself.
    ///
    /// # Errors
    /// Returns the errors of `build`.
    pub async fn get_or_insert_with(
        &self,
        key: Fingerprint,
        build: impl Future<Output = Result<CachedResponse, Problem>> + Send + 'static,
    ) -> Result<CachedResponse, Problem> {
        let cache = self.0.clone();
        let building = async move { cache.entry(key).or_try_insert_with(build).await };
        let task = tokio::spawn(in_current_request(building));
        // The panic hook logs panics.
        let entry = task.await.map_err(|_| Problem::internal())?;
        let entry = entry.map_err(|problem: Arc<Problem>| Problem::clone(&problem))?;
        metrics::count_cache_request(!entry.is_fresh());
        Ok(entry.into_value())
    }
}

impl CachedResponse {
    /// Serializes a response.
    pub fn new(response: &impl ToJSON) -> Self {
        Self::of_json(response.to_json_string().into())
    }

    /// A response that is serialized.
    pub fn of_json(json: Bytes) -> Self {
        // 128 bits of the hash are enough to distinguish bodies.
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&json)[..16]));
        Self {
            json,
            gzip: Arc::default(),
            etag,
        }
    }

    /// Returns whether the response has a compressed form.
    pub fn is_compressible(&self) -> bool {
        self.json.len() >= MIN_COMPRESSED
    }

    /// Returns the body compressed with gzip, which is computed once; `None` for a small one.
    pub async fn gzip(&self) -> Option<Bytes> {
        if !self.is_compressible() {
            return None;
        }
        let encode = || async {
            let gzip = ContentCoding::Gzip.encode(&self.json, Level::Fastest).await;
            gzip.map(Bytes::from)
        };
        self.gzip.get_or_try_init(encode).await.ok().cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    #[tokio::test]
    async fn a_cancelled_request_is_built_once_and_cached() {
        let (cache, builds) = (ResponseCache::new(1 << 20), Arc::new(AtomicUsize::new(0)));
        let get = || {
            let builds = Arc::clone(&builds);
            let build = async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                builds.fetch_add(1, Ordering::Relaxed);
                Ok("built".to_owned())
            };
            cache.get_or_build(Fingerprint::of(&"request"), build)
        };
        let cancelled = tokio::time::timeout(Duration::from_millis(5), get()).await;
        assert!(cancelled.is_err());
        for _ in 0..2 {
            assert_eq!(&get().await.unwrap().json[..], b"\"built\"");
        }
        assert_eq!(builds.load(Ordering::Relaxed), 1);
    }
}
