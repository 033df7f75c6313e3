//! Counting visitor sets anew that hold an ordinal which stands for nobody any more: its visitor was
//! forgotten or deleted while a replica still remembered it. The database puts such sets down when
//! their parts are condensed (`sets_to_recount`).

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement,
    TransactionTrait, raw_sql,
};

use super::{Store, StoreError};
use crate::store::merge::{Part, put_back};

const NUMBER_VISITORS: &str = include_str!("number_visitors.sql");
const TAKE_SETS: &str = include_str!("take_sets.sql");
/// Sets that one round counts at most.
const SETS_AT_ONCE: i64 = 50;

#[derive(FromQueryResult)]
struct Mark {
    id: i64,
}

impl Store {
    /// Counts the oldest sets that are put down, unless somebody merges at this moment. Returns how
    /// many there were.
    ///
    /// The caller may not drop the future: a transaction would stay open.
    ///
    /// # Errors
    /// When nothing was changed.
    pub async fn recount_sets(&self) -> Result<usize, StoreError> {
        let marks = raw_sql!(
            Postgres,
            r"SELECT id FROM sets_to_recount
              WHERE pg_try_advisory_xact_lock(hashtext('analytics_service.merge'))
              ORDER BY id LIMIT {SETS_AT_ONCE}"
        );
        let transaction = self.database.begin().await?;
        let marks = Mark::find_by_statement(marks).all(&transaction).await?;
        if !marks.is_empty() {
            let ids = marks.iter().map(|mark| mark.id).collect();
            self.recount_in(&transaction, ids).await?;
        }
        transaction.commit().await?;
        Ok(marks.len())
    }

    async fn recount_in(
        &self,
        transaction: &DatabaseTransaction,
        ids: Vec<i64>,
    ) -> Result<(), DbErr> {
        let with_ids = |sql| {
            let zone = self.default_timezone.name();
            let values = [ids.clone().into(), zone.into()];
            Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
        };
        transaction.execute_raw(with_ids(NUMBER_VISITORS)).await?;
        let sets = Part::find_by_statement(with_ids(TAKE_SETS))
            .all(transaction)
            .await?;
        // As bitmaps: a part that lists ordinals would be looked at again.
        put_back(transaction, sets).await
    }
}
