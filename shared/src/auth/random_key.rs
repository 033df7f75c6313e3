//! Random keys: credentials that are shown once, when they are created, and stored as a hash.

use std::fmt;

use rand::Rng;
use sha2::{Digest, Sha256};

/// The length of the random part of a key, in bytes.
const RANDOM_BYTES: usize = 32;

/// The use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// The write key of event pages.
    WriteKey,
    /// The secret of a share link.
    ShareLink,
}

impl KeyKind {
    /// The beginning of a key, by which scanners of source code and logs recognize it.
    fn prefix(self) -> &'static str {
        match self {
            Self::WriteKey => "awk_",
            Self::ShareLink => "asl_",
        }
    }
}

/// A key, which is hidden in `Debug` output.
pub struct RandomKey(String);

/// The SHA-256 of a key, which is stored instead of the key. A key has too many random bits for a slow hash to be of
/// use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl RandomKey {
    /// A new random key of 256 bits, in hexadecimal digits.
    #[must_use]
    pub fn generate(kind: KeyKind) -> Self {
        let mut random = [0; RANDOM_BYTES];
        rand::rng().fill_bytes(&mut random);
        Self(format!("{}{}", kind.prefix(), hex::encode(random)))
    }

    /// Returns the text of the key.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RandomKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RandomKey(hidden)")
    }
}

impl KeyHash {
    /// Returns the hash of the text of a key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Returns the hash with these bytes, if it has as many.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the bytes of the hash.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_recognizable_and_hidden() {
        for (kind, prefix) in [(KeyKind::WriteKey, "awk_"), (KeyKind::ShareLink, "asl_")] {
            let (one, other) = (RandomKey::generate(kind), RandomKey::generate(kind));
            assert_ne!(one.expose(), other.expose());
            for key in [&one, &other] {
                let random = key.expose().strip_prefix(prefix).unwrap();
                assert!(random.len() == 64 && random.bytes().all(|byte| byte.is_ascii_hexdigit()));
                assert!(!format!("{key:?}").contains(random));
            }
        }
    }

    #[test]
    fn a_hash_is_read_back_from_its_bytes() {
        let hash = KeyHash::of("awk_1");
        assert_ne!(hash, KeyHash::of("awk_2"));
        assert_eq!(KeyHash::from_bytes(hash.bytes()), Some(hash));
        assert_eq!(KeyHash::from_bytes(&hash.bytes()[1..]), None);
    }
}
