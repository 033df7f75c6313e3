//! The tables: revenue, traffic sources, and ticket types or events.

use rust_xlsxwriter::XlsxError;

use super::grid::{Grid, Value};
use crate::{
    analytics::{EventMetrics, OtherTicketTypes, SourceBreakdown, TicketCounts, TicketTypeMetrics},
    export::figures::{Figures, FiguresSubject},
};

/// Columns of the grid that the columns of each table take.
const REVENUE_SPANS: [u16; 5] = [3, 1, 2, 1, 2];
const SOURCE_SPANS: [u16; 6] = [3, 1, 1, 2, 1, 1];
const TICKET_TYPE_SPANS: [u16; 4] = [3, 2, 2, 2];
const EVENT_SPANS: [u16; 6] = [3, 1, 1, 2, 1, 1];

pub fn write_revenue(grid: &mut Grid<'_>, figures: &Figures) -> Result<(), XlsxError> {
    let (words, revenue) = (grid.words, &figures.totals.revenue);
    if revenue.is_empty() {
        return Ok(());
    }
    grid.write_section(words.revenue)?;
    let headings = [
        words.currency,
        words.payments,
        words.paid,
        words.refunds,
        words.refunded,
    ];
    grid.write_headings(REVENUE_SPANS, headings)?;
    for one in revenue {
        let currency = one.currency.as_str();
        let name = if currency.is_empty() {
            words.no_currency
        } else {
            currency
        };
        let values = [
            Value::Text(name),
            Value::Count(one.payments),
            Value::Money(one.amount_cents, currency),
            Value::Count(one.refunds),
            Value::Money(one.refunded_cents, currency),
        ];
        grid.write_row(REVENUE_SPANS, values)?;
    }
    grid.skip_row();
    Ok(())
}

pub fn write_sources(grid: &mut Grid<'_>, sources: &SourceBreakdown) -> Result<(), XlsxError> {
    let words = grid.words;
    grid.write_section(words.sources)?;
    if sources.by_source.is_empty() {
        grid.write_note(words.nothing)?;
        grid.skip_row();
        return Ok(());
    }
    let headings = [
        words.source,
        words.views,
        words.visitors,
        words.registrations,
        words.check_ins,
        words.conversion,
    ];
    grid.write_headings(SOURCE_SPANS, headings)?;
    for one in &sources.by_source {
        let values = [
            Value::Text(&one.source),
            Value::Count(one.views),
            Value::Count(one.unique_views),
            Value::Count(one.registrations),
            Value::Count(one.check_ins),
            Value::Rate(one.conversion_rate),
        ];
        grid.write_row(SOURCE_SPANS, values)?;
    }
    if let Some(others) = &sources.other_sources {
        let name = format!("{} ({})", words.others, others.sources);
        let values = [
            Value::Text(&name),
            Value::Count(others.views),
            Value::Count(others.unique_views),
            Value::Count(others.registrations),
            Value::Count(others.check_ins),
            Value::Rate(others.conversion_rate),
        ];
        grid.write_row(SOURCE_SPANS, values)?;
    }
    grid.skip_row();
    Ok(())
}

/// Writes the ticket types of an event, or the events of an organization.
pub fn write_subject(grid: &mut Grid<'_>, subject: &FiguresSubject) -> Result<(), XlsxError> {
    match subject {
        FiguresSubject::Event {
            ticket_types,
            other_ticket_types,
            ..
        } => write_ticket_types(grid, ticket_types, other_ticket_types.as_ref()),
        FiguresSubject::Organization {
            events,
            other_events,
            ..
        } => write_events(grid, events, *other_events),
    }
}

fn write_ticket_types(
    grid: &mut Grid<'_>,
    ticket_types: &[TicketTypeMetrics],
    others: Option<&OtherTicketTypes>,
) -> Result<(), XlsxError> {
    let words = grid.words;
    grid.write_section(words.ticket_types)?;
    if ticket_types.is_empty() {
        return grid.write_note(words.nothing);
    }
    let headings = [
        words.ticket_type,
        words.registrations,
        words.cancellations,
        words.check_ins,
    ];
    grid.write_headings(TICKET_TYPE_SPANS, headings)?;
    let mut write = |name: &str, counts: &TicketCounts| {
        let values = [
            Value::Text(name),
            Value::Count(counts.registrations),
            Value::Count(counts.cancellations),
            Value::Count(counts.check_ins),
        ];
        grid.write_row(TICKET_TYPE_SPANS, values)
    };
    for one in ticket_types {
        let name = one.ticket_type_name.as_deref();
        let name = name.or(one.ticket_type_id.as_deref());
        write(name.unwrap_or(words.no_ticket_type), &one.counts)?;
    }
    if let Some(others) = others {
        let name = format!("{} ({})", words.others, others.ticket_types);
        write(&name, &others.counts)?;
    }
    Ok(())
}

fn write_events(
    grid: &mut Grid<'_>,
    events: &[EventMetrics],
    other_events: u64,
) -> Result<(), XlsxError> {
    let words = grid.words;
    grid.write_section(words.events)?;
    if events.is_empty() {
        return grid.write_note(words.nothing);
    }
    let headings = [
        words.event,
        words.views,
        words.visitors,
        words.registrations,
        words.confirmed,
        words.check_ins,
    ];
    grid.write_headings(EVENT_SPANS, headings)?;
    for event in events {
        let metrics = &event.totals.metrics;
        let values = [
            Value::Text(event.title.as_deref().unwrap_or(words.untitled)),
            Value::Count(metrics.total_views),
            Value::Count(metrics.unique_views),
            Value::Count(metrics.total_registrations),
            Value::Count(metrics.confirmed_registrations),
            Value::Count(metrics.checked_in),
        ];
        grid.write_row(EVENT_SPANS, values)?;
    }
    if other_events > 0 {
        grid.write_note(&format!("{}: {other_events}", words.others))?;
    }
    Ok(())
}
