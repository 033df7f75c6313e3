//! Verifying and signing tokens.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::caller::Caller;

/// The keys derived from the shared secret, and a cache of verified tokens.
#[derive(Clone)]
pub struct TokenKeys {
    verifying: DecodingKey,
    signing: EncodingKey,
    /// Verified tokens: callers send the same token with every request.
    verified: Cache<String, VerifiedToken>,
}

/// The maximum number of cached tokens per process.
const MAX_CACHED: u64 = 10_000;
/// The maximum length of a cached token, in bytes.
const MAX_CACHED_LENGTH: usize = 2_048;

/// The content of a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    /// The caller.
    pub caller: Caller,
    /// The time from which the token is no longer valid.
    pub expires_at: DateTime<Utc>,
}

/// The reason why a token is rejected.
#[derive(Debug, Error)]
pub enum InvalidToken {
    /// It has expired.
    #[error("the token has expired; get a new one")]
    Expired,
    /// Its signature or a claim is invalid, or it is not a token.
    #[error("the token is not valid: {0}")]
    Malformed(jsonwebtoken::errors::Error),
}

#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    exp: i64,
    #[serde(flatten)]
    caller: Caller,
}

impl TokenKeys {
    /// Keys from the secret that the platform signs its tokens with.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self {
            verifying: DecodingKey::from_secret(secret.as_bytes()),
            signing: EncodingKey::from_secret(secret.as_bytes()),
            verified: Cache::new(MAX_CACHED),
        }
    }

    /// Returns the content of `token`, if it is valid at `now`.
    ///
    /// # Errors
    /// When it has expired, is signed with another secret, or is not a token of the platform.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<VerifiedToken, InvalidToken> {
        let (verified, is_cached) = match self.verified.get(token) {
            Some(cached) => (cached, true),
            None => (self.decode(token)?, false),
        };
        if verified.expires_at <= now {
            return Err(InvalidToken::Expired);
        }
        if !is_cached && token.len() <= MAX_CACHED_LENGTH {
            self.verified.insert(token.to_owned(), verified.clone());
        }
        Ok(verified)
    }

    fn decode(&self, token: &str) -> Result<VerifiedToken, InvalidToken> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        validation.validate_aud = false;
        // The library would read the system clock; `verify` compares with its parameter.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &validation)
            .map_err(InvalidToken::Malformed)?
            .claims;
        Ok(VerifiedToken {
            caller: claims.caller,
            // A time beyond the range of the calendar is saturated.
            expires_at: DateTime::from_timestamp(claims.exp, 0).unwrap_or(if claims.exp > 0 {
                DateTime::<Utc>::MAX_UTC
            } else {
                DateTime::<Utc>::MIN_UTC
            }),
        })
    }

    /// Signs a token for `caller` that is valid for `lifetime` from `now`.
    ///
    /// # Errors
    /// When signing fails, which it cannot with an HMAC key.
    pub fn sign(
        &self,
        caller: Caller,
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Result<String, InvalidToken> {
        let claims = Claims {
            sub: caller.user_id.map(|user| user.to_string()),
            exp: (now + lifetime).timestamp(),
            caller,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(InvalidToken::Malformed)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKeys(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn caller() -> Caller {
        Caller {
            tenant_id: Some(Uuid::from_u128(1)),
            user_id: None,
            roles: vec!["ADMIN".into()],
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let keys = TokenKeys::new("secret");
        let now = at("2026-11-23T10:00:00Z");
        let token = keys.sign(caller(), now, Duration::hours(1)).unwrap();
        assert_eq!(keys.verify(&token, now).unwrap().caller, caller());
        let later = now + Duration::hours(1);
        assert_eq!(keys.verify(&token, now).unwrap().expires_at, later);
        assert!(matches!(
            keys.verify(&token, later),
            Err(InvalidToken::Expired)
        ));
    }

    #[test]
    fn a_token_of_another_secret_is_rejected() {
        let now = at("2026-11-23T10:00:00Z");
        let token = TokenKeys::new("another secret")
            .sign(caller(), now, Duration::hours(1))
            .unwrap();
        assert!(TokenKeys::new("secret").verify(&token, now).is_err());
    }

    #[test]
    fn hs384_and_hs512_are_accepted_and_an_unsigned_token_is_not() {
        let keys = TokenKeys::new("secret");
        let now = at("2026-11-23T10:00:00Z");
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let claims = serde_json::json!({"exp": now.timestamp() + 9, "sub": "someone"});
            let token =
                jsonwebtoken::encode(&Header::new(algorithm), &claims, &keys.signing).unwrap();
            assert!(keys.verify(&token, now).is_ok(), "{algorithm:?}");
        }
        let unsigned = "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.";
        assert!(keys.verify(unsigned, now).is_err());
    }
}
