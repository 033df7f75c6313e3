//! Fingerprints of values, to compare them and to use them as cache keys.

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};

/// A SHA-256 hash of a value, valid within this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub fn of(value: &impl Hash) -> Self {
        let mut hasher = Sha256Hasher(Sha256::new());
        value.hash(&mut hasher);
        Self(hasher.0.finalize().into())
    }
}

/// Feeds everything that `Hash` writes to SHA-256, because 64 bits are too few to tell cached
/// responses apart.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0.clone().finalize()[..8]);
        u64::from_be_bytes(first)
    }
}
