//! The numbers that stand for visitors in sets of visitors.

use std::collections::HashMap;

use analytics_shared::fact::Fact;
use moka::sync::Cache;
use sea_orm::{DatabaseConnection, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::StoreError;

const VISITORS: &str = include_str!("visitors.sql");
/// Visitors whose ordinals one process remembers, some 200 bytes each.
const REMEMBERED: u64 = 100_000;

type Visitor = (Uuid, String);

/// Ordinals by visitor, with a bounded memory of recent ones.
#[derive(Clone)]
pub struct Ordinals {
    recent: Cache<Visitor, i64>,
}

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    visitor_id: String,
    ordinal: i64,
}

impl Default for Ordinals {
    fn default() -> Self {
        Self {
            recent: Cache::new(REMEMBERED),
        }
    }
}

impl Ordinals {
    /// The ordinal of each fact's visitor; a fact without a visitor has none.
    pub async fn of(
        &self,
        database: &DatabaseConnection,
        facts: &[Fact],
    ) -> Result<Vec<Option<i64>>, StoreError> {
        let visitors: Vec<Option<Visitor>> = facts
            .iter()
            .map(|fact| fact.visitor().map(|visitor| (fact.tenant_id, visitor)))
            .collect();
        let mut known: HashMap<Visitor, i64> = HashMap::new();
        let mut unknown: Vec<Visitor> = Vec::new();
        for visitor in visitors.iter().flatten() {
            match self.recent.get(visitor) {
                Some(ordinal) => drop(known.insert(visitor.clone(), ordinal)),
                None => unknown.push(visitor.clone()),
            }
        }
        // A visitor whom another writer is adding at this moment is in no answer until that
        // writer commits, which it has done by the time the next statement begins.
        while !unknown.is_empty() {
            for row in ask(database, &unknown).await? {
                let visitor = (row.tenant_id, row.visitor_id);
                self.recent.insert(visitor.clone(), row.ordinal);
                known.insert(visitor, row.ordinal);
            }
            unknown.retain(|visitor| !known.contains_key(visitor));
        }
        Ok(visitors
            .into_iter()
            .map(|visitor| visitor.and_then(|visitor| known.get(&visitor).copied()))
            .collect())
    }
}

async fn ask(database: &DatabaseConnection, visitors: &[Visitor]) -> Result<Vec<Row>, StoreError> {
    let tenants: Vec<Uuid> = visitors.iter().map(|(tenant, _)| *tenant).collect();
    let ids: Vec<String> = visitors.iter().map(|(_, id)| id.clone()).collect();
    let statement =
        Statement::from_sql_and_values(DbBackend::Postgres, VISITORS, [tenants.into(), ids.into()]);
    Ok(Row::find_by_statement(statement).all(database).await?)
}
