//! The numbers that stand for visitors in sets of visitors.

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::sync::Cache;
use sea_orm::{
    DbErr,
    sqlx::{self, PgConnection},
};
use uuid::Uuid;

use super::write::query_error;
use crate::row::Row;

const VISITORS: &str = include_str!("visitors.sql");
/// Visitors whose ordinals one process remembers, some 200 bytes each.
const REMEMBERED: u64 = 100_000;

/// How long it remembers them: somebody who was forgotten comes back as somebody new.
const REMEMBERED_FOR: Duration = Duration::from_hours(1);

type Visitor = (Uuid, String);

/// The ordinals of a batch.
pub struct Found {
    /// That of each fact's visitor; a fact without a visitor has none.
    pub of_rows: Vec<Option<i64>>,
    /// What is to be remembered once the batch is stored.
    fresh: Vec<(Visitor, i64)>,
}

/// Ordinals by visitor, with a bounded memory of recent ones.
#[derive(Clone)]
pub struct Ordinals {
    recent: Cache<Visitor, i64>,
}

impl Default for Ordinals {
    fn default() -> Self {
        let recent = Cache::builder()
            .max_capacity(REMEMBERED)
            .time_to_live(REMEMBERED_FOR);
        Self {
            recent: recent.build(),
        }
    }
}

impl Ordinals {
    /// The ordinals of all visitors of `rows`. They are sure to last once the batch is stored.
    pub async fn of(
        &self,
        connection: &mut PgConnection,
        rows: &[Arc<Row>],
    ) -> Result<Found, DbErr> {
        let visitor = |row: &Arc<Row>| Some((row.tenant_id, row.visitor.clone()?));
        let visitors: Vec<Option<Visitor>> = rows.iter().map(visitor).collect();
        let mut known: HashMap<Visitor, i64> = HashMap::new();
        let (mut unknown, mut fresh) = (Vec::new(), Vec::new());
        for visitor in visitors.iter().flatten() {
            match self.recent.get(visitor) {
                Some(ordinal) => drop(known.insert(visitor.clone(), ordinal)),
                None => unknown.push(visitor.clone()),
            }
        }
        // A visitor whom another writer is adding at this moment is in no answer until that
        // writer commits, which it has done by the time the next statement begins.
        while !unknown.is_empty() {
            for (tenant, id, ordinal) in ask(connection, &unknown).await? {
                let visitor = (tenant, id);
                fresh.push((visitor.clone(), ordinal));
                known.insert(visitor, ordinal);
            }
            unknown.retain(|visitor| !known.contains_key(visitor));
        }
        let ordinal = |visitor| known.get(&visitor).copied();
        let of_rows = visitors
            .into_iter()
            .map(|visitor| visitor.and_then(ordinal))
            .collect();
        Ok(Found { of_rows, fresh })
    }

    /// Remembers those of a batch that is stored. Not before: a server that falls over may forget
    /// ordinals of which nothing was stored, and give them to others.
    pub fn remember(&self, found: Found) {
        for (visitor, ordinal) in found.fresh {
            self.recent.insert(visitor, ordinal);
        }
    }
}

async fn ask(
    connection: &mut PgConnection,
    visitors: &[Visitor],
) -> Result<Vec<(Uuid, String, i64)>, DbErr> {
    let tenants: Vec<Uuid> = visitors.iter().map(|(tenant, _)| *tenant).collect();
    let ids: Vec<&str> = visitors.iter().map(|(_, id)| id.as_str()).collect();
    let found = sqlx::query_as(VISITORS)
        .bind(tenants)
        .bind(ids)
        .fetch_all(connection)
        .await;
    found.map_err(query_error)
}
