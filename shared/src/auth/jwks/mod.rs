//! The public keys of an issuer, from its JWK Set (RFC 7517).

pub(super) mod client;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use metrics::{Counter, counter, describe_counter};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::sleep,
};

use super::{key_set::KeySet, keys::VerificationKey};
use crate::clock;
use client::{JwksClient, JwksError};

/// The minimum time between two requests for the set.
const MIN_INTERVAL: TimeDelta = TimeDelta::seconds(30);
/// The time between two requests without unknown keys: a key that the issuer has removed is
/// accepted for at most as long.
const REFRESH_INTERVAL: Duration = Duration::from_mins(5);
/// The time until the next request after a failed one.
const RETRY_INTERVAL: Duration = Duration::from_secs(31);
/// The maximum number of keys of a set.
const MAX_KEYS: usize = 100;
/// The refreshes of the set, by `outcome`.
const REFRESHES: &str = "analytics_jwks_refreshes_total";

/// The keys of an issuer, which are refreshed. Cheap to clone.
#[derive(Clone)]
pub(super) struct Jwks(Arc<State>);

struct State {
    client: JwksClient,
    /// The secrets and public keys of the configuration, which are part of every set.
    configured: Vec<VerificationKey>,
    current: RwLock<Arc<KeySet>>,
    refresh: Arc<Mutex<Refresh>>,
}

/// The last request for the set.
#[derive(Default)]
struct Refresh {
    requested_at: Option<DateTime<Utc>>,
    has_succeeded: bool,
    /// The document of the current keys.
    document: Option<Bytes>,
}

impl Jwks {
    /// The keys at the URL of `client`, none until they are loaded.
    pub fn new(client: JwksClient, configured: Vec<VerificationKey>) -> Self {
        describe_counter!(REFRESHES, "Requests for the JWK Set of the issuer.");
        for outcome in ["changed", "unchanged", "failed"] {
            refreshes(outcome).absolute(0);
        }
        let current = RwLock::new(Arc::new(KeySet::new(configured.clone())));
        Self(Arc::new(State {
            client,
            configured,
            current,
            refresh: Arc::default(),
        }))
    }

    /// Returns the current keys.
    pub fn current(&self) -> Arc<KeySet> {
        let current = self.0.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads the keys and refreshes them for ever.
    pub async fn keep_fresh(self) {
        loop {
            let is_fresh = self.refresh(clock::now()).await;
            sleep(if is_fresh {
                REFRESH_INTERVAL
            } else {
                RETRY_INTERVAL
            })
            .await;
        }
    }

    /// Requests the set, unless that was done less than 30 seconds ago, and waits for a request in
    /// progress. If it fails, the previous keys remain. Returns whether the last request succeeded.
    pub async fn refresh(&self, now: DateTime<Utc>) -> bool {
        let refresh = Arc::clone(&self.0.refresh).lock_owned().await;
        let is_recent = |at: DateTime<Utc>| (now - at).abs() < MIN_INTERVAL;
        if refresh.requested_at.is_some_and(is_recent) {
            return refresh.has_succeeded;
        }
        // In a task of its own: a caller that disconnects must not cancel the request for the others.
        let loading = tokio::spawn(self.clone().load(refresh, now));
        loading.await.unwrap_or(false)
    }

    /// Requests the set.
    async fn load(self, mut refresh: OwnedMutexGuard<Refresh>, now: DateTime<Utc>) -> bool {
        refresh.requested_at = Some(now);
        let loaded = self.0.client.fetch().await;
        refresh.has_succeeded = false;
        match loaded.and_then(|document| Ok((usable_keys(&document)?, document))) {
            // The cache of verified tokens is part of the set.
            Ok((_, document)) if refresh.document.as_ref() == Some(&document) => {
                refreshes("unchanged").increment(1);
            }
            Ok((keys, document)) => {
                refreshes("changed").increment(1);
                tracing::info!(keys = keys.len(), "the keys of JWT_JWKS_URL are loaded");
                let keys = [self.0.configured.clone(), keys].concat();
                let current = self.0.current.write();
                *current.unwrap_or_else(PoisonError::into_inner) = Arc::new(KeySet::new(keys));
                refresh.document = Some(document);
            }
            Err(error) => {
                refreshes("failed").increment(1);
                tracing::warn!(%error, "cannot load JWT_JWKS_URL; the previous keys remain");
                return false;
            }
        }
        refresh.has_succeeded = true;
        true
    }

    /// Returns whether the keys have been loaded at least once.
    pub fn is_loaded(&self) -> bool {
        self.current().len() > self.0.configured.len()
    }
}

fn refreshes(outcome: &'static str) -> Counter {
    counter!(REFRESHES, "outcome" => outcome)
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Value>,
}

/// Returns the keys of a set that verify tokens. Others are ignored (RFC 7517, section 5).
fn usable_keys(document: &[u8]) -> Result<Vec<VerificationKey>, JwksError> {
    let set: JwkSet = serde_json::from_slice(document).map_err(|_| JwksError::Document)?;
    let keys = set.keys.into_iter().take(MAX_KEYS).filter_map(|key| {
        let jwk = Jwk::deserialize(key).ok()?;
        VerificationKey::from_jwk(&jwk)
            .inspect_err(|reason| tracing::warn!(%reason, "a key of JWT_JWKS_URL is ignored"))
            .ok()
    });
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        return Err(JwksError::NoKey);
    }
    Ok(keys)
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwks(hidden)")
    }
}

#[cfg(test)]
mod tests;
