//! The keys that verify tokens, each pinned to its algorithms.

use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use thiserror::Error;

use super::{
    claims::{Claims, TokenRules, VerifiedToken},
    invalid_token::InvalidToken,
};

/// The algorithms of a shared secret.
const HMAC: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
/// The minimum length of a secret in bytes: that of the hash of HS256 (RFC 7518, section 3.2).
pub(super) const MIN_SECRET_LENGTH: usize = 32;
/// The number of base64url digits of the shortest RSA modulus, 2,048 bits (RFC 7518, section 3.3).
const MIN_MODULUS_DIGITS: usize = 342;

/// A key that verifies tokens.
#[derive(Clone)]
pub(super) struct VerificationKey {
    /// The id of the key in a JWK Set. A key of the configuration has none, and may verify any token.
    pub id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// The reason why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnusableKey {
    /// A secret is too short.
    #[error("has a secret of {0} bytes; at least {MIN_SECRET_LENGTH} are required")]
    ShortSecret(usize),
    /// There is no PEM block.
    #[error("contains no PEM block")]
    NoPem,
    /// A private key, which this service must not have.
    #[error("contains a private key; only the public key belongs here")]
    Private,
    /// Another kind of key.
    #[error("contains a key that is none of RSA (at least 2,048 bits), EC P-256 and Ed25519")]
    Unsupported,
    /// A symmetric key in a JWK Set: every reader of the set could sign.
    #[error("is symmetric")]
    Symmetric,
    /// A key for another purpose or algorithm.
    #[error("is for another use or algorithm")]
    OtherUse,
}

impl VerificationKey {
    /// A shared secret.
    pub fn from_secret(secret: &str) -> Result<Self, UnusableKey> {
        if secret.len() < MIN_SECRET_LENGTH {
            return Err(UnusableKey::ShortSecret(secret.len()));
        }
        Ok(Self::from_long_secret(secret))
    }

    /// A shared secret that is known to be long enough.
    pub fn from_long_secret(secret: &str) -> Self {
        Self {
            id: None,
            algorithms: HMAC.to_vec(),
            key: DecodingKey::from_secret(secret.as_bytes()),
        }
    }

    /// The public keys of a PEM file.
    pub fn from_pem(text: &str) -> Result<Vec<Self>, UnusableKey> {
        let blocks = pem::parse_many(text).map_err(|_| UnusableKey::NoPem)?;
        if blocks.is_empty() {
            return Err(UnusableKey::NoPem);
        }
        let keys = blocks.iter().map(|block| {
            match block.tag() {
                "PUBLIC KEY" | "RSA PUBLIC KEY" => {}
                tag if tag.contains("PRIVATE") => return Err(UnusableKey::Private),
                _ => return Err(UnusableKey::Unsupported),
            }
            let text = pem::encode(block);
            let parsers = [
                DecodingKey::from_ec_pem,
                DecodingKey::from_ed_pem,
                DecodingKey::from_rsa_pem,
            ];
            let key = parsers.iter().find_map(|parse| parse(text.as_bytes()).ok());
            let jwk = key.and_then(|key| Jwk::from_decoding_key(&key, None).ok());
            Self::from_jwk(&jwk.ok_or(UnusableKey::Unsupported)?)
        });
        keys.collect()
    }

    /// A key of a JWK Set (RFC 7517).
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, UnusableKey> {
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::OctetKey(_) => return Err(UnusableKey::Symmetric),
            AlgorithmParameters::RSA(key) if key.n.len() >= MIN_MODULUS_DIGITS => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                Algorithm::ES256
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                Algorithm::EdDSA
            }
            _ => return Err(UnusableKey::Unsupported),
        };
        let common = &jwk.common;
        let is_use =
            (common.public_key_use.as_ref()).is_none_or(|it| *it == PublicKeyUse::Signature);
        let operations = common.key_operations.as_ref();
        let is_operation = operations.is_none_or(|it| it.contains(&KeyOperations::Verify));
        let is_algorithm =
            (common.key_algorithm).is_none_or(|it| it == KeyAlgorithm::from(algorithm));
        if !(is_use && is_operation && is_algorithm) {
            return Err(UnusableKey::OtherUse);
        }
        Ok(Self {
            id: common.key_id.clone(),
            algorithms: vec![algorithm],
            key: DecodingKey::from_jwk(jwk).map_err(|_| UnusableKey::Unsupported)?,
        })
    }

    /// Returns whether the key may verify a token with this header.
    fn fits(&self, header: &Header) -> bool {
        let is_named = match (&self.id, &header.kid) {
            (Some(id), Some(named)) => id == named,
            _ => true,
        };
        is_named && self.algorithms.contains(&header.alg)
    }

    fn verify(&self, token: &str, rules: &TokenRules) -> Result<VerifiedToken, InvalidToken> {
        let mut validation = Validation::new(self.algorithms[0]);
        validation.algorithms.clone_from(&self.algorithms);
        // The library would read the system clock; the rules compare with a parameter.
        validation.validate_exp = false;
        if let Some(audience) = &rules.audience {
            validation.set_audience(&[audience]);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        if let Some(issuer) = &rules.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        let decoded = jsonwebtoken::decode::<Claims>(token, &self.key, &validation);
        decoded
            .map_err(InvalidToken::Malformed)?
            .claims
            .verified(rules)
    }
}

/// Verifies the signature and the claims of a token with those keys that its header permits.
pub(super) fn verify(
    keys: &[VerificationKey],
    token: &str,
    header: &Header,
    rules: &TokenRules,
) -> Result<VerifiedToken, InvalidToken> {
    let mut result = Err(InvalidToken::UnknownKey);
    for key in keys.iter().filter(|key| key.fits(header)) {
        result = key.verify(token, rules);
        let is_of_another_key = matches!(&result, Err(InvalidToken::Malformed(error))
            if matches!(error.kind(), ErrorKind::InvalidSignature));
        if !is_of_another_key {
            break;
        }
    }
    result
}
