//! The dataset `daily`: one record for each event and day with facts.

use std::{collections::HashMap, future::ready};

use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::revenue_columns::RevenueColumns;
use crate::{
    analytics::{EventDay, EventDayAggregator, RollupRow},
    export::{
        batches::Batches,
        table::{
            Column,
            ColumnValue::{Amount, Amounts, Count, Day, Id, Text},
            Record,
        },
    },
};

/// A day of an event.
pub struct EventDayRecord {
    title: Option<String>,
    day: EventDay,
    revenue: RevenueColumns,
}

/// Aggregates rows, which are ordered by event and day, to records.
pub fn event_day_records(
    rows: Batches<RollupRow<'static>>,
    titles: HashMap<Uuid, String>,
) -> Batches<EventDayRecord> {
    let mut aggregator = EventDayAggregator::default();
    let record = move |day: EventDay| EventDayRecord {
        title: titles.get(&day.event_id).cloned(),
        revenue: RevenueColumns::of(&day.revenue),
        day,
    };
    let end = stream::once(ready(None));
    let records = rows.map(Some).chain(end).map(move |rows| {
        let Some(rows) = rows else {
            return Ok(aggregator.finish().into_iter().map(&record).collect());
        };
        let rows = rows?.into_iter();
        let days = rows.filter_map(|row| aggregator.add(row));
        Ok(days.map(&record).collect())
    });
    records.boxed()
}

impl Record for EventDayRecord {
    const DATASET: &'static str = "daily";
    const COLUMNS: &'static [Column<Self>] = &[
        Column("eventId", Id(|record| Some(record.day.event_id))),
        Column("title", Text(|record| record.title.as_deref())),
        Column("date", Day(|record| record.day.date)),
        Column("views", Count(|record| record.day.counts.views)),
        Column(
            "uniqueViews",
            Count(|record| record.day.counts.unique_views),
        ),
        Column(
            "registrationsStarted",
            Count(|record| record.day.registrations_started),
        ),
        Column(
            "registrations",
            Count(|record| record.day.counts.registrations),
        ),
        Column(
            "cancellations",
            Count(|record| record.day.counts.cancellations),
        ),
        Column("checkIns", Count(|record| record.day.counts.check_ins)),
        Column("payments", Count(|record| record.day.payments)),
        Column("refunds", Count(|record| record.day.refunds)),
        Column(
            "amountCents",
            Amount(
                |record| record.revenue.amount_cents,
                |record| record.revenue.currency.as_deref(),
            ),
        ),
        Column(
            "refundedCents",
            Amount(
                |record| record.revenue.refunded_cents,
                |record| record.revenue.currency.as_deref(),
            ),
        ),
        Column(
            "currency",
            Text(|record| record.revenue.currency.as_deref()),
        ),
        Column(
            "revenue",
            Amounts(|record| record.revenue.revenue.as_deref()),
        ),
        Column(
            "refunded",
            Amounts(|record| record.revenue.refunded.as_deref()),
        ),
    ];
}
