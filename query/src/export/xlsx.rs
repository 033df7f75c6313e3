//! XLSX: rows go to temporary files as they come, and the workbook is sent once it is whole.
//!
//! A workbook ends with its directory, so none of it can be sent before all of it is known; in
//! return, a failure is answered as a failure.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
};

use chrono::NaiveDateTime;
use futures_util::TryStreamExt;
use poem::Body;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc::Receiver;
use tokio_util::{io::ReaderStream, sync::CancellationToken};

use super::{
    ExportError,
    body::{Rows, whole_or_broken_off},
    columns,
};
use crate::{
    metrics,
    store::{Piece, StoredFact},
};

/// Rows of a sheet below its header: the format has 1,048,576.
const ROWS_PER_SHEET: u32 = 1_048_575;
/// UTF-16 units that a cell holds.
const UNITS_PER_CELL: usize = 32_767;
/// What stands at the end of a text that does not fit.
const CUT: &str = " … (cut here; the CSV has it whole)";
/// Whole numbers up to this are exact in a cell.
const EXACT: u64 = 1 << 53;
/// Bytes that are read from the finished file at once.
const READ_BYTES: usize = 64 * 1024;

/// The body of an XLSX file.
pub(super) async fn body(facts: Receiver<Piece<StoredFact>>) -> Result<Body, ExportError> {
    // A client that goes away drops this future and with it the guard; the thread sees it.
    let abandoned = CancellationToken::new();
    let guard = abandoned.clone().drop_guard();
    let rows = Rows::default();
    let counted = rows.clone();
    let writing = move || write(facts, ROWS_PER_SHEET, &counted, &abandoned);
    let file = tokio::task::spawn_blocking(writing).await??;
    guard.disarm();
    let file = tokio::fs::File::from_std(file);
    let bytes = ReaderStream::with_capacity(file, READ_BYTES);
    Ok(whole_or_broken_off(bytes.map_err(ExportError::File), rows))
}

/// Writes the workbook to a file that has no name, and so vanishes with its last handle.
fn write(
    mut facts: Receiver<Piece<StoredFact>>,
    rows_per_sheet: u32,
    rows: &Rows,
    abandoned: &CancellationToken,
) -> Result<File, ExportError> {
    let mut workbook = Workbook::new();
    let formats = Formats::new();
    let (mut sheet, mut row) = (0, 0);
    add_sheet(&mut workbook, sheet, &formats)?;
    loop {
        if abandoned.is_cancelled() {
            return Err(ExportError::BrokenOff);
        }
        match facts.blocking_recv() {
            Some(Piece::Rows(batch)) => {
                for fact in &batch {
                    if row == rows_per_sheet {
                        (sheet, row) = (sheet + 1, 0);
                        add_sheet(&mut workbook, sheet, &formats)?;
                    }
                    row += 1;
                    write_fact(workbook.worksheet_from_index(sheet)?, row, fact, &formats)?;
                }
                rows.add(batch.len());
                metrics::exported("xlsx", batch.len());
            }
            Some(Piece::End) => break,
            Some(Piece::Failed(error)) => return Err(error.into()),
            None => return Err(ExportError::BrokenOff),
        }
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

struct Formats {
    header: Format,
    time: Format,
    number: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            header: Format::new().set_bold(),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            number: Format::new().set_num_format("0"),
        }
    }
}

fn add_sheet(workbook: &mut Workbook, index: usize, formats: &Formats) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(match index {
        0 => "Facts".to_owned(),
        more => format!("Facts {}", more + 1),
    })?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(columns::NAMES) {
        let width = if name.ends_with("Id") || name == "id" {
            38
        } else {
            22
        };
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, name, &formats.header)?;
    }
    Ok(())
}

fn write_fact(
    sheet: &mut Worksheet,
    row: u32,
    fact: &StoredFact,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let time: NaiveDateTime = fact.created_at.naive_utc();
    let (event_id, user_id) = (
        fact.event_id.map(|id| id.to_string()),
        fact.user_id.map(|id| id.to_string()),
    );
    let properties = fact.properties.as_deref().map(columns::compact);
    sheet.write_string(row, 0, fact.id.to_string())?;
    sheet.write_datetime_with_format(row, 1, time, &formats.time)?;
    let texts = [
        (2, Some(&fact.event_type)),
        (3, event_id.as_ref()),
        (4, user_id.as_ref()),
        (5, Some(&fact.source)),
        (6, fact.ticket_type_id.as_ref()),
        (7, fact.ticket_type_name.as_ref()),
        (8, fact.registration_id.as_ref()),
        (10, fact.currency.as_ref()),
        (11, properties.as_ref()),
    ];
    if let Some(amount) = columns::amount(fact.amount_cents.as_deref()) {
        write_amount(sheet, row, amount, formats)?;
    }
    for (column, text) in texts {
        if let Some(text) = text {
            // As a text whatever it looks like: `=1+1` is not a formula.
            sheet.write_string(row, column, fitting(text))?;
        }
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only what is exact is written as a number"
)]
fn write_amount(
    sheet: &mut Worksheet,
    row: u32,
    amount: i64,
    formats: &Formats,
) -> Result<(), XlsxError> {
    if amount.unsigned_abs() <= EXACT {
        sheet.write_number_with_format(row, 9, amount as f64, &formats.number)?;
    } else {
        sheet.write_string(row, 9, amount.to_string())?;
    }
    Ok(())
}

/// The text, or as much of it as a cell holds.
fn fitting(text: &str) -> String {
    if text.len() <= UNITS_PER_CELL || text.encode_utf16().count() <= UNITS_PER_CELL {
        return text.to_owned();
    }
    let mut room = UNITS_PER_CELL - CUT.encode_utf16().count();
    let kept = text.chars().take_while(|character| {
        let fits = character.len_utf16() <= room;
        room = room.saturating_sub(character.len_utf16());
        fits
    });
    let mut kept: String = kept.collect();
    kept.push_str(CUT);
    kept
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn fact(properties: &str) -> StoredFact {
        StoredFact {
            id: Uuid::from_u128(1),
            created_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            event_type: "page.view".into(),
            event_id: None,
            user_id: None,
            source: "=1+1".into(),
            ticket_type_id: None,
            ticket_type_name: None,
            registration_id: None,
            amount_cents: Some("9223372036854775807".into()),
            currency: None,
            properties: Some(properties.into()),
        }
    }

    fn workbook(pieces: Vec<Piece<StoredFact>>, rows_per_sheet: u32) -> Result<File, ExportError> {
        let (sender, facts) = tokio::sync::mpsc::channel(9);
        for piece in pieces {
            sender.try_send(piece).unwrap();
        }
        drop(sender);
        write(
            facts,
            rows_per_sheet,
            &Rows::default(),
            &CancellationToken::new(),
        )
    }

    #[test]
    fn facts_that_do_not_fit_on_a_sheet_go_to_the_next() {
        let facts = vec![fact("{}"); 5];
        let pieces = || vec![Piece::Rows(facts.clone()), Piece::End];
        let (one, three) = (
            workbook(pieces(), 5).unwrap(),
            workbook(pieces(), 2).unwrap(),
        );
        let length = |file: File| file.metadata().unwrap().len();
        assert!(length(three) > length(one) + 1000, "two more sheets");
    }

    #[test]
    fn a_workbook_that_nobody_waits_for_is_not_written() {
        let (sender, facts) = tokio::sync::mpsc::channel(9);
        let abandoned = CancellationToken::new();
        abandoned.cancel();
        assert!(matches!(
            write(facts, 5, &Rows::default(), &abandoned),
            Err(ExportError::BrokenOff)
        ));
        assert!(sender.is_closed(), "reading has stopped");
    }

    #[test]
    fn facts_that_break_off_make_no_workbook() {
        let broken = workbook(vec![Piece::Rows(vec![fact("{}")])], 5);
        assert!(matches!(broken, Err(ExportError::BrokenOff)));
    }

    #[test]
    fn a_text_that_no_cell_holds_is_cut_visibly() {
        let long = "😀".repeat(UNITS_PER_CELL);
        let cut = fitting(&long);
        assert!(cut.ends_with(CUT));
        assert!((UNITS_PER_CELL - 1..=UNITS_PER_CELL).contains(&cut.encode_utf16().count()));
        assert!(workbook(vec![Piece::Rows(vec![fact(&long)]), Piece::End], 5).is_ok());
    }
}
