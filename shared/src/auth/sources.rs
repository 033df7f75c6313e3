//! The sources of keys that an operator configures.

use std::{fmt, fs, path::Path, str::FromStr};

use hyper::Uri;
use thiserror::Error;
use url::Url;

use super::keys::{UnusableKey, VerificationKey};
use crate::config::is_local_host;

/// Shared secrets, separated by commas. All verify, the first signs.
#[derive(Clone)]
pub struct SharedSecrets {
    first: String,
    pub(super) keys: Vec<VerificationKey>,
}

impl SharedSecrets {
    /// A derived secret, which has the length of its hash.
    pub(super) fn derived(secret: String) -> Self {
        Self {
            keys: vec![VerificationKey::from_long_secret(&secret)],
            first: secret,
        }
    }

    /// Returns the secret that signs.
    #[must_use]
    pub fn signing(&self) -> &str {
        &self.first
    }
}

impl FromStr for SharedSecrets {
    type Err = UnusableKey;

    fn from_str(text: &str) -> Result<Self, UnusableKey> {
        let keys = text.split(',').map(VerificationKey::from_secret);
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            first: text.split(',').next().unwrap_or_default().to_owned(),
        })
    }
}

/// The public keys of a PEM file.
#[derive(Clone)]
pub struct PublicKeys(pub(super) Vec<VerificationKey>);

/// The reason why a file has no public keys.
#[derive(Debug, Error)]
pub enum PublicKeyError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] UnusableKey),
}

impl PublicKeys {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or has a key that is not supported.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, PublicKeyError> {
        let text = fs::read_to_string(path)?;
        Ok(Self(VerificationKey::from_pem(&text)?))
    }
}

/// The URL of a JWK Set.
#[derive(Clone)]
pub struct JwksUrl(pub(super) Uri);

/// The reason why a text is not the URL of a JWK Set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidJwksUrl {
    /// Not a URL.
    #[error("is not a URL")]
    Syntax,
    /// Anyone on the way could replace the keys.
    #[error("must begin with `https://` (or `http://` for a server on this machine)")]
    Scheme,
    /// Credentials in the URL are not sent.
    #[error("must not contain credentials")]
    Credentials,
}

impl FromStr for JwksUrl {
    type Err = InvalidJwksUrl;

    fn from_str(text: &str) -> Result<Self, InvalidJwksUrl> {
        let url = Url::parse(text).map_err(|_| InvalidJwksUrl::Syntax)?;
        let is_local = is_local_host(url.host_str().ok_or(InvalidJwksUrl::Syntax)?);
        if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
            return Err(InvalidJwksUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidJwksUrl::Credentials);
        }
        let uri = url.as_str().parse().map_err(|_| InvalidJwksUrl::Syntax)?;
        Ok(Self(uri))
    }
}

impl fmt::Debug for SharedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecrets(hidden)")
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKeys({})", self.0.len())
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwksUrl(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        let parsed = |text: &str| text.parse::<JwksUrl>().map(drop);
        for url in [
            "https://issuer.example/keys?tenant=1",
            "http://127.0.0.1:8080/keys",
            "http://[::1]/keys",
            "http://localhost/keys",
        ] {
            assert_eq!(parsed(url), Ok(()), "{url}");
        }
        for (url, error) in [
            ("", InvalidJwksUrl::Syntax),
            ("issuer.example/keys", InvalidJwksUrl::Syntax),
            ("http://issuer.example/keys", InvalidJwksUrl::Scheme),
            ("http://127.0.0.1.example/keys", InvalidJwksUrl::Scheme),
            ("ftp://127.0.0.1/keys", InvalidJwksUrl::Scheme),
            ("https://u:p@issuer.example/", InvalidJwksUrl::Credentials),
        ] {
            assert_eq!(parsed(url), Err(error), "{url}");
        }
    }

    #[test]
    fn each_of_several_secrets_is_long_enough_and_the_first_signs() {
        let (one, other) = ("1".repeat(32), "2".repeat(32));
        let secrets: SharedSecrets = format!("{one},{other}").parse().unwrap();
        assert_eq!((secrets.signing(), secrets.keys.len()), (&*one, 2));
        for (text, length) in [
            (String::new(), 0),
            ("s".repeat(31), 31),
            (format!("{one},"), 0),
            (format!("short,{one}"), 5),
        ] {
            let parsed = text.parse::<SharedSecrets>().map(drop);
            assert_eq!(parsed, Err(UnusableKey::ShortSecret(length)));
        }
    }
}
