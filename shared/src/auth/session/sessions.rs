//! Sessions: tokens that the service signs for a caller whose platform token it has verified.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::errors::Error;

use super::secret::SessionSecret;
use crate::auth::{
    claims::{TokenRules, VerifiedToken},
    invalid_token::InvalidToken,
    signer::TokenSigner,
    token::TokenVerifier,
};

/// The kind of token, and its audience: a token of the platform that names this audience has another key.
const KIND: &str = "analytics-session";

/// Signs and verifies sessions. All replicas with one secret accept the same sessions. Cheap to clone.
#[derive(Clone)]
pub struct BrowserSessions {
    signer: Arc<TokenSigner>,
    verifier: TokenVerifier,
}

impl BrowserSessions {
    /// Sessions with a key derived from `secret`, for platform tokens that are valid for `max_lifetime` at most.
    #[must_use]
    pub fn new(secret: &SessionSecret, max_lifetime: Duration) -> Self {
        let key = secret.derive(KIND);
        let rules = TokenRules {
            audience: Some(KIND.to_owned()),
            max_lifetime,
            ..TokenRules::default()
        };
        Self {
            signer: Arc::new(TokenSigner::new(key.signing(), rules.clone())),
            verifier: TokenVerifier::of_secrets(rules, &key),
        }
    }

    /// Signs the session of the caller of a platform token, which ends with that token. Equal tokens have equal
    /// sessions.
    ///
    /// # Errors
    /// When signing fails, which it cannot with an HMAC key.
    pub fn sign(&self, token: &VerifiedToken, now: DateTime<Utc>) -> Result<String, Error> {
        self.signer.sign(&token.caller, now, token.expires_at - now)
    }

    /// Returns the content of a session, if it is valid at `now`.
    ///
    /// # Errors
    /// When it is not valid.
    pub async fn verify(
        &self,
        session: &str,
        now: DateTime<Utc>,
    ) -> Result<VerifiedToken, InvalidToken> {
        self.verifier.verify(session, now).await
    }
}

impl fmt::Debug for BrowserSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserSessions(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::auth::caller::Caller;

    const SECRET: &str = "a secret of 32 bytes for this test";

    fn sessions(secret: &str) -> BrowserSessions {
        BrowserSessions::new(&secret.parse().unwrap(), Duration::days(1))
    }

    /// A platform token with the same secret, and its content.
    async fn platform_token(now: DateTime<Utc>) -> (String, VerifiedToken, TokenVerifier) {
        let caller = Caller {
            tenant_id: Some(Uuid::from_u128(1)),
            user_id: Some(Uuid::from_u128(2)),
            roles: vec!["ORGANIZER".to_owned()],
        };
        let rules = TokenRules {
            audience: Some(KIND.to_owned()),
            ..TokenRules::default()
        };
        let signer = TokenSigner::new(SECRET, rules.clone());
        let token = signer.sign(&caller, now, Duration::minutes(90)).unwrap();
        let verifier = TokenVerifier::of_secrets(rules, &SECRET.parse().unwrap());
        let content = verifier.verify(&token, now).await.unwrap();
        (token, content, verifier)
    }

    #[tokio::test]
    async fn a_session_has_the_caller_and_the_end_of_its_token_on_every_replica() {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let (_, content, _) = platform_token(now).await;
        let session = sessions(SECRET).sign(&content, now).unwrap();
        let replica = sessions(SECRET);
        let read = replica.verify(&session, now).await.unwrap();
        assert_eq!(read, content);
        let ended = replica.verify(&session, content.expires_at).await;
        assert_eq!(ended, Err(InvalidToken::Expired));
        let other = sessions("another secret of 32 bytes for this test");
        assert!(other.verify(&session, now).await.is_err());
    }

    #[tokio::test]
    async fn neither_kind_of_token_passes_for_the_other_even_with_one_secret() {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let (token, content, verifier) = platform_token(now).await;
        let session = sessions(SECRET).sign(&content, now).unwrap();
        assert!(sessions(SECRET).verify(&token, now).await.is_err());
        assert!(verifier.verify(&session, now).await.is_err());
    }
}
