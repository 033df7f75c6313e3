//! What the workbook is, without a database.

use std::io::Read as _;

use chrono_tz::Tz;
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::{
    export::{Dataset, Format, example::fact, times::Times},
    figures::clock,
    store::{Selection, StoredFact},
};

fn order() -> Order {
    let day = "2026-11-23".parse().unwrap();
    Order {
        dataset: Dataset::Facts { event_types: None },
        selection: Selection {
            tenant_id: Uuid::nil(),
            event_id: None,
            period: analytics_shared::period::Period::new(day, day).unwrap(),
            zone: Tz::UTC,
        },
        columns: None,
        format: Format::Xlsx,
        clock: clock(Tz::UTC),
        times: Times::Utc,
        at: "2026-11-24T00:00:00Z".parse().unwrap(),
    }
}

/// The workbook of these batches, made where a thread would make it.
fn workbook(
    batches: Vec<Result<Vec<StoredFact>, ExportError>>,
    rows_per_sheet: u32,
    abandoned: CancellationToken,
) -> Result<File, ExportError> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let batches = Awaited {
        batches: stream::iter(batches).boxed(),
        abandoned,
        runtime: runtime.handle().clone(),
    };
    let table = Table::of(None).unwrap();
    write(&order(), table, batches, rows_per_sheet, &Rows::default())
}

fn bytes(facts: Vec<StoredFact>, rows_per_sheet: u32) -> usize {
    let file = workbook(vec![Ok(facts)], rows_per_sheet, CancellationToken::new());
    let mut bytes = Vec::new();
    file.unwrap().read_to_end(&mut bytes).unwrap()
}

#[test]
fn facts_that_do_not_fit_on_a_sheet_go_to_the_next() {
    let facts = vec![fact(); 5];
    let (one, three) = (bytes(facts.clone(), 5), bytes(facts, 2));
    assert!(three > one + 1000, "two more sheets");
}

#[test]
fn a_text_that_no_cell_holds_has_a_sheet_for_it() {
    let short = bytes(vec![fact()], 5);
    let long = StoredFact {
        source: "😀".repeat(long_texts::UNITS_PER_CELL),
        ..fact()
    };
    assert!(bytes(vec![long], 5) > short + 500, "one more sheet");
}

#[test]
fn a_workbook_that_nobody_waits_for_is_not_written() {
    let abandoned = CancellationToken::new();
    abandoned.cancel();
    let written = workbook(vec![Ok(vec![fact()])], 5, abandoned);
    assert!(matches!(written, Err(ExportError::BrokenOff)));
}

#[test]
fn facts_that_break_off_make_no_workbook() {
    let batches = vec![Ok(vec![fact()]), Err(ExportError::BrokenOff)];
    let broken = workbook(batches, 5, CancellationToken::new());
    assert!(matches!(broken, Err(ExportError::BrokenOff)));
}
