//! Creating, opening and revoking links, and verifying the tokens that they are exchanged for.

use std::fmt;

use analytics_shared::{
    auth::{
        KeyHash, KeyKind, RandomKey, Section, ShareToken, ShareTokens, SharedAccess, SharedView,
        VerifyShareToken,
    },
    http::ClientNetwork,
    problem::Problem,
};
use chrono::{DateTime, Duration, Utc};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::{attempts::PasswordAttempts, error::SharingError, password::PasswordHasher};
use crate::store::{NewSharedLink, SharedLinkStore, StoreError, StoredSharedLink};

/// The share links of all tenants.
#[derive(Clone)]
pub struct SharedLinks {
    store: SharedLinkStore,
    tokens: ShareTokens,
    passwords: PasswordHasher,
    attempts: PasswordAttempts,
}

/// A link to create.
pub struct NewLink {
    pub tenant_id: Uuid,
    pub event_id: Uuid,
    pub name: String,
    pub sections: Vec<Section>,
    pub shows_revenue: bool,
    pub password: Option<String>,
    pub created_by: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
}

/// The access token of an opened link.
pub struct OpenedLink {
    pub access_token: String,
    pub expires_at: DateTime<Utc>,
}

impl SharedLinks {
    /// The links in `store`, with access tokens of `tokens`.
    pub fn new(store: SharedLinkStore, tokens: ShareTokens) -> Self {
        Self {
            store,
            tokens,
            passwords: PasswordHasher::default(),
            attempts: PasswordAttempts::default(),
        }
    }

    /// Creates a link; returns its secret, which is not stored, and the rest.
    ///
    /// # Errors
    /// Fails if there are too many links or passwords, if links can be read only, or if the database fails.
    pub async fn create(
        &self,
        link: NewLink,
    ) -> Result<(RandomKey, StoredSharedLink), SharingError> {
        self.store.ensure_writable()?;
        let password_hash = match link.password {
            Some(password) => Some(self.passwords.hash(link.tenant_id, password).await?),
            None => None,
        };
        let secret = RandomKey::generate(KeyKind::ShareLink);
        let sections = link.sections.into_iter();
        let stored = self.store.create(NewSharedLink {
            tenant_id: link.tenant_id,
            event_id: link.event_id,
            secret_hash: KeyHash::of(secret.expose()).bytes().to_vec(),
            name: link.name,
            sections: sections.map(|section| section.name().to_owned()).collect(),
            shows_revenue: link.shows_revenue,
            password_hash,
            created_by: link.created_by,
            expires_at: link.expires_at,
        });
        let stored = stored.await?.ok_or(SharingError::TooManyLinks)?;
        Ok((secret, stored))
    }

    /// Returns the links of an event: the valid ones first, then the last of the others.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn of_event(
        &self,
        tenant_id: Uuid,
        event_id: Uuid,
    ) -> Result<Vec<StoredSharedLink>, SharingError> {
        Ok(self.store.of_event(tenant_id, event_id).await?)
    }

    /// Revokes a link of an event; returns whether it exists.
    ///
    /// # Errors
    /// Fails if links can be read only, or if the database fails.
    pub async fn revoke(
        &self,
        tenant_id: Uuid,
        event_id: Uuid,
        share_id: Uuid,
    ) -> Result<bool, SharingError> {
        Ok(self.store.revoke(tenant_id, event_id, share_id).await?)
    }

    /// Exchanges the secret of a link, and its password if it has one, for an access token. A link that does not
    /// exist, one that has expired and one that is revoked are looked up by the same statement, and no password of
    /// them is asked for or verified.
    ///
    /// # Errors
    /// Fails if the link is not valid, if the password is missing or wrong, if there were too many attempts, or if the
    /// database fails.
    pub async fn open(
        &self,
        secret: &str,
        password: Option<String>,
        client: ClientNetwork,
        now: DateTime<Utc>,
    ) -> Result<OpenedLink, SharingError> {
        let link = self
            .store
            .find_by_secret(KeyHash::of(secret).bytes())
            .await?;
        let link = link.filter(|link| link.is_valid(now));
        let link = link.ok_or(SharingError::InvalidLink)?;
        if let Some(hash) = link.password_hash.clone() {
            let password = password.ok_or(SharingError::PasswordRequired)?;
            let attempt = self.attempts.begin(link.share_id, client);
            let attempt = attempt.ok_or(SharingError::TooManyAttempts)?;
            let is_right = self.passwords.verify(link.tenant_id, password, hash).await;
            if !matches!(is_right, Ok(false)) {
                attempt.withdraw();
            }
            if !is_right? {
                return Err(SharingError::WrongPassword);
            }
        }
        // The link is looked up with each request, so that the token needs no shorter life.
        let expires_at = link.expires_at.min(now + ShareTokens::MAX_LIFETIME);
        let token = ShareToken {
            tenant_id: link.tenant_id,
            share_id: link.share_id,
            expires_at,
        };
        let access_token = self
            .tokens
            .sign(&token, now)
            .map_err(|_| SharingError::Signing)?;
        self.record_use(&link, now).await;
        Ok(OpenedLink {
            access_token,
            expires_at,
        })
    }

    /// Returns what a link shows; `None` if it is no longer valid.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn view(
        &self,
        tenant_id: Uuid,
        share_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<SharedView>, SharingError> {
        let link = self.store.find(tenant_id, share_id).await?;
        let Some(link) = link.filter(|link| link.is_valid(now)) else {
            return Ok(None);
        };
        self.record_use(&link, now).await;
        let sections = link.sections.iter().map(|name| Section::named(name));
        let sections = sections.collect::<Option<_>>();
        Ok(Some(SharedView {
            share_id,
            tenant_id,
            event_id: link.event_id,
            sections: sections.ok_or(StoreError::UnexpectedRow("an unknown section"))?,
            shows_revenue: link.shows_revenue,
        }))
    }

    /// Records that a link is used, unless it was recorded within the last minute. Reading does not depend on it.
    async fn record_use(&self, link: &StoredSharedLink, now: DateTime<Utc>) {
        let is_recorded = |at: DateTime<Utc>| now - at < Duration::minutes(1);
        if link.last_used_at.is_some_and(is_recorded) {
            return;
        }
        let recorded = self.store.record_use(link.tenant_id, link.share_id).await;
        if let Err(error) = recorded {
            tracing::warn!(%error, "the use of a share link is not recorded");
        }
    }
}

impl fmt::Debug for SharedLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedLinks(hidden)")
    }
}

impl VerifyShareToken for SharedLinks {
    fn verify<'a>(
        &'a self,
        token: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<SharedAccess>, Problem>> {
        Box::pin(async move {
            let Some(token) = self.tokens.verify(token, now).await? else {
                return Ok(None);
            };
            let view = self.view(token.tenant_id, token.share_id, now).await?;
            Ok(Some(SharedAccess {
                view: view.ok_or(SharingError::LinkEnded)?,
                expires_at: token.expires_at,
            }))
        })
    }
}
