//! The rows of a tenant.

use sea_orm::{DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use crate::maintenance::{session::Session, table};

const COUNT: &str = include_str!("count.sql");

/// The number of rows of a tenant in each table.
#[derive(Debug, PartialEq, Eq, FromQueryResult)]
pub(super) struct Stored {
    facts: i64,
    rollup_rows: i64,
    versions: i64,
    ledger_rows: i64,
    events: i64,
    write_keys: i64,
    shared_links: i64,
    bi_users: i64,
}

impl Stored {
    pub async fn count(session: &Session, tenant_id: Uuid) -> Result<Self, DbErr> {
        let count = Statement::from_sql_and_values(DbBackend::Postgres, COUNT, [tenant_id.into()]);
        let row = Self::find_by_statement(count)
            .one(&session.database)
            .await?;
        row.ok_or_else(|| DbErr::RecordNotFound("counts".to_owned()))
    }

    /// Returns whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.rows().iter().all(|(_, rows)| *rows == 0)
    }

    pub fn print(&self) {
        let rows = self.rows();
        let rows = rows.map(|(name, rows)| [name.to_owned(), rows.to_string()]);
        table::print(["what", "rows"], 1, rows);
    }

    fn rows(&self) -> [(&'static str, i64); 8] {
        [
            ("facts (analytics_events)", self.facts),
            ("rollup (event_rollup)", self.rollup_rows),
            ("versions (event_day_versions)", self.versions),
            ("ledger (lifecycle_ledger)", self.ledger_rows),
            ("registry (tracked_events)", self.events),
            ("write keys (write_keys)", self.write_keys),
            ("share links (shared_links)", self.shared_links),
            ("BI logins (bi_users)", self.bi_users),
        ]
    }
}
