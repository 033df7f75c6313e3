//! The registrations of an export.

use chrono::{DateTime, Utc};
use sea_orm::{
    FromQueryResult,
    sqlx::{self, Row, postgres::PgRow},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    analytics::Revenue,
    store::{
        database::Store,
        decode::non_negative,
        error::StoreError,
        stream::{StreamItem, StreamedRow},
        tenant_query::TenantQuery,
    },
};

/// A registration. Each time is that of the first fact of its kind in the period.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Registration {
    #[sea_orm(from_alias = "registration_id")]
    pub id: String,
    pub event_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub source: String,
    pub ticket_type_id: Option<String>,
    pub ticket_type_name: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub checked_in_at: Option<DateTime<Utc>>,
    pub paid_at: Option<DateTime<Utc>>,
    pub refunded_at: Option<DateTime<Utc>>,
    #[sea_orm(skip)]
    pub revenue: Vec<Revenue>,
}

impl Store {
    /// Starts a stream of registrations ordered by the time of their first fact, of one event or all. Dropping
    /// the receiver cancels it.
    ///
    /// # Errors
    /// Fails if too many exports are running, or if the database fails.
    pub async fn stream_registrations(
        &self,
        query: &TenantQuery,
        event_id: Option<Uuid>,
    ) -> Result<mpsc::Receiver<StreamItem<Registration>>, StoreError> {
        let statement = sqlx::query(include_str!("registrations.sql"))
            .bind(query.tenant_id)
            .bind(event_id)
            .bind(query.period.from)
            .bind(query.period.to)
            .bind(query.zone().name());
        self.stream(statement, query).await
    }
}

impl StreamedRow for Registration {
    fn decode(row: PgRow) -> Result<Self, StoreError> {
        let revenue = revenue(&row)?;
        let registration = Self::from_query_result(&row.into(), "")?;
        Ok(Self {
            revenue,
            ..registration
        })
    }

    fn heap_bytes(&self) -> usize {
        self.id.len() + self.source.len()
    }
}

/// Decodes the sums by currency, parallel arrays that are `NULL` together without any payment or refund.
fn revenue(row: &PgRow) -> Result<Vec<Revenue>, StoreError> {
    let Some(currencies) = row.try_get::<Option<Vec<String>>, _>("currencies")? else {
        return Ok(Vec::new());
    };
    let numbers = |column: &str| row.try_get::<Vec<i64>, _>(column).map(Vec::into_iter);
    let (mut payments, mut paid_cents) = (numbers("payments")?, numbers("paid_cents")?);
    let (mut refunds, mut refunded_cents) = (numbers("refunds")?, numbers("refunded_cents")?);
    let revenue = currencies.into_iter().map(|currency| {
        Ok(Revenue {
            currency,
            amount_cents: paid_cents.next().unwrap_or_default(),
            payments: non_negative(payments.next().unwrap_or_default())?,
            refunded_cents: refunded_cents.next().unwrap_or_default(),
            refunds: non_negative(refunds.next().unwrap_or_default())?,
        })
    });
    revenue.collect()
}
