//! The dataset `registrations`: one record for each registration that a fact of the period names.

use super::revenue_columns::RevenueColumns;
use crate::{
    export::table::{
        Column,
        ColumnValue::{Amount, Amounts, Id, Text, Time},
        Record,
    },
    store::Registration,
};

/// A registration with the cells of its revenue.
pub struct RegistrationRecord(Registration, RevenueColumns);

impl From<Registration> for RegistrationRecord {
    fn from(registration: Registration) -> Self {
        let revenue = RevenueColumns::of(&registration.revenue);
        Self(registration, revenue)
    }
}

impl Record for RegistrationRecord {
    const DATASET: &'static str = "registrations";
    const COLUMNS: &'static [Column<Self>] = &[
        Column("registrationId", Text(|record| Some(&record.0.id))),
        Column("eventId", Id(|record| record.0.event_id)),
        Column("userId", Id(|record| record.0.user_id)),
        Column("source", Text(|record| Some(&record.0.source))),
        Column(
            "ticketTypeId",
            Text(|record| record.0.ticket_type_id.as_deref()),
        ),
        Column(
            "ticketTypeName",
            Text(|record| record.0.ticket_type_name.as_deref()),
        ),
        Column("startedAt", Time(|record| record.0.started_at)),
        Column("completedAt", Time(|record| record.0.completed_at)),
        Column("cancelledAt", Time(|record| record.0.cancelled_at)),
        Column("checkedInAt", Time(|record| record.0.checked_in_at)),
        Column("paidAt", Time(|record| record.0.paid_at)),
        Column("refundedAt", Time(|record| record.0.refunded_at)),
        Column(
            "amountCents",
            Amount(
                |record| record.1.amount_cents,
                |record| record.1.currency.as_deref(),
            ),
        ),
        Column(
            "refundedCents",
            Amount(
                |record| record.1.refunded_cents,
                |record| record.1.currency.as_deref(),
            ),
        ),
        Column("currency", Text(|record| record.1.currency.as_deref())),
        Column("revenue", Amounts(|record| record.1.revenue.as_deref())),
        Column("refunded", Amounts(|record| record.1.refunded.as_deref())),
    ];
}
