//! Rows of all events of a tenant for an export, by event and day, so that a fold needs to hold no more
//! than one day at a time.

use analytics_shared::period::Period;
use chrono_tz::Tz;
use sea_orm::sqlx::{self, postgres::PgRow};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    Store, StoreError,
    decode::{RowDecoder, names},
    stream::{Piece, Streamed},
};
use crate::figures::{Kind, Row};

/// Rows of a tenant that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct TenantRead {
    /// The tenant.
    pub tenant_id: Uuid,
    /// One event of it; `None` for all.
    pub event_id: Option<Uuid>,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone that days are wanted in.
    pub zone: Tz,
    /// The zone of events that name none.
    pub default_zone: Tz,
}

impl Store {
    /// Begins to read the rows of a tenant for an export: as slowly as its reader takes them. Dropping
    /// the receiver stops it.
    ///
    /// # Errors
    /// When too many exports are running already, or the database does not answer.
    pub async fn stream_tenant_rows(
        &self,
        read: &TenantRead,
    ) -> Result<mpsc::Receiver<Piece<Row>>, StoreError> {
        let statement = sqlx::query(include_str!("export_rows.sql"))
            .bind(read.tenant_id)
            .bind(read.period.from)
            .bind(read.period.to)
            .bind(names(&Kind::ALL))
            .bind(names(&Kind::VISITED))
            .bind(read.zone.name())
            .bind(read.default_zone.name())
            .bind(read.event_id);
        self.stream(statement, read.zone).await
    }
}

impl Streamed for Row {
    fn of(found: PgRow) -> Result<Self, StoreError> {
        // Streamed, so that rows have few texts in common.
        let row = RowDecoder::default().decode(&found)?;
        row.ok_or(StoreError::UnexpectedRow("a row of no fact"))
    }

    fn bytes(&self) -> usize {
        Row::bytes(self)
    }
}
