//! Signing tokens for development and tests.

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, errors::Error};
use serde_json::{Map, Value, json};

use super::{caller::Caller, claims::TokenRules};

/// Signs tokens (HS256) that satisfy the rules of the service.
pub struct TokenSigner {
    key: EncodingKey,
    rules: TokenRules,
}

impl TokenSigner {
    /// A signer with a shared secret.
    #[must_use]
    pub fn new(secret: &str, rules: TokenRules) -> Self {
        Self {
            key: EncodingKey::from_secret(secret.as_bytes()),
            rules,
        }
    }

    /// Signs a token for `caller` that is valid for `lifetime` from `now`.
    ///
    /// # Errors
    /// When signing fails, which it cannot with an HMAC key.
    pub fn sign(
        &self,
        caller: &Caller,
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Result<String, Error> {
        let rules = &self.rules;
        let mut claims = Map::from_iter([
            ("exp".to_owned(), json!((now + lifetime).timestamp())),
            (rules.roles_claim.clone(), json!(caller.roles)),
        ]);
        let optional = [
            ("sub", caller.user_id.map(|user| json!(user))),
            (
                rules.user_claim.as_str(),
                caller.user_id.map(|user| json!(user)),
            ),
            (
                rules.tenant_claim.as_str(),
                caller.tenant_id.map(|tenant| json!(tenant)),
            ),
            ("aud", rules.audience.clone().map(Value::from)),
            ("iss", rules.issuer.clone().map(Value::from)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                claims.insert(name.to_owned(), value);
            }
        }
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key)
    }
}
