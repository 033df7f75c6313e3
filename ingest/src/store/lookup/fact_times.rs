//! The look-up of the exact times of facts, of which a spreadsheet shows only a part.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::store::{
    database::{Store, statement},
    error::StoreError,
};

const FACT_TIMES: &str = include_str!("fact_times.sql");

/// The id and time of a fact.
pub type ShownTime = (Uuid, DateTime<Utc>);

#[derive(Debug, FromQueryResult)]
struct FactTime {
    id: Uuid,
    shown_at: DateTime<Utc>,
    stored_at: DateTime<Utc>,
}

impl Store {
    /// Returns the times of stored facts with these ids near these times.
    pub async fn fact_times(
        &self,
        shown: Vec<ShownTime>,
    ) -> Result<HashMap<ShownTime, DateTime<Utc>>, StoreError> {
        if shown.is_empty() {
            return Ok(HashMap::new());
        }
        let (ids, times): (Vec<Uuid>, Vec<DateTime<Utc>>) = shown.into_iter().unzip();
        let values = [ids.into(), times.into()];
        let lookup = FactTime::find_by_statement(statement(FACT_TIMES, values));
        let found = self.availability.guard(lookup.all(&self.database)).await?;
        let found = found.into_iter();
        Ok(found
            .map(|it| ((it.id, it.shown_at), it.stored_at))
            .collect())
    }
}
