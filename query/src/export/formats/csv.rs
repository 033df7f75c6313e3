//! CSV (RFC 4180) in UTF-8, with the line ends of the RFC.

use std::{borrow::Cow, io, io::Write as _};

use csv::{Terminator, Writer, WriterBuilder};

use super::{json::write_compact, row_encoder::RowEncoder};
use crate::export::{
    error::ExportError,
    job::Delimiter,
    table::{Cell, Record, Table},
    timestamp::TimestampFormat,
};

/// The byte order mark, by which Excel recognizes UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub struct Csv {
    delimiter: Delimiter,
    has_mark: bool,
    timestamps: TimestampFormat,
    /// Buffer of one cell.
    cell: Vec<u8>,
}

impl Csv {
    pub fn new(delimiter: Delimiter, has_mark: bool, timestamps: TimestampFormat) -> Self {
        Self {
            delimiter,
            has_mark,
            timestamps,
            cell: Vec::new(),
        }
    }

    fn writer<'a>(&self, to: &'a mut Vec<u8>) -> Writer<&'a mut Vec<u8>> {
        WriterBuilder::new()
            .delimiter(self.delimiter as u8)
            .terminator(Terminator::CRLF)
            .from_writer(to)
    }

    fn write_cell(&mut self, csv: &mut Writer<&mut Vec<u8>>, cell: Cell<'_>) -> csv::Result<()> {
        self.cell.clear();
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => return csv.write_field(&*escape_formula(text)),
            Cell::Id(id) => {
                let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
                return csv.write_field(id.hyphenated().encode_lower(&mut text).as_bytes());
            }
            Cell::Integer(number) | Cell::Amount(number, _) => write!(self.cell, "{number}")?,
            Cell::Day(day) => write!(self.cell, "{day}")?,
            Cell::Time(time) => return csv.write_field(self.timestamps.format(time)),
            Cell::Json(json) | Cell::Amounts(json) => write_compact(json, &mut self.cell),
        }
        csv.write_field(&self.cell)
    }
}

impl RowEncoder for Csv {
    const FORMAT: &'static str = "csv";

    fn begin<T: Record>(&self, table: &Table<T>, to: &mut Vec<u8>) -> Result<(), ExportError> {
        if self.has_mark {
            to.extend_from_slice(BYTE_ORDER_MARK);
        }
        let mut csv = self.writer(to);
        csv.write_record(table.names()).map_err(io::Error::from)?;
        Ok(csv.flush()?)
    }

    fn encode<T: Record>(
        &mut self,
        table: &Table<T>,
        records: &[T],
        to: &mut Vec<u8>,
    ) -> Result<(), ExportError> {
        let mut csv = self.writer(to);
        for record in records {
            for cell in table.cells(record) {
                self.write_cell(&mut csv, cell).map_err(io::Error::from)?;
            }
            // Ends the line.
            csv.write_record(None::<&[u8]>).map_err(io::Error::from)?;
        }
        Ok(csv.flush()?)
    }
}

/// Prefixes a text with an apostrophe that a spreadsheet would evaluate as a formula (CSV injection), also after
/// other apostrophes, so that an import can remove it. For text only: a negative number is not a formula.
fn escape_formula(text: &str) -> Cow<'_, [u8]> {
    let text_after = text.trim_start_matches('\'');
    if text_after.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}").into_bytes())
    } else {
        Cow::Borrowed(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        export::{
            batches::Batches,
            formats::{
                row_encoder::encode_body,
                tests::{fact, fuzz_config, fuzz_text},
            },
            trailers::TrailerState,
        },
        store::StoredFact,
    };

    fn lines_of(facts: &[StoredFact], delimiter: Delimiter) -> String {
        let table = Table::of(None).unwrap();
        let mut text = Vec::new();
        let mut csv = Csv::new(delimiter, false, TimestampFormat::Utc);
        csv.encode(&table, facts, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    async fn body(batches: Vec<Result<Vec<StoredFact>, ExportError>>) -> poem::Body {
        let batches: Batches<StoredFact> = stream::iter(batches).boxed();
        let table = Table::of(None).unwrap();
        let csv = Csv::new(Delimiter::Comma, false, TimestampFormat::Utc);
        encode_body(csv, table, batches, TrailerState::default())
            .await
            .unwrap()
    }

    #[test]
    fn a_fact_is_one_line_with_a_time_in_microseconds() {
        insta::assert_snapshot!(lines_of(&[fact()], Delimiter::Comma).trim_end(), @r#"00000000-0000-0000-0000-000000000001,2026-11-23T10:00:00.000120Z,payment.completed,,00000000-0000-0000-0000-000000000002,"a, b",,"V""I""P",,450000,RUB,"{""note"":""two\nlines""}""#);
        let semicolons = lines_of(&[fact()], Delimiter::Semicolon);
        assert!(
            semicolons.contains(r#";a, b;;"V""I""P";;450000;RUB;"#),
            "{semicolons}"
        );
    }

    #[test]
    fn text_like_a_formula_is_escaped_and_numbers_are_not() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            let mut refund = fact();
            refund.source = format!("{start}1");
            refund.ticket_type_name = Some(format!("{start}1"));
            refund.amount_cents = Some("-450000".into());
            let line = lines_of(&[refund], Delimiter::Comma);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(line.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!(record[5], format!("'{start}1"));
            assert_eq!(record[7], format!("'{start}1"));
            assert_eq!(&record[9], "-450000");
        }
    }

    proptest! {
        #![proptest_config(fuzz_config())]
        #[test]
        fn a_random_text_is_one_cell_and_no_formula(text in fuzz_text(), delimiter in 0..3_usize) {
            let delimiter = [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab][delimiter];
            let mut record = fact();
            record.source = text.clone();
            record.ticket_type_name = Some(text.clone());
            record.properties = Some(json!({ text.clone(): text }).to_string());
            let lines = lines_of(&[record], delimiter);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .delimiter(delimiter as u8)
                .from_reader(lines.as_bytes());
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(records.len(), 1);
            for cell in [&records[0][5], &records[0][7]] {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
                prop_assert_eq!(cell.strip_prefix('\'').filter(|rest| *rest == text).unwrap_or(cell), &text);
            }
            let properties: serde_json::Value = serde_json::from_str(&records[0][11]).unwrap();
            prop_assert_eq!(&properties[&text], &text);
        }
    }

    #[tokio::test]
    async fn truncated_facts_truncate_the_body() {
        let body = body(vec![Ok(vec![fact()]), Err(ExportError::Truncated)]).await;
        assert!(body.into_bytes().await.is_err());
    }

    #[tokio::test]
    async fn no_facts_are_a_file_with_a_header_only() {
        let text = body(vec![Ok(vec![])]).await.into_string().await.unwrap();
        let header = "id,createdAt,eventType,eventId,userId,source,ticketTypeId,ticketTypeName,\
                      registrationId,amountCents,currency,properties\r\n";
        assert_eq!(text, header);
    }
}
