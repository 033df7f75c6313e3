use jsonwebtoken::{EncodingKey, errors::ErrorKind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::auth::{caller::Caller, signer::TokenSigner};

const SECRET: &str = "a secret of 32 bytes for the tests";
const FORMER: &str = "the former secret with its 32 bytes";

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn verifier(rules: TokenRules) -> TokenVerifier {
    let secrets = format!("{SECRET},{FORMER}").parse().unwrap();
    TokenVerifier::start(rules, Some(&secrets), None, None).unwrap()
}

fn signed(header: &Header, claims: &Value, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

/// The claims of a valid token, with those of `other` instead of or beside them.
fn claims(other: &Value) -> Value {
    let mut claims = json!({"exp": now().timestamp() + 60, "tenantId": Uuid::nil(), "roles": []});
    let other = other.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(other);
    claims
}

async fn verify(claims_or: Value) -> Result<Caller, InvalidToken> {
    verify_by(TokenRules::default(), claims_or).await
}

async fn verify_by(rules: TokenRules, other: Value) -> Result<Caller, InvalidToken> {
    let token = signed(&Header::default(), &claims(&other), SECRET);
    let verified = verifier(rules).verify(&token, now()).await;
    verified.map(|token| token.caller)
}

fn claim(name: &str) -> InvalidToken {
    InvalidToken::Claim(name.to_owned())
}

#[tokio::test]
async fn a_token_is_valid_from_nbf_to_exp_also_when_it_is_cached() {
    let start = now().timestamp();
    let times = json!({"nbf": start + 100, "exp": start + 200});
    let token = signed(&Header::default(), &claims(&times), SECRET);
    let verifier = verifier(TokenRules::default());
    let seconds = chrono::Duration::seconds;
    for _ in 0..2 {
        for (after, expected) in [
            (0, Err(InvalidToken::NotYetValid)),
            (69, Err(InvalidToken::NotYetValid)),
            // The clock of the issuer may be 30 seconds ahead.
            (70, Ok(())),
            (199, Ok(())),
            (200, Err(InvalidToken::Expired)),
        ] {
            let outcome = verifier.verify(&token, now() + seconds(after)).await;
            assert_eq!(outcome.map(drop), expected, "{after}");
        }
    }
}

#[tokio::test]
async fn exp_is_required_and_bounded() {
    let start = now().timestamp();
    // The clock of the issuer may be 30 seconds ahead.
    assert_eq!(
        verify(json!({"exp": start + 86_430})).await.map(drop),
        Ok(())
    );
    let too_long = Err(InvalidToken::TooLong(86_400));
    assert_eq!(
        verify(json!({"exp": start + 86_431})).await.map(drop),
        too_long
    );
    for exp in [
        json!(null),
        json!("9999999999"),
        json!(9e9),
        json!(1_u64 << 62),
        json!(-1),
    ] {
        assert!(verify(json!({"exp": exp})).await.is_err(), "{exp}");
    }
}

#[tokio::test]
async fn a_time_is_a_number_of_seconds_with_or_without_a_fraction() {
    let start = now().timestamp();
    for (times, expected) in [
        (format!(r#"{{"exp": {start}.5}}"#), Ok(())),
        (
            format!(r#"{{"exp": {start}.0}}"#),
            Err(InvalidToken::Expired),
        ),
        (format!(r#"{{"exp": {}e1}}"#, (start + 100) / 10), Ok(())),
        (
            format!(r#"{{"exp": {}, "nbf": {}.25}}"#, start + 200, start + 100),
            Err(InvalidToken::NotYetValid),
        ),
        (
            format!(r#"{{"exp": {}, "nbf": -1.5}}"#, start + 200),
            Ok(()),
        ),
    ] {
        let times = serde_json::from_str(&times).unwrap();
        assert_eq!(verify(times).await.map(drop), expected);
    }
}

#[tokio::test]
async fn audience_and_issuer_are_those_of_the_configuration() {
    let expected = || TokenRules {
        audience: Some("analytics".to_owned()),
        issuer: Some("https://issuer.example".to_owned()),
        ..TokenRules::default()
    };
    for (other, is_valid) in [
        (
            json!({"aud": "analytics", "iss": "https://issuer.example"}),
            true,
        ),
        (
            json!({"aud": ["shop", "analytics"], "iss": "https://issuer.example"}),
            true,
        ),
        (
            json!({"aud": "shop", "iss": "https://issuer.example"}),
            false,
        ),
        (
            json!({"aud": "analytics", "iss": "https://other.example"}),
            false,
        ),
        (json!({"aud": "analytics"}), false),
        (json!({"iss": "https://issuer.example"}), false),
        (json!({"aud": 7, "iss": "https://issuer.example"}), false),
    ] {
        let verified = verify_by(expected(), other.clone()).await;
        assert_eq!(verified.is_ok(), is_valid, "{other}");
    }
    // A token for an audience is for no one else (RFC 7519, section 4.1.3).
    for audience in [json!("shop"), json!(["shop"]), json!([]), json!(7)] {
        assert!(
            verify(json!({"aud": audience})).await.is_err(),
            "{audience}"
        );
    }
}

#[tokio::test]
async fn refresh_tokens_are_refused_by_each_of_their_marks() {
    for mark in ["type", "typ", "token_use", "token_type"] {
        for value in ["refresh", "Refresh", "refresh_token"] {
            let refused = verify(json!({mark: value})).await;
            assert_eq!(refused, Err(InvalidToken::RefreshToken), "{mark}: {value}");
        }
        assert!(verify(json!({mark: "access"})).await.is_ok());
    }
    let header = Header {
        typ: Some("refresh+jwt".to_owned()),
        ..Header::default()
    };
    let token = signed(&header, &claims(&json!({})), SECRET);
    let refused = verifier(TokenRules::default()).verify(&token, now()).await;
    assert_eq!(refused, Err(InvalidToken::RefreshToken));
}

#[tokio::test]
async fn a_header_that_requires_an_extension_is_refused() {
    let mut unencoded = Header::default();
    unencoded.extras.insert("b64", false);
    let critical = Header {
        crit: Some(vec!["exp".to_owned()]),
        ..Header::default()
    };
    for header in [unencoded, critical] {
        let token = signed(&header, &claims(&json!({})), SECRET);
        let refused = verifier(TokenRules::default()).verify(&token, now()).await;
        assert_eq!(refused, Err(InvalidToken::Extension));
    }
}

#[tokio::test]
async fn every_secret_verifies_with_three_algorithms_and_no_other() {
    let verifier = verifier(TokenRules::default());
    for secret in [SECRET, FORMER] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let token = signed(&Header::new(algorithm), &claims(&json!({})), secret);
            assert!(
                verifier.verify(&token, now()).await.is_ok(),
                "{algorithm:?}"
            );
        }
    }
    let foreign = signed(&Header::default(), &claims(&json!({})), "another secret");
    let refused = verifier.verify(&foreign, now()).await;
    assert!(matches!(refused, Err(InvalidToken::Malformed(error))
        if *error.kind() == ErrorKind::InvalidSignature));
    let token = signed(&Header::default(), &claims(&json!({})), SECRET);
    let payload = token.split('.').nth(1).unwrap();
    // {"alg":"none"}, {"alg":"RS256"}
    for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJSUzI1NiJ9"] {
        for signature in ["", "AAAA"] {
            let forged = format!("{header}.{payload}.{signature}");
            assert!(verifier.verify(&forged, now()).await.is_err(), "{forged}");
        }
    }
}

#[tokio::test]
async fn claims_have_configured_names_and_their_types() {
    let rules = TokenRules {
        tenant_claim: "https://example.org/tenant".to_owned(),
        user_claim: "sub".to_owned(),
        roles_claim: "groups".to_owned(),
        ..TokenRules::default()
    };
    let (tenant, user) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let named = json!({"https://example.org/tenant": tenant, "sub": user, "groups": ["ADMIN"]});
    let caller = verify_by(rules.clone(), named).await.unwrap();
    assert_eq!(
        (caller.tenant_id, caller.user_id),
        (Some(tenant), Some(user))
    );
    assert_eq!(caller.roles, ["ADMIN"]);
    // The default names mean nothing then.
    let other = verify_by(rules, json!({"tenantId": tenant, "roles": ["ADMIN"]}))
        .await
        .unwrap();
    assert_eq!((other.tenant_id, other.roles.len()), (None, 0));
    for (malformed, name) in [
        (json!({"tenantId": "7"}), "tenantId"),
        (json!({"userId": 7}), "userId"),
        (json!({"roles": "ADMIN"}), "roles"),
        (json!({"roles": [7]}), "roles"),
        (json!({"nbf": "tomorrow"}), "nbf"),
    ] {
        assert_eq!(verify(malformed).await, Err(claim(name)));
    }
}

#[tokio::test]
async fn a_repeated_claim_is_refused() {
    let text = r#"{"exp": 1795435260, "tenantId": null, "tenantId": "00000000-0000-4000-8000-000000000001"}"#;
    let parsed = serde_json::from_str::<claims::Claims>(text);
    assert!(parsed.err().unwrap().to_string().contains("repeated"));
}

#[tokio::test]
async fn a_signed_token_satisfies_the_rules() {
    let rules = TokenRules {
        audience: Some("analytics".to_owned()),
        issuer: Some("issuer".to_owned()),
        user_claim: "sub".to_owned(),
        ..TokenRules::default()
    };
    let caller = Caller {
        tenant_id: Some(Uuid::from_u128(1)),
        user_id: Some(Uuid::from_u128(2)),
        roles: vec!["ADMIN".to_owned()],
    };
    let lifetime = chrono::Duration::hours(1);
    let signer = TokenSigner::new(SECRET, rules.clone());
    let token = signer.sign(&caller, now(), lifetime).unwrap();
    let verified = verifier(rules).verify(&token, now()).await.unwrap();
    assert_eq!(verified.caller, caller);
    assert_eq!(verified.expires_at, now() + lifetime);
}
