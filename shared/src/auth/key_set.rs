//! The keys that are accepted at one time, and a cache of the tokens that they verified.

use jsonwebtoken::Header;
use moka::sync::Cache;

use super::{
    claims::{TokenRules, VerifiedToken},
    invalid_token::InvalidToken,
    keys::{self, VerificationKey},
};

/// The maximum number of cached tokens.
const MAX_CACHED: u64 = 10_000;
/// The maximum length of a cached token, in bytes.
const MAX_CACHED_LENGTH: usize = 2_048;

/// A set of keys. The cache ends with it, so that no token outlives its key.
pub(super) struct KeySet {
    keys: Vec<VerificationKey>,
    /// Verified tokens: callers send the same token with every request.
    verified: Cache<String, VerifiedToken>,
}

impl KeySet {
    /// A set with an empty cache.
    pub fn new(keys: Vec<VerificationKey>) -> Self {
        Self {
            keys,
            verified: Cache::new(MAX_CACHED),
        }
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns whether the set has a key with this id.
    pub fn contains(&self, id: &str) -> bool {
        let mut ids = self.keys.iter().filter_map(|key| key.id.as_deref());
        ids.any(|known| known == id)
    }

    /// Returns a token that was verified before.
    pub fn cached(&self, token: &str) -> Option<VerifiedToken> {
        self.verified.get(token)
    }

    /// Remembers a verified token.
    pub fn remember(&self, token: &str, verified: &VerifiedToken) {
        if token.len() <= MAX_CACHED_LENGTH {
            self.verified.insert(token.to_owned(), verified.clone());
        }
    }

    /// Verifies the signature and the claims of a token, except its times.
    pub fn verify(
        &self,
        token: &str,
        header: &Header,
        rules: &TokenRules,
    ) -> Result<VerifiedToken, InvalidToken> {
        keys::verify(&self.keys, token, header, rules)
    }
}
