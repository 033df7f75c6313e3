//! Condensing the parts of visitor sets: a batch appends small ones, the merger unites them.

use std::collections::BTreeMap;

use analytics_shared::visitor_set::{CorruptVisitorSet, VisitorSet};
use chrono::NaiveDate;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement,
    TransactionTrait, raw_sql,
};
use uuid::Uuid;

use super::{Store, StoreError};

const TAKE_PARTS: &str = include_str!("take_parts.sql");
/// Fresh parts that one transaction condenses at most.
pub const PARTS_AT_ONCE: i64 = 5_000;

/// What a visitor set is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    tenant_id: Uuid,
    event_id: Uuid,
    day: NaiveDate,
    event_type: String,
    source: String,
    ticket_type: String,
}

/// Some of the visitors of a set, as ordinals or as a bitmap.
#[derive(FromQueryResult)]
pub(super) struct Part {
    tenant_id: Uuid,
    event_id: Uuid,
    day: NaiveDate,
    event_type: String,
    source: String,
    ticket_type: String,
    ordinals: Option<Vec<i64>>,
    bitmap: Option<Vec<u8>>,
}

impl Store {
    /// Condenses the oldest fresh parts, unless another replica is at it. Returns how many parts
    /// it took.
    ///
    /// The caller may not drop the future: a transaction would stay open.
    ///
    /// # Errors
    /// When nothing was changed.
    pub async fn merge_parts(&self) -> Result<usize, StoreError> {
        let transaction = self.database.begin().await?;
        let mut taken = 0;
        if is_ours_alone(&transaction).await? {
            let statement = Statement::from_sql_and_values(
                DbBackend::Postgres,
                TAKE_PARTS,
                [PARTS_AT_ONCE.into()],
            );
            let parts = Part::find_by_statement(statement).all(&transaction).await?;
            taken = parts.len();
            put_back(&transaction, parts).await?;
        }
        transaction.commit().await?;
        Ok(taken)
    }
}

async fn is_ours_alone(transaction: &DatabaseTransaction) -> Result<bool, DbErr> {
    let query = raw_sql!(
        Postgres,
        "SELECT pg_try_advisory_xact_lock(hashtext('analytics_service.merge')) AS ours"
    );
    match transaction.query_one_raw(query).await? {
        Some(row) => row.try_get("", "ours"),
        None => Ok(false),
    }
}

fn unite(parts: Vec<Part>) -> Result<BTreeMap<Key, VisitorSet>, CorruptVisitorSet> {
    let mut merged: BTreeMap<Key, VisitorSet> = BTreeMap::new();
    for part in parts {
        let Part {
            tenant_id,
            event_id,
            day,
            event_type,
            source,
            ticket_type,
            ordinals,
            bitmap,
        } = part;
        let key = Key {
            tenant_id,
            event_id,
            day,
            event_type,
            source,
            ticket_type,
        };
        let set = merged.entry(key).or_default();
        set.extend(ordinals.unwrap_or_default());
        if let Some(bitmap) = bitmap {
            set.unite(&VisitorSet::from_bytes(&bitmap)?);
        }
    }
    Ok(merged)
}

/// Stores the union of `parts`, one bitmap for each key.
pub(super) async fn put_back(
    transaction: &DatabaseTransaction,
    parts: Vec<Part>,
) -> Result<(), DbErr> {
    let merged = unite(parts).map_err(|corrupt| DbErr::Custom(corrupt.to_string()))?;
    if merged.is_empty() {
        return Ok(());
    }
    let (keys, sets): (Vec<Key>, Vec<VisitorSet>) = merged.into_iter().unzip();
    let tenants: Vec<Uuid> = keys.iter().map(|key| key.tenant_id).collect();
    let events: Vec<Uuid> = keys.iter().map(|key| key.event_id).collect();
    let days: Vec<NaiveDate> = keys.iter().map(|key| key.day).collect();
    let types: Vec<String> = keys.iter().map(|key| key.event_type.clone()).collect();
    let sources: Vec<String> = keys.iter().map(|key| key.source.clone()).collect();
    let tickets: Vec<String> = keys.into_iter().map(|key| key.ticket_type).collect();
    let bitmaps: Vec<Vec<u8>> = sets.iter().map(VisitorSet::to_bytes).collect();
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO event_daily_visitors
             (tenant_id, event_id, day, event_type, source, ticket_type, bitmap)
         SELECT * FROM unnest($1::UUID[], $2::UUID[], $3::DATE[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::BYTEA[])",
        [tenants.into(), events.into(), days.into(), types.into(), sources.into(), tickets.into(), bitmaps.into()],
    );
    transaction.execute_raw(statement).await?;
    Ok(())
}
