//! Tests of workbooks without a database.

use std::{collections::HashMap, io::Read as _};

use chrono_tz::Tz;
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::{
    analytics::test_rules,
    export::{
        disk::{DiskBudget, DiskFull},
        formats::{tests::fact, xlsx::long_texts},
        job::{Dataset, Delimiter, FileFormat},
        timestamp::TimestampFormat,
    },
    store::{StoredFact, TenantQuery},
};

fn job() -> ExportJob {
    let day = "2026-11-23".parse().unwrap();
    ExportJob {
        dataset: Dataset::Facts,
        event_types: None,
        titles: HashMap::default(),
        query: TenantQuery {
            tenant_id: Uuid::nil(),
            period: analytics_shared::period::Period::new(day, day).unwrap(),
            rules: test_rules(Tz::UTC),
        },
        event_id: None,
        columns: None,
        format: FileFormat::Xlsx,
        language: None,
        figures: None,
        delimiter: Delimiter::Comma,
        has_mark: false,
        timestamps: TimestampFormat::Utc,
        deadline: tokio::time::Instant::now(),
    }
}

/// Writes a workbook with these batches.
fn workbook(
    batches: Vec<Result<Vec<StoredFact>, ExportError>>,
    rows_per_sheet: u32,
    cancelled: CancellationToken,
) -> Result<File, ExportError> {
    workbook_within(&DiskBudget::new(64, 64), batches, rows_per_sheet, cancelled)
}

fn workbook_within(
    disk: &DiskBudget,
    batches: Vec<Result<Vec<StoredFact>, ExportError>>,
    rows_per_sheet: u32,
    cancelled: CancellationToken,
) -> Result<File, ExportError> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let batches = stream::iter(batches).boxed();
    let batches = blocking(batches, cancelled, runtime.handle().clone());
    let table = Table::of(None).unwrap();
    write(
        &job(),
        table,
        batches,
        rows_per_sheet,
        &AtomicU64::default(),
        &mut disk.begin(Uuid::nil()).unwrap(),
    )
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
fn a_text_too_long_for_a_cell_has_a_sheet() {
    let short = bytes(vec![fact()], 5);
    let long = StoredFact {
        source: "😀".repeat(long_texts::MAX_CELL_UNITS),
        ..fact()
    };
    assert!(bytes(vec![long], 5) > short + 500, "one more sheet");
}

#[test]
fn a_cancelled_workbook_is_not_written() {
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let written = workbook(vec![Ok(vec![fact()])], 5, cancelled);
    assert!(matches!(written, Err(ExportError::Truncated)));
}

#[test]
fn truncated_facts_make_no_workbook() {
    let batches = vec![Ok(vec![fact()]), Err(ExportError::Truncated)];
    let truncated = workbook(batches, 5, CancellationToken::new());
    assert!(matches!(truncated, Err(ExportError::Truncated)));
}

#[test]
fn a_workbook_beyond_the_disk_of_its_tenant_is_refused() {
    let batches = || vec![Ok(vec![fact(); 2_000])];
    let within = |mib| {
        let disk = DiskBudget::new(mib, 64);
        workbook_within(&disk, batches(), 5_000, CancellationToken::new()).map(drop)
    };
    assert!(within(8).is_ok());
    assert!(matches!(
        within(1),
        Err(ExportError::Disk(DiskFull::Tenant(1)))
    ));
}
