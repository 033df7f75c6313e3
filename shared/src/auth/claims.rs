//! The claims of a token, by configured names, and the rules that they must satisfy.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{caller::Caller, invalid_token::InvalidToken};

/// The tolerance for the clock of an issuer that is ahead of this one.
const CLOCK_SKEW: Duration = Duration::seconds(30);
/// The claims by which issuers mark refresh tokens, which are not for APIs.
const TYPE_CLAIMS: [&str; 4] = ["type", "typ", "token_use", "token_type"];

/// The rules of claims.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// The value that `aud` must contain; without one, tokens for an audience are not for this service.
    pub audience: Option<String>,
    /// The value of `iss`, which is not checked without one.
    pub issuer: Option<String>,
    /// The maximum time until `exp`.
    pub max_lifetime: Duration,
    /// The claim with the tenant.
    pub tenant_claim: String,
    /// The claim with the user.
    pub user_claim: String,
    /// The claim with the names of the roles.
    pub roles_claim: String,
}

impl Default for TokenRules {
    /// The rules without configuration.
    fn default() -> Self {
        Self {
            audience: None,
            issuer: None,
            max_lifetime: Duration::days(1),
            tenant_claim: "tenantId".to_owned(),
            user_claim: "userId".to_owned(),
            roles_claim: "roles".to_owned(),
        }
    }
}

/// The content of a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    /// The caller.
    pub caller: Caller,
    /// The time from which the token is no longer valid.
    pub expires_at: DateTime<Utc>,
    not_before: Option<DateTime<Utc>>,
}

impl VerifiedToken {
    /// The content of a token that has been verified by other rules.
    pub(super) fn new(caller: Caller, expires_at: DateTime<Utc>) -> Self {
        Self {
            caller,
            expires_at,
            not_before: None,
        }
    }
}

/// The claims of a token. A repeated name is an error: two programs could read different values.
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// Returns the content of the token. Its times are checked by [`TokenRules::check_times`].
    pub fn verified(&self, rules: &TokenRules) -> Result<VerifiedToken, InvalidToken> {
        if TYPE_CLAIMS.into_iter().any(|name| self.is_refresh(name)) {
            return Err(InvalidToken::RefreshToken);
        }
        // The library accepts a malformed audience if none is configured.
        if rules.audience.is_none() && self.get("aud").is_some() {
            return Err(InvalidToken::Claim("aud".to_owned()));
        }
        let names = match self.get(&rules.roles_claim) {
            None => Some(Vec::new()),
            Some(names) => Vec::deserialize(names).ok(),
        };
        Ok(VerifiedToken {
            caller: Caller {
                tenant_id: self.id(&rules.tenant_claim)?,
                user_id: self.id(&rules.user_claim)?,
                roles: names.ok_or_else(|| InvalidToken::Claim(rules.roles_claim.clone()))?,
            },
            expires_at: (self.time("exp")?).ok_or_else(|| InvalidToken::Claim("exp".to_owned()))?,
            not_before: self.time("nbf")?,
        })
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn is_refresh(&self, name: &str) -> bool {
        self.get(name)
            .and_then(Value::as_str)
            .is_some_and(is_refresh)
    }

    fn id(&self, name: &str) -> Result<Option<Uuid>, InvalidToken> {
        let id = self.get(name).map(Uuid::deserialize).transpose();
        id.map_err(|_| InvalidToken::Claim(name.to_owned()))
    }

    /// The time of a claim, a `NumericDate`: seconds, with or without a fraction (RFC 7519, section 2).
    fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, InvalidToken> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value
            .as_f64()
            .and_then(numeric_date)
            .map(Some)
            .ok_or_else(|| InvalidToken::Claim(name.to_owned()))
    }
}

/// Returns a time in seconds, to the millisecond. `None` outside the calendar.
fn numeric_date(seconds: f64) -> Option<DateTime<Utc>> {
    // A number that is too large becomes the largest integer, which is no time.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let milliseconds = (seconds * 1_000.0).round() as i64;
    DateTime::from_timestamp_millis(milliseconds)
}

/// Returns whether a type of token, as a claim or in the header, is that of refresh tokens.
pub(super) fn is_refresh(token_type: &str) -> bool {
    token_type.to_ascii_lowercase().starts_with("refresh")
}

impl TokenRules {
    /// Checks that a token is valid at `now`, and not for too long.
    pub(super) fn check_times(
        &self,
        token: &VerifiedToken,
        now: DateTime<Utc>,
    ) -> Result<(), InvalidToken> {
        if token.expires_at <= now {
            return Err(InvalidToken::Expired);
        }
        if token.not_before.is_some_and(|time| time > now + CLOCK_SKEW) {
            return Err(InvalidToken::NotYetValid);
        }
        if token.expires_at - now > self.max_lifetime + CLOCK_SKEW {
            return Err(InvalidToken::TooLong(self.max_lifetime.num_seconds()));
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UniqueNames;

        impl<'de> Visitor<'de> for UniqueNames {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim is repeated"));
                    }
                }
                Ok(Claims(claims))
            }
        }

        deserializer.deserialize_map(UniqueNames)
    }
}
