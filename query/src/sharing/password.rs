//! Passwords of share links: Argon2id hashes (RFC 9106), of which a process computes few at a time.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use analytics_shared::http::{Buckets, Charge, KeyedLimiter, KeyedPermit, Quota};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::error::SharingError;

/// Concurrent hashes: each takes 19 MiB of memory and a core for some 20 ms, by the default parameters of the library,
/// which are those of OWASP.
const MAX_CONCURRENT: usize = 1;
/// The wait for the hashes of others.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
/// Hashes per minute of a tenant, so that none takes all turns.
const MAX_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();

/// Hashes and verifies passwords. Of each tenant one request at most waits for its turn with those of others, so that many
/// requests of one delay others by one hash. Cheap to clone.
#[derive(Clone)]
pub struct PasswordHasher {
    turns: Arc<Semaphore>,
    turns_of_tenants: KeyedLimiter<Uuid>,
    tenants: Buckets<Uuid>,
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            turns_of_tenants: KeyedLimiter::new(1),
            tenants: Buckets::default(),
        }
    }
}

impl PasswordHasher {
    /// Returns the hash of a password with a random salt, as a PHC string.
    ///
    /// # Errors
    /// Fails if the tenant has used its share of hashes, or if those of others do not end in time.
    pub async fn hash(&self, tenant_id: Uuid, password: String) -> Result<String, SharingError> {
        let hash = self.in_turn(tenant_id, move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string())
        });
        hash.await?.map_err(SharingError::Password)
    }

    /// Returns whether `hash` is that of the password.
    ///
    /// # Errors
    /// Fails as [`hash`](Self::hash), or if the hash is malformed.
    pub async fn verify(
        &self,
        tenant_id: Uuid,
        password: String,
        hash: String,
    ) -> Result<bool, SharingError> {
        let verified = self.in_turn(tenant_id, move || {
            let hash = PasswordHash::new(&hash)?;
            Argon2::default().verify_password(password.as_bytes(), &hash)
        });
        match verified.await? {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(SharingError::Password(error)),
        }
    }

    /// Runs `work` on a thread of its own when it is its turn. It ends even if the request is cancelled, and keeps its
    /// turn until then.
    async fn in_turn<T: Send + 'static>(
        &self,
        tenant_id: Uuid,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SharingError> {
        let quota = Quota::per_minute(MAX_PER_MINUTE);
        let taken = self.tenants.take(tenant_id, quota, Charge::REQUEST);
        taken.map_err(|retry_after| SharingError::TooManyPasswords { retry_after })?;
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.turn(tenant_id)).await;
        let turn = turn.ok().flatten().ok_or(SharingError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        // The panic hook logs panics.
        done.await.map_err(|_| SharingError::Busy)
    }

    /// Waits for the turn of a request among those of its tenant, and then among tenants.
    async fn turn(&self, tenant_id: Uuid) -> Option<(KeyedPermit<Uuid>, OwnedSemaphorePermit)> {
        let of_tenant = self.turns_of_tenants.acquire(tenant_id, TURN_TIMEOUT);
        let of_tenant = of_tenant.await?;
        let of_all = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        Some((of_tenant, of_all))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::future::join_all;

    use super::*;

    const TENANT: Uuid = Uuid::from_u128(1);

    #[tokio::test]
    async fn a_password_is_verified_by_its_salted_hash_only() {
        let hasher = PasswordHasher::default();
        let hash = async || {
            hasher
                .hash(TENANT, "correct horse".to_owned())
                .await
                .unwrap()
        };
        let (one, other) = (hash().await, hash().await);
        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        let verify = async |password: &str, hash: &str| {
            hasher
                .verify(TENANT, password.to_owned(), hash.to_owned())
                .await
        };
        assert!(matches!(verify("correct horse", &one).await, Ok(true)));
        assert!(matches!(verify("correct horse ", &one).await, Ok(false)));
        assert!(matches!(verify("", &one).await, Ok(false)));
        let malformed = verify("correct horse", "nonsense").await;
        assert!(matches!(malformed, Err(SharingError::Password(_))));
    }

    #[tokio::test]
    async fn a_tenant_that_has_used_its_hashes_waits_and_others_do_not() {
        let hasher = PasswordHasher::default();
        for _ in 0..MAX_PER_MINUTE.get() {
            hasher.in_turn(TENANT, || ()).await.unwrap();
        }
        let refused = hasher.in_turn(TENANT, || ()).await;
        assert!(matches!(
            refused,
            Err(SharingError::TooManyPasswords { .. })
        ));
        assert!(hasher.in_turn(Uuid::from_u128(2), || ()).await.is_ok());
    }

    #[tokio::test]
    async fn a_tenant_waits_for_one_hash_of_another_that_has_asked_for_many() {
        let hasher = PasswordHasher::default();
        let order = Arc::new(Mutex::new(Vec::new()));
        let ask = |tenant: Uuid| {
            let order = Arc::clone(&order);
            hasher.in_turn(tenant, move || order.lock().unwrap().push(tenant))
        };
        let turn = hasher.turns.acquire().await.unwrap();
        let other = Uuid::from_u128(2);
        // In this order, because a single thread polls them in turn.
        let all = join_all((0..50).map(|_| TENANT).chain([other]).map(ask));
        let ((), results) = tokio::join!(async { drop(turn) }, all);
        assert!(results.iter().all(Result::is_ok));
        let order = order.lock().unwrap();
        let place = order.iter().position(|&tenant| tenant == other);
        assert!(place.unwrap() <= 1, "{place:?}");
    }
}
