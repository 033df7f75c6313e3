//! The dataset `registrations`: one record for each registration that a fact of the period names.

use chrono::NaiveDate;

use super::revenue_columns::RevenueColumns;
use crate::{
    analytics::TimeZoneRules,
    export::table::{Column, Record, Series},
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
        Column::text("registrationId", |record| Some(&record.0.id)),
        Column::id("eventId", |record| record.0.event_id),
        Column::id("userId", |record| record.0.user_id),
        Column::text("source", |record| Some(&record.0.source)),
        Column::text("ticketTypeId", |record| record.0.ticket_type_id.as_deref()),
        Column::text("ticketTypeName", |record| {
            record.0.ticket_type_name.as_deref()
        }),
        Column::time("startedAt", |record| record.0.started_at),
        Column::time("completedAt", |record| record.0.completed_at),
        Column::time("cancelledAt", |record| record.0.cancelled_at),
        Column::time("checkedInAt", |record| record.0.checked_in_at),
        Column::time("paidAt", |record| record.0.paid_at),
        Column::time("refundedAt", |record| record.0.refunded_at),
        Column::integer("amountCents", |record| record.1.amount_cents),
        Column::integer("refundedCents", |record| record.1.refunded_cents),
        Column::text("currency", |record| record.1.currency.as_deref()),
        Column::json("revenue", |record| record.1.revenue.as_deref()),
        Column::json("refunded", |record| record.1.refunded.as_deref()),
    ];
    const SERIES: &'static [Series<Self>] = &[
        Series {
            name: "registrations",
            count: |_| 1,
        },
        Series {
            name: "completed",
            count: |record| u64::from(record.0.completed_at.is_some()),
        },
        Series {
            name: "cancelled",
            count: |record| u64::from(record.0.cancelled_at.is_some()),
        },
    ];

    fn day(&self, rules: &TimeZoneRules) -> NaiveDate {
        rules.day(self.0.first_at)
    }
}
