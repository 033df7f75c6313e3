//! Rows of all events of a tenant, by event and day, so that a fold needs to hold no more than one
//! event or one day at a time.

use std::time::Instant;

use analytics_shared::period::Period;
use chrono_tz::Tz;
use futures_util::{Stream, TryStreamExt};
use sea_orm::{
    DbBackend, QueryResult, Statement, StreamTrait,
    sqlx::{self, postgres::PgRow},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    Snapshot, Store, StoreError,
    rows::{event_types, names, row},
    stream::{Piece, Streamed},
};
use crate::{
    figures::{Kind, Row},
    metrics,
};

const SQL: &str = include_str!("tenant.sql");

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

impl TenantRead {
    fn statement(&self) -> Statement {
        let values = [
            self.tenant_id.into(),
            self.period.from.into(),
            self.period.to.into(),
            event_types(&Kind::ALL),
            event_types(&Kind::VISITED),
            self.zone.name().into(),
            self.default_zone.name().into(),
            self.event_id.into(),
        ];
        Statement::from_sql_and_values(DbBackend::Postgres, SQL, values)
    }
}

impl Snapshot {
    /// The rows of the events of a tenant.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn tenant_rows(&self, read: &TenantRead) -> Result<Vec<Row>, StoreError> {
        let started = Instant::now();
        let rows = streamed(self.connection(), read).await?;
        let rows = rows.try_collect().await;
        metrics::read("mixed", started.elapsed());
        rows
    }
}

impl Store {
    /// Begins to read the same rows for an export: as slowly as its reader takes them. Dropping the
    /// receiver stops it.
    ///
    /// # Errors
    /// When too many exports are running already, or the database does not answer.
    pub async fn stream_tenant_rows(
        &self,
        read: &TenantRead,
    ) -> Result<mpsc::Receiver<Piece<Row>>, StoreError> {
        let statement = sqlx::query(SQL)
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

/// The rows as they come; those of an event and day come together.
pub(super) async fn streamed<'a, C: StreamTrait>(
    connection: &'a C,
    read: &TenantRead,
) -> Result<impl Stream<Item = Result<Row, StoreError>> + use<'a, C>, StoreError> {
    let zone = read.zone;
    let with_zone = move |error| StoreError::with_zone(error, zone);
    let found = connection.stream_raw(read.statement()).await;
    let found = found.map_err(with_zone)?.map_err(with_zone);
    Ok(found.and_then(async |found| row(&found)))
}

impl Streamed for Row {
    fn of(found: PgRow) -> Result<Self, StoreError> {
        row(&QueryResult::from(found))
    }

    fn bytes(&self) -> usize {
        Row::bytes(self)
    }
}
