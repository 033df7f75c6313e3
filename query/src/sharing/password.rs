//! Passwords of share links: Argon2id hashes (RFC 9106), of which a process computes few at a time.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use analytics_shared::http::{Buckets, Charge, Quota};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::error::SharingError;

/// Concurrent hashes: each takes 19 MiB of memory and a core for some 20 ms, by the default parameters of the library,
/// which are those of OWASP.
const MAX_CONCURRENT: usize = 1;
/// The wait for the hashes of others.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
/// Hashes per minute of a tenant, so that none takes all turns.
const MAX_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub struct PasswordHasher {
    turns: Arc<Semaphore>,
    tenants: Buckets<Uuid>,
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(MAX_CONCURRENT)),
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
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(TURN_TIMEOUT, turn).await;
        let turn = turn.ok().and_then(Result::ok);
        let turn = turn.ok_or(SharingError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        // The panic hook logs panics.
        done.await.map_err(|_| SharingError::Busy)
    }
}

#[cfg(test)]
mod tests {
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
}
