//! The registrations of an export, as their facts of the period tell them.

use chrono::{DateTime, Utc};
use sea_orm::sqlx::{self, Row, postgres::PgRow};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    Selection, Store, StoreError,
    stream::{Piece, Streamed},
};
use crate::figures::Revenue;

/// A registration. Of several facts of a kind the first counts.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its id.
    pub registration_id: String,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The person.
    pub user_id: Option<Uuid>,
    /// The traffic source that it is counted under.
    pub source: String,
    /// `properties.ticketTypeId`
    pub ticket_type_id: Option<String>,
    /// `properties.ticketTypeName`
    pub ticket_type_name: Option<String>,
    /// When the first fact of the period happened.
    pub first_at: DateTime<Utc>,
    /// When it was begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// When the attendee checked in.
    pub checked_in_at: Option<DateTime<Utc>>,
    /// When a payment went through.
    pub paid_at: Option<DateTime<Utc>>,
    /// When money went back.
    pub refunded_at: Option<DateTime<Utc>>,
    /// Payments and refunds, by currency.
    pub revenue: Vec<Revenue>,
}

impl Store {
    /// Begins to read the registrations of an export, by the time of their first facts. Dropping the
    /// receiver stops it.
    ///
    /// # Errors
    /// When too many exports are running already, or the database does not answer.
    pub async fn stream_registrations(
        &self,
        selection: Selection,
    ) -> Result<mpsc::Receiver<Piece<Registration>>, StoreError> {
        let statement = sqlx::query(include_str!("registrations.sql"))
            .bind(selection.tenant_id)
            .bind(selection.event_id)
            .bind(selection.period.from)
            .bind(selection.period.to)
            .bind(selection.zone.name());
        self.stream(statement, selection.zone).await
    }
}

impl Streamed for Registration {
    fn of(row: PgRow) -> Result<Self, StoreError> {
        Ok(Self {
            registration_id: row.try_get("registration_id")?,
            event_id: row.try_get("event_id")?,
            user_id: row.try_get("user_id")?,
            source: row.try_get("source")?,
            ticket_type_id: row.try_get("ticket_type_id")?,
            ticket_type_name: row.try_get("ticket_type_name")?,
            first_at: row.try_get("first_at")?,
            started_at: row.try_get("started_at")?,
            completed_at: row.try_get("completed_at")?,
            cancelled_at: row.try_get("cancelled_at")?,
            checked_in_at: row.try_get("checked_in_at")?,
            paid_at: row.try_get("paid_at")?,
            refunded_at: row.try_get("refunded_at")?,
            revenue: revenue(&row)?,
        })
    }

    fn bytes(&self) -> usize {
        self.registration_id.len() + self.source.len()
    }
}

/// The sums, one for each currency; the columns are `NULL` together where there are none.
fn revenue(row: &PgRow) -> Result<Vec<Revenue>, StoreError> {
    let Some(currencies) = row.try_get::<Option<Vec<String>>, _>("currencies")? else {
        return Ok(Vec::new());
    };
    let (payments, paid_cents) = (numbers(row, "payments")?, numbers(row, "paid_cents")?);
    let (refunds, refunded_cents) = (numbers(row, "refunds")?, numbers(row, "refunded_cents")?);
    let count = |count: i64| {
        u64::try_from(count).map_err(|_| StoreError::UnexpectedRow("a negative count"))
    };
    let sums = currencies.into_iter().zip(payments).zip(paid_cents);
    let sums = sums.zip(refunds).zip(refunded_cents);
    sums.map(
        |((((currency, payments), amount_cents), refunds), refunded_cents)| {
            Ok(Revenue {
                currency,
                amount_cents,
                payments: count(payments)?,
                refunded_cents,
                refunds: count(refunds)?,
            })
        },
    )
    .collect()
}

fn numbers(row: &PgRow, column: &str) -> Result<Vec<i64>, StoreError> {
    Ok(row.try_get(column)?)
}
