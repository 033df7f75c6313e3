//! Access tokens of share links: tokens that the service signs for those who have opened a link.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::errors::Error;
use uuid::Uuid;

use crate::auth::{
    caller::Caller, claims::TokenRules, invalid_token::InvalidToken, session::SessionSecret,
    signer::TokenSigner, token::TokenVerifier,
};

/// The kind of token, and its audience.
const KIND: &str = "analytics-share";
/// The claim with the id of the link.
const SHARE_CLAIM: &str = "shareId";

/// Signs and verifies the access tokens of share links. All replicas with one secret accept the same tokens. Cheap to
/// clone.
#[derive(Clone)]
pub struct ShareTokens {
    signer: Arc<TokenSigner>,
    verifier: TokenVerifier,
}

/// The content of a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareToken {
    /// The tenant of the link.
    pub tenant_id: Uuid,
    /// The link.
    pub share_id: Uuid,
    /// The time from which the token is no longer valid.
    pub expires_at: DateTime<Utc>,
}

impl ShareTokens {
    /// The validity of a token at most.
    pub const MAX_LIFETIME: Duration = Duration::days(1);

    /// Tokens with a key derived from `secret`.
    #[must_use]
    pub fn new(secret: &SessionSecret) -> Self {
        let key = secret.derive(KIND);
        let rules = TokenRules {
            audience: Some(KIND.to_owned()),
            max_lifetime: Self::MAX_LIFETIME,
            user_claim: SHARE_CLAIM.to_owned(),
            ..TokenRules::default()
        };
        Self {
            signer: Arc::new(TokenSigner::new(key.signing(), rules.clone())),
            verifier: TokenVerifier::of_secrets(rules, &key),
        }
    }

    /// Signs the token of a link.
    ///
    /// # Errors
    /// When signing fails, which it cannot with an HMAC key.
    pub fn sign(&self, token: &ShareToken, now: DateTime<Utc>) -> Result<String, Error> {
        let link = Caller {
            tenant_id: Some(token.tenant_id),
            user_id: Some(token.share_id),
            roles: Vec::new(),
        };
        self.signer.sign(&link, now, token.expires_at - now)
    }

    /// Returns the content of a token, if it is valid at `now`; `None` if it is no token of a link.
    ///
    /// # Errors
    /// When it has expired.
    pub async fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<ShareToken>, InvalidToken> {
        let verified = match self.verifier.verify(token, now).await {
            Ok(verified) => verified,
            Err(InvalidToken::Expired) => return Err(InvalidToken::Expired),
            Err(_) => return Ok(None),
        };
        let ids = Option::zip(verified.caller.tenant_id, verified.caller.user_id);
        Ok(ids.map(|(tenant_id, share_id)| ShareToken {
            tenant_id,
            share_id,
            expires_at: verified.expires_at,
        }))
    }
}

impl fmt::Debug for ShareTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareTokens(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::session::BrowserSessions;

    const SECRET: &str = "a secret of 32 bytes for this test";

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    fn token() -> ShareToken {
        ShareToken {
            tenant_id: Uuid::from_u128(1),
            share_id: Uuid::from_u128(2),
            expires_at: now() + Duration::hours(2),
        }
    }

    #[tokio::test]
    async fn a_token_has_its_link_until_its_end_on_every_replica() {
        let tokens = || ShareTokens::new(&SECRET.parse().unwrap());
        let signed = tokens().sign(&token(), now()).unwrap();
        assert_eq!(tokens().verify(&signed, now()).await, Ok(Some(token())));
        let ended = tokens().verify(&signed, token().expires_at).await;
        assert_eq!(ended, Err(InvalidToken::Expired));
        let other = "another secret of 32 bytes for this test".parse().unwrap();
        assert_eq!(
            ShareTokens::new(&other).verify(&signed, now()).await,
            Ok(None)
        );
    }

    #[tokio::test]
    async fn no_other_kind_of_token_passes_for_one_of_a_link_and_none_of_a_link_for_another() {
        let secret = SECRET.parse().unwrap();
        let (tokens, sessions) = (
            ShareTokens::new(&secret),
            BrowserSessions::new(&secret, Duration::days(1)),
        );
        let signed = tokens.sign(&token(), now()).unwrap();
        assert!(sessions.verify(&signed, now()).await.is_err());
        let rules = TokenRules {
            audience: Some(KIND.to_owned()),
            user_claim: SHARE_CLAIM.to_owned(),
            ..TokenRules::default()
        };
        let verifier = TokenVerifier::of_secrets(rules.clone(), &SECRET.parse().unwrap());
        assert!(verifier.verify(&signed, now()).await.is_err());
        let caller = Caller {
            tenant_id: Some(Uuid::from_u128(1)),
            user_id: Some(Uuid::from_u128(2)),
            roles: vec!["ADMIN".to_owned()],
        };
        let of_platform = TokenSigner::new(SECRET, rules);
        let of_platform = of_platform
            .sign(&caller, now(), Duration::hours(1))
            .unwrap();
        assert_eq!(tokens.verify(&of_platform, now()).await, Ok(None));
        let content = verifier.verify(&of_platform, now()).await.unwrap();
        let session = sessions.sign(&content, now()).unwrap();
        assert_eq!(tokens.verify(&session, now()).await, Ok(None));
    }
}
