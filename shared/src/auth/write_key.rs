//! Write keys: credentials of event pages.

use std::fmt::{self, Write};

use rand::Rng;
use sha2::{Digest, Sha256};

/// The beginning of a key, by which scanners of source code recognize it.
const PREFIX: &str = "awk_";
/// The length of the random part of a key, in bytes.
const RANDOM_BYTES: usize = 32;

/// A write key. It is shown once, when it is created, and hidden in `Debug` output.
pub struct WriteKey(String);

/// The SHA-256 of a write key, which is stored instead of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WriteKeyHash([u8; 32]);

impl WriteKey {
    /// A new random key of 256 bits.
    #[must_use]
    pub fn generate() -> Self {
        let mut random = [0; RANDOM_BYTES];
        rand::rng().fill_bytes(&mut random);
        let mut text = String::with_capacity(PREFIX.len() + 2 * RANDOM_BYTES);
        text.push_str(PREFIX);
        for byte in random {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Returns the text of the key.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WriteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteKey(hidden)")
    }
}

impl WriteKeyHash {
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
        let (one, other) = (WriteKey::generate(), WriteKey::generate());
        assert_ne!(one.expose(), other.expose());
        for key in [&one, &other] {
            let random = key.expose().strip_prefix("awk_").unwrap();
            assert!(random.len() == 64 && random.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(!format!("{key:?}").contains(random));
        }
    }

    #[test]
    fn a_hash_is_read_back_from_its_bytes() {
        let hash = WriteKeyHash::of("awk_1");
        assert_ne!(hash, WriteKeyHash::of("awk_2"));
        assert_eq!(WriteKeyHash::from_bytes(hash.bytes()), Some(hash));
        assert_eq!(WriteKeyHash::from_bytes(&hash.bytes()[1..]), None);
    }
}
