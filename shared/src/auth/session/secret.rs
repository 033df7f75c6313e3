//! The secret of the tokens that the service signs itself.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::auth::{
    keys::{MIN_SECRET_LENGTH, UnusableKey},
    sources::SharedSecrets,
};

/// The secret from which the keys of the service's own tokens are derived, one key for each kind of token. It signs
/// nothing itself, so that no kind of token passes for another, even if it is also the secret of the platform.
#[derive(Clone)]
pub struct SessionSecret(Hmac<Sha256>);

impl SessionSecret {
    /// Derives the key of the tokens of a kind: the HMAC-SHA256 (RFC 2104) of `kind`, in hexadecimal digits.
    #[must_use]
    pub fn derive(&self, kind: &str) -> SharedSecrets {
        let mac = self.0.clone().chain_update(kind).finalize();
        SharedSecrets::derived(hex::encode(mac.into_bytes()))
    }
}

impl FromStr for SessionSecret {
    type Err = UnusableKey;

    fn from_str(text: &str) -> Result<Self, UnusableKey> {
        let short = || UnusableKey::ShortSecret(text.len());
        if text.len() < MIN_SECRET_LENGTH {
            return Err(short());
        }
        let mac = Hmac::new_from_slice(text.as_bytes());
        mac.map(Self).map_err(|_| short())
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_token_has_its_own_key_and_each_replica_the_same() {
        let secret = |text: &str| text.repeat(32).parse::<SessionSecret>().unwrap();
        let key = |secret: &SessionSecret, kind: &str| secret.derive(kind).signing().to_owned();
        assert_eq!(key(&secret("a"), "session"), key(&secret("a"), "session"));
        assert_ne!(key(&secret("a"), "session"), key(&secret("a"), "share"));
        assert_ne!(key(&secret("a"), "session"), key(&secret("b"), "session"));
        // `printf session | openssl dgst -sha256 -hmac aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`
        let known = "88e3b83ea7b3e562090a4da25f5884ef12096fbde24060be3f76cbaa332fcb5a";
        assert_eq!(key(&secret("a"), "session"), known);
    }

    #[test]
    fn a_secret_is_long_enough_and_hidden() {
        let parsed = "s".repeat(31).parse::<SessionSecret>();
        assert_eq!(parsed.map(drop), Err(UnusableKey::ShortSecret(31)));
        let secret: SessionSecret = "s".repeat(32).parse().unwrap();
        assert_eq!(format!("{secret:?}"), "SessionSecret(hidden)");
    }
}
