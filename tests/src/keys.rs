//! Keys with which an issuer signs tokens.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, jwk::Jwk};
use rsa::{
    RsaPrivateKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};
use serde_json::Value;

/// A key pair of an issuer.
pub struct SigningKey {
    algorithm: Algorithm,
    key: EncodingKey,
    /// The public key, as a PEM file.
    pub public_pem: String,
}

impl SigningKey {
    /// An RSA key of 2,048 bits, for RS256.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn rsa() -> Self {
        Self::rsa_of_bits(2_048)
    }

    /// An RSA key of any length.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn rsa_of_bits(bits: usize) -> Self {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).expect("a key");
        let pem = key.to_pkcs8_pem(LineEnding::LF).expect("a private key");
        let public_key = key.to_public_key();
        Self {
            algorithm: Algorithm::RS256,
            key: EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a private key"),
            public_pem: public_key
                .to_public_key_pem(LineEnding::LF)
                .expect("a public key"),
        }
    }

    /// A key on the curve P-256, for ES256.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn ec() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
        Self {
            algorithm: Algorithm::ES256,
            key: EncodingKey::from_ec_pem(key.serialize_pem().as_bytes()).expect("a private key"),
            public_pem: key.public_key_pem(),
        }
    }

    /// An Ed25519 key, for `EdDSA`.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn ed() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        Self {
            algorithm: Algorithm::EdDSA,
            key: EncodingKey::from_ed_pem(key.serialize_pem().as_bytes()).expect("a private key"),
            public_pem: key.public_key_pem(),
        }
    }

    /// Signs a token, with the id of the key in its header if there is one.
    ///
    /// # Panics
    /// When it cannot be signed.
    #[must_use]
    pub fn sign(&self, key_id: Option<&str>, claims: &Value) -> String {
        let header = Header {
            kid: key_id.map(str::to_owned),
            ..Header::new(self.algorithm)
        };
        jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
    }

    /// The public key as a member of a JWK Set.
    ///
    /// # Panics
    /// When it cannot be converted.
    #[must_use]
    pub fn jwk(&self, key_id: &str) -> Value {
        let pem = self.public_pem.as_bytes();
        let key = match self.algorithm {
            Algorithm::RS256 => DecodingKey::from_rsa_pem(pem),
            Algorithm::ES256 => DecodingKey::from_ec_pem(pem),
            _ => DecodingKey::from_ed_pem(pem),
        };
        let key = key.expect("a public key");
        let mut jwk = Jwk::from_decoding_key(&key, Some(self.algorithm)).expect("a public key");
        jwk.common.key_id = Some(key_id.to_owned());
        serde_json::to_value(jwk).expect("JSON")
    }
}
