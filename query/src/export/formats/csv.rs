//! CSV, RFC 4180, in UTF-8.

use std::{borrow::Cow, io, io::Write as _};

use csv::{Writer, WriterBuilder};

use super::{
    ExportError,
    json::compact,
    lines::Lines,
    table::{Cell, Record, Table},
    times::Times,
};

/// Writes records as CSV.
pub(super) struct Csv {
    delimiter: u8,
    times: Times,
    /// A cell while it is written.
    cell: Vec<u8>,
}

impl Csv {
    /// With `delimiter` between cells and times told in that way.
    pub fn new(delimiter: u8, times: Times) -> Self {
        Self {
            delimiter,
            times,
            cell: Vec::new(),
        }
    }

    fn writer<'a>(&self, to: &'a mut Vec<u8>) -> Writer<&'a mut Vec<u8>> {
        WriterBuilder::new()
            .delimiter(self.delimiter)
            .from_writer(to)
    }

    fn write_cell(&mut self, csv: &mut Writer<&mut Vec<u8>>, cell: Cell<'_>) -> csv::Result<()> {
        self.cell.clear();
        match cell {
            Cell::Nothing => {}
            Cell::Text(text) => return csv.write_field(&*no_formula(text)),
            Cell::Id(id) => {
                let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
                return csv.write_field(id.hyphenated().encode_lower(&mut text).as_bytes());
            }
            Cell::Whole(number) => write!(self.cell, "{number}")?,
            Cell::Day(day) => write!(self.cell, "{day}")?,
            Cell::Time(time) => return csv.write_field(self.times.text(time)),
            Cell::Json(json) => compact(json, &mut self.cell),
        }
        csv.write_field(&self.cell)
    }
}

impl Lines for Csv {
    const FORMAT: &'static str = "csv";

    fn begin<T: Record>(&self, table: &Table<T>, to: &mut Vec<u8>) -> Result<(), ExportError> {
        let mut csv = self.writer(to);
        csv.write_record(table.names()).map_err(io::Error::from)?;
        Ok(csv.flush()?)
    }

    fn write<T: Record>(
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
            // The end of the line.
            csv.write_record(None::<&[u8]>).map_err(io::Error::from)?;
        }
        Ok(csv.flush()?)
    }
}

/// The text, with an apostrophe before it where a spreadsheet would take it for a formula. Only for
/// texts: a negative number is none.
fn no_formula(text: &str) -> Cow<'_, [u8]> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}").into_bytes())
    } else {
        Cow::Borrowed(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;
    use crate::{
        export::{batches::Batches, body::Seal, example::fact, lines},
        store::StoredFact,
    };

    fn lines_of(facts: &[StoredFact], delimiter: u8) -> String {
        let table = Table::of(None).unwrap();
        let mut text = Vec::new();
        let mut csv = Csv::new(delimiter, Times::Utc);
        csv.write(&table, facts, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    async fn body(batches: Vec<Result<Vec<StoredFact>, ExportError>>) -> poem::Body {
        let batches: Batches<StoredFact> = stream::iter(batches).boxed();
        let table = Table::of(None).unwrap();
        let csv = Csv::new(b',', Times::Utc);
        lines::body(csv, table, batches, Seal::default())
            .await
            .unwrap()
    }

    #[test]
    fn a_fact_is_one_line_with_a_time_in_microseconds() {
        insta::assert_snapshot!(lines_of(&[fact()], b',').trim_end(), @r#"00000000-0000-0000-0000-000000000001,2026-11-23T10:00:00.000120Z,payment.completed,,00000000-0000-0000-0000-000000000002,"a, b",,"V""I""P",,450000,RUB,"{""note"":""two\nlines""}""#);
        let semicolons = lines_of(&[fact()], b';');
        assert!(
            semicolons.contains(r#";a, b;;"V""I""P";;450000;RUB;"#),
            "{semicolons}"
        );
    }

    #[test]
    fn a_text_that_begins_like_a_formula_gets_an_apostrophe_and_a_number_none() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            let mut refund = fact();
            refund.source = format!("{start}1");
            refund.ticket_type_name = Some(format!("{start}1"));
            refund.amount_cents = Some("-450000".into());
            let line = lines_of(&[refund], b',');
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(line.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!(record[5], format!("'{start}1"));
            assert_eq!(record[7], format!("'{start}1"));
            assert_eq!(&record[9], "-450000");
        }
    }

    #[tokio::test]
    async fn facts_that_break_off_break_the_body_off() {
        let body = body(vec![Ok(vec![fact()]), Err(ExportError::BrokenOff)]).await;
        assert!(body.into_bytes().await.is_err());
    }

    #[tokio::test]
    async fn no_facts_are_a_file_with_a_header_only() {
        let text = body(vec![Ok(vec![])]).await.into_string().await.unwrap();
        let header = "id,createdAt,eventType,eventId,userId,source,ticketTypeId,ticketTypeName,\
                      registrationId,amountCents,currency,properties\n";
        assert_eq!(text, header);
    }
}
