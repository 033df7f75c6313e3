//! The bodies of the write key endpoints.

use analytics_shared::{
    config::Origin,
    database::write_keys::{
        DEFAULT_FACTS_PER_MINUTE, MAX_FACTS_PER_MINUTE, NewWriteKey, StoredWriteKey,
    },
    problem::Problem,
};
use chrono::{DateTime, Utc};
use poem_openapi::{Object, types::Example};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::examples;

/// The maximum length of a name, in characters.
const MAX_NAME_CHARS: usize = 100;
/// The maximum number of origins of a key.
const MAX_ORIGINS: usize = 20;

/// A write key to create.
#[derive(Debug, Deserialize, Object)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example = true)]
pub struct WriteKeyRequest {
    /// The tenant of the events about which the key sends facts; by default the tenant of the token.
    tenant_id: Option<Uuid>,
    /// A description, for example the site that uses the key.
    #[oai(validator(max_length = 100))]
    name: Option<String>,
    /// The origins of the pages that may use the key, as `https://example.org`. Without any, all may, and so may
    /// senders that are not pages.
    #[oai(validator(max_items = 20))]
    origins: Option<Vec<String>>,
    /// The number of facts per minute that are accepted with the key; by default 60,000.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    facts_per_minute: Option<u32>,
}

impl WriteKeyRequest {
    /// Returns the settings of the key; `own` is the tenant of the token.
    pub fn settings(self, own: Option<Uuid>) -> Result<NewWriteKey, Problem> {
        let tenant_id = self.tenant_id.or(own).ok_or_else(|| {
            Problem::invalid("tenantId", "is required: the token names no tenant")
        })?;
        let name = self.name.unwrap_or_default();
        if name.chars().count() > MAX_NAME_CHARS || name.contains('\0') {
            let message = format!("must be a text of at most {MAX_NAME_CHARS} characters");
            return Err(Problem::invalid("name", message));
        }
        let origins = self.origins.unwrap_or_default();
        if origins.len() > MAX_ORIGINS {
            let message = format!("must be at most {MAX_ORIGINS} origins");
            return Err(Problem::invalid("origins", message));
        }
        for (index, origin) in origins.iter().enumerate() {
            origin
                .parse::<Origin>()
                .map_err(|message| Problem::invalid(format!("origins.{index}"), message))?;
        }
        let facts_per_minute = self.facts_per_minute.unwrap_or(DEFAULT_FACTS_PER_MINUTE);
        if !(1..=MAX_FACTS_PER_MINUTE).contains(&facts_per_minute) {
            let message = format!("must be from 1 to {MAX_FACTS_PER_MINUTE}");
            return Err(Problem::invalid("factsPerMinute", message));
        }
        Ok(NewWriteKey {
            tenant_id,
            name,
            origins,
            facts_per_minute: facts_per_minute.cast_signed(),
        })
    }
}

/// A write key. The key itself is not stored, so that it is returned only when it is created.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none, example)]
pub struct WriteKeyInfo {
    /// The id, with which the key is revoked.
    id: String,
    /// The tenant of the events about which it sends facts.
    tenant_id: Uuid,
    /// The description.
    name: String,
    /// The origins of the pages that may use it; empty for any.
    origins: Vec<String>,
    /// The number of facts per minute that are accepted.
    facts_per_minute: u32,
    /// The time of its creation.
    created_at: DateTime<Utc>,
    /// The time of its revocation.
    revoked_at: Option<DateTime<Utc>>,
}

/// A write key that has just been created.
#[derive(Debug, Object)]
#[oai(example)]
pub struct CreatedWriteKey {
    /// The key, for the parameter `writeKey`. It cannot be retrieved again.
    pub key: String,
    /// Its settings.
    #[oai(flatten)]
    pub settings: WriteKeyInfo,
}

/// Write keys, the newest first, revoked ones included.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct WriteKeyList {
    /// The keys.
    pub write_keys: Vec<WriteKeyInfo>,
}

impl From<StoredWriteKey> for WriteKeyInfo {
    fn from(stored: StoredWriteKey) -> Self {
        Self {
            id: stored.id,
            tenant_id: stored.tenant_id,
            name: stored.name,
            origins: stored.origins,
            facts_per_minute: stored.facts_per_minute.unsigned_abs(),
            created_at: stored.created_at,
            revoked_at: stored.revoked_at,
        }
    }
}

impl Example for WriteKeyRequest {
    fn example() -> Self {
        Self {
            tenant_id: Some(examples::TENANT),
            name: Some("ticket shop".to_owned()),
            origins: Some(vec!["https://tickets.example.org".to_owned()]),
            facts_per_minute: None,
        }
    }
}

impl Example for WriteKeyInfo {
    fn example() -> Self {
        Self {
            id: examples::WRITE_KEY_ID.to_owned(),
            tenant_id: examples::TENANT,
            name: "ticket shop".to_owned(),
            origins: vec!["https://tickets.example.org".to_owned()],
            facts_per_minute: DEFAULT_FACTS_PER_MINUTE,
            created_at: DateTime::UNIX_EPOCH + chrono::Days::new(20_700),
            revoked_at: None,
        }
    }
}

impl Example for CreatedWriteKey {
    fn example() -> Self {
        Self {
            key: format!("awk_{}", "0".repeat(64)),
            settings: WriteKeyInfo::example(),
        }
    }
}

impl Example for WriteKeyList {
    fn example() -> Self {
        Self {
            write_keys: vec![WriteKeyInfo::example()],
        }
    }
}
