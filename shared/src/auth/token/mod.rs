//! The verification of tokens.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header};

use super::{
    claims::{self, TokenRules, VerifiedToken},
    invalid_token::InvalidToken,
    jwks::{Jwks, client::JwksClient},
    key_set::KeySet,
    sources::{JwksUrl, PublicKeys, SharedSecrets},
};

/// Verifies tokens. Cheap to clone.
#[derive(Clone)]
pub struct TokenVerifier {
    rules: Arc<TokenRules>,
    keys: Keys,
}

#[derive(Clone)]
enum Keys {
    Configured(Arc<KeySet>),
    /// The keys of an issuer, beside those of the configuration.
    Issuer(Jwks),
}

impl TokenVerifier {
    /// Accepts tokens that satisfy the rules and are signed with one of the keys. Starts to load those of
    /// an issuer in the background.
    ///
    /// # Errors
    /// When the keys of an issuer cannot be loaded because the system has no root certificates.
    pub fn start(
        rules: TokenRules,
        secrets: Option<&SharedSecrets>,
        public_keys: Option<&PublicKeys>,
        issuer: Option<&JwksUrl>,
    ) -> std::io::Result<Self> {
        let mut keys = secrets.map_or_else(Vec::new, |secrets| secrets.keys.clone());
        keys.extend(public_keys.into_iter().flat_map(|keys| keys.0.clone()));
        let keys = match issuer {
            None => Keys::Configured(Arc::new(KeySet::new(keys))),
            Some(url) => {
                let jwks = Jwks::new(JwksClient::new(url.0.clone())?, keys);
                tokio::spawn(jwks.clone().keep_fresh());
                Keys::Issuer(jwks)
            }
        };
        Ok(Self {
            rules: Arc::new(rules),
            keys,
        })
    }

    /// Accepts tokens that satisfy the rules and are signed with one of the secrets.
    pub(super) fn of_secrets(rules: TokenRules, secrets: &SharedSecrets) -> Self {
        Self {
            rules: Arc::new(rules),
            keys: Keys::Configured(Arc::new(KeySet::new(secrets.keys.clone()))),
        }
    }

    /// Returns the content of `token`, if it is valid at `now`. A key id that is not known is looked up at
    /// the issuer, at most every 30 seconds.
    ///
    /// # Errors
    /// When the token is not valid, or the keys are not available.
    pub async fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<VerifiedToken, InvalidToken> {
        let mut keys = self.current();
        if let Some(verified) = keys.cached(token) {
            self.rules.check_times(&verified, now)?;
            return Ok(verified);
        }
        let header = header(token)?;
        let mut verified = keys.verify(token, &header, &self.rules);
        if let (Err(_), Keys::Issuer(jwks)) = (&verified, &self.keys)
            && is_of_issuer(&header)
            && (!jwks.is_loaded() || header.kid.as_ref().is_some_and(|id| !keys.contains(id)))
        {
            jwks.refresh(now).await;
            if !jwks.is_loaded() {
                return Err(InvalidToken::NoKeys);
            }
            keys = jwks.current();
            verified = keys.verify(token, &header, &self.rules);
        }
        let verified = verified?;
        self.rules.check_times(&verified, now)?;
        keys.remember(token, &verified);
        Ok(verified)
    }

    /// Returns whether the keys of the issuer have been loaded; `None` if none is configured.
    #[must_use]
    pub fn has_issuer_keys(&self) -> Option<bool> {
        match &self.keys {
            Keys::Configured(_) => None,
            Keys::Issuer(jwks) => Some(jwks.is_loaded()),
        }
    }

    fn current(&self) -> Arc<KeySet> {
        match &self.keys {
            Keys::Configured(keys) => Arc::clone(keys),
            Keys::Issuer(jwks) => jwks.current(),
        }
    }
}

/// Returns the header of a token. An extension that must be understood is an error (RFC 7515, section
/// 4.1.11, and RFC 7797).
fn header(token: &str) -> Result<Header, InvalidToken> {
    let header = jsonwebtoken::decode_header(token).map_err(InvalidToken::Malformed)?;
    if header.crit.is_some() || header.extras.inner().contains_key("b64") {
        return Err(InvalidToken::Extension);
    }
    if header.typ.as_deref().is_some_and(claims::is_refresh) {
        return Err(InvalidToken::RefreshToken);
    }
    Ok(header)
}

/// Returns whether an issuer may have signed a token with this header.
fn is_of_issuer(header: &Header) -> bool {
    matches!(
        header.alg,
        Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA
    )
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenVerifier(hidden)")
    }
}

#[cfg(test)]
mod tests;
