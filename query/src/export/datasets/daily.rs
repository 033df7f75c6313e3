//! The dataset `daily`: one record for each event and day with facts, folded from the same rows as
//! every other figure.

use std::{collections::HashMap, future::ready};

use chrono::NaiveDate;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::money::Money;
use crate::{
    export::{
        batches::Batches,
        table::{Cell, Column, Record, Series},
    },
    figures::{EventDay, EventDays, Row, ZoneClock},
};

/// A day of an event, as a row of a file.
pub struct Daily {
    title: Option<String>,
    figures: EventDay,
    money: Money,
}

/// Folds rows as they come, by event and day.
pub fn event_days(rows: Batches<Row>, titles: HashMap<Uuid, String>) -> Batches<Daily> {
    let mut days = EventDays::default();
    let record = move |figures: EventDay| Daily {
        title: titles.get(&figures.event_id).cloned(),
        money: Money::new(&figures.revenue),
        figures,
    };
    let ended = stream::once(ready(None));
    let folded = rows.map(Some).chain(ended).map(move |rows| {
        let Some(rows) = rows else {
            return Ok(days.end().into_iter().map(&record).collect());
        };
        let rows = rows?;
        let whole = rows.into_iter().filter_map(|row| days.add(row));
        Ok(whole.map(&record).collect())
    });
    folded.boxed()
}

impl Record for Daily {
    const DATASET: &'static str = "daily";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("eventId", |day| Cell::Id(day.figures.event_id)),
        Column::new("title", |day| Cell::text(day.title.as_ref())),
        Column::new("date", |day| Cell::Day(day.figures.date)),
        Column::new("views", |day| Cell::count(day.figures.views)),
        Column::new("uniqueViews", |day| Cell::count(day.figures.unique_views)),
        Column::new("registrationsStarted", |day| {
            Cell::count(day.figures.registrations_started)
        }),
        Column::new("registrations", |day| {
            Cell::count(day.figures.registrations)
        }),
        Column::new("cancellations", |day| {
            Cell::count(day.figures.cancellations)
        }),
        Column::new("checkIns", |day| Cell::count(day.figures.check_ins)),
        Column::new("payments", |day| Cell::count(day.figures.payments)),
        Column::new("refunds", |day| Cell::count(day.figures.refunds)),
        Column::new("amountCents", |day| Cell::whole(day.money.amount_cents)),
        Column::new("refundedCents", |day| Cell::whole(day.money.refunded_cents)),
        Column::new("currency", |day| Cell::text(day.money.currency.as_ref())),
        Column::new("revenue", |day| Cell::json(day.money.revenue.as_ref())),
        Column::new("refunded", |day| Cell::json(day.money.refunded.as_ref())),
    ];
    const SERIES: &'static [Series<Self>] = &[
        Series {
            name: "views",
            count: |day| day.figures.views,
        },
        Series {
            name: "registrations",
            count: |day| day.figures.registrations,
        },
        Series {
            name: "checkIns",
            count: |day| day.figures.check_ins,
        },
    ];

    fn day(&self, _clock: &ZoneClock) -> NaiveDate {
        self.figures.date
    }
}
