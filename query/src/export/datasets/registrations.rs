//! The dataset `registrations`: one record for each registration that a fact of the period names.

use chrono::NaiveDate;

use super::money::Money;
use crate::{
    export::table::{Cell, Column, Record, Series},
    figures::ZoneClock,
    store::Registration,
};

impl Record for (Registration, Money) {
    const DATASET: &'static str = "registrations";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("registrationId", |(one, _)| {
            Cell::Text(&one.registration_id)
        }),
        Column::new("eventId", |(one, _)| Cell::id(one.event_id)),
        Column::new("userId", |(one, _)| Cell::id(one.user_id)),
        Column::new("source", |(one, _)| Cell::Text(&one.source)),
        Column::new("ticketTypeId", |(one, _)| {
            Cell::text(one.ticket_type_id.as_ref())
        }),
        Column::new("ticketTypeName", |(one, _)| {
            Cell::text(one.ticket_type_name.as_ref())
        }),
        Column::of_times("startedAt", |(one, _)| Cell::time(one.started_at)),
        Column::of_times("completedAt", |(one, _)| Cell::time(one.completed_at)),
        Column::of_times("cancelledAt", |(one, _)| Cell::time(one.cancelled_at)),
        Column::of_times("checkedInAt", |(one, _)| Cell::time(one.checked_in_at)),
        Column::of_times("paidAt", |(one, _)| Cell::time(one.paid_at)),
        Column::of_times("refundedAt", |(one, _)| Cell::time(one.refunded_at)),
        Column::new("amountCents", |(_, money)| Cell::whole(money.amount_cents)),
        Column::new("refundedCents", |(_, money)| {
            Cell::whole(money.refunded_cents)
        }),
        Column::new("currency", |(_, money)| Cell::text(money.currency.as_ref())),
        Column::new("revenue", |(_, money)| Cell::json(money.revenue.as_ref())),
        Column::new("refunded", |(_, money)| Cell::json(money.refunded.as_ref())),
    ];
    const SERIES: &'static [Series<Self>] = &[
        Series {
            name: "registrations",
            count: |_| 1,
        },
        Series {
            name: "completed",
            count: |(one, _)| u64::from(one.completed_at.is_some()),
        },
        Series {
            name: "cancelled",
            count: |(one, _)| u64::from(one.cancelled_at.is_some()),
        },
    ];

    /// The day of its first fact.
    fn day(&self, clock: &ZoneClock) -> NaiveDate {
        clock.day(self.0.first_at)
    }
}

/// Registrations with their money as a file has it.
pub fn with_money(found: Vec<Registration>) -> Vec<(Registration, Money)> {
    let with_money = found.into_iter().map(|one| {
        let money = Money::new(&one.revenue);
        (one, money)
    });
    with_money.collect()
}
