//! `analytics-migration write-key`: creates, lists and revokes the write keys of event pages.

use analytics_migration::maintenance::{Session, table};
use analytics_shared::{
    auth::{KeyKind, RandomKey},
    config::Origin,
    database::write_keys::{
        self, DEFAULT_FACTS_PER_MINUTE, MAX_FACTS_PER_MINUTE, MAX_TENANT_KEYS, NewWriteKey,
    },
};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::{Subcommand, value_parser};
use uuid::Uuid;

/// The commands of write keys. Changes take effect within 10 seconds on all replicas of ingest.
#[derive(Subcommand)]
pub enum WriteKeyCommand {
    /// Create a key and print it. It cannot be printed again.
    Create {
        /// The tenant (organization) of the events about which the key sends facts.
        #[arg(long)]
        tenant: Uuid,
        /// Origins of the pages that may use the key, as `https://example.org`, separated by commas. By
        /// default all may.
        #[arg(long, value_name = "ORIGINS", value_delimiter = ',')]
        origins: Vec<Origin>,
        /// A description, for example the site that uses the key.
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
        /// Number of facts per minute that are accepted with the key.
        #[arg(long, default_value_t = DEFAULT_FACTS_PER_MINUTE,
              value_parser = value_parser!(u32).range(1..=i64::from(MAX_FACTS_PER_MINUTE)))]
        facts_per_minute: u32,
    },
    /// List the keys, the newest first, revoked ones included.
    List {
        /// Only the keys of this tenant.
        #[arg(long)]
        tenant: Option<Uuid>,
    },
    /// Revoke a key.
    Revoke {
        /// The id of the key, as `list` prints it.
        id: String,
    },
}

/// Runs `command`.
pub async fn run(session: &Session, command: WriteKeyCommand) -> anyhow::Result<()> {
    match command {
        WriteKeyCommand::Create {
            tenant,
            origins,
            name,
            facts_per_minute,
        } => {
            let origins = origins.iter().map(|origin| origin.as_str().to_owned());
            let settings = NewWriteKey {
                tenant_id: tenant,
                name,
                origins: origins.collect(),
                facts_per_minute: facts_per_minute.cast_signed(),
            };
            create(session, settings).await
        }
        WriteKeyCommand::List { tenant } => list(session, tenant).await,
        WriteKeyCommand::Revoke { id } => revoke(session, &id).await,
    }
}

async fn create(session: &Session, settings: NewWriteKey) -> anyhow::Result<()> {
    let key = RandomKey::generate(KeyKind::WriteKey);
    let created = write_keys::create(session.database(), &key, settings).await;
    let Some(created) = created.context("the key is not created")? else {
        bail!(
            "there are too many active keys, at most {MAX_TENANT_KEYS} of a tenant: revoke one with \
             `analytics-migration write-key revoke ID`"
        );
    };
    table::line(&format!("id   {}", created.id));
    table::line(&format!("key  {}", key.expose()));
    Ok(())
}

async fn list(session: &Session, tenant: Option<Uuid>) -> anyhow::Result<()> {
    let keys = write_keys::list(session.database(), tenant).await;
    let minute = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M").to_string();
    let rows = keys
        .context("cannot list the keys")?
        .into_iter()
        .map(|key| {
            [
                key.id,
                key.tenant_id.to_string(),
                key.name,
                key.origins.join(" "),
                minute(key.created_at),
                key.revoked_at.map(minute).unwrap_or_default(),
                key.facts_per_minute.to_string(),
            ]
        });
    let header = [
        "id",
        "tenant",
        "name",
        "origins",
        "created",
        "revoked",
        "facts per minute",
    ];
    table::print(header, 1, rows);
    Ok(())
}

async fn revoke(session: &Session, id: &str) -> anyhow::Result<()> {
    let revoked = write_keys::revoke(session.database(), id).await;
    if !revoked.context("the key is not revoked")? {
        bail!("there is no write key {id}; `analytics-migration write-key list` lists all");
    }
    table::line(&format!("{id} is revoked"));
    Ok(())
}
