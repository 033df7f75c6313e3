//! NDJSON: one JSON object per line, with numbers as numbers and `null` for empty cells.

use std::io::Write as _;

use super::{json::write_compact, row_encoder::RowEncoder};
use crate::export::{
    error::ExportError,
    table::{Cell, Record, Table},
    timestamp::TimestampFormat,
};

pub struct NdJson(pub TimestampFormat);

impl NdJson {
    fn write_cell(&self, to: &mut Vec<u8>, cell: Cell<'_>) -> std::io::Result<()> {
        match cell {
            Cell::Empty => to.extend_from_slice(b"null"),
            Cell::Id(id) => write!(to, "\"{id}\"")?,
            Cell::Text(text) => serde_json::to_writer(to, text)?,
            Cell::Integer(number) | Cell::Amount(number, _) => write!(to, "{number}")?,
            Cell::Day(day) => write!(to, "\"{day}\"")?,
            Cell::Time(time) => write!(to, "\"{}\"", self.0.format(time))?,
            Cell::Json(json) | Cell::Amounts(json) => write_compact(json, to),
        }
        Ok(())
    }
}

impl RowEncoder for NdJson {
    const FORMAT: &'static str = "ndjson";

    fn encode<T: Record>(
        &mut self,
        table: &Table<T>,
        records: &[T],
        to: &mut Vec<u8>,
    ) -> Result<(), ExportError> {
        for record in records {
            let mut separator = '{';
            for (name, cell) in table.names().zip(table.cells(record)) {
                write!(to, "{separator}\"{name}\":")?;
                self.write_cell(to, cell)?;
                separator = ',';
            }
            to.extend_from_slice(b"}\n");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{export::formats::tests::fact, store::StoredFact};

    #[test]
    fn a_fact_is_one_line_with_numbers_and_objects() {
        let table = Table::<StoredFact>::of(None).unwrap();
        let mut line = Vec::new();
        let facts = [fact()];
        NdJson(TimestampFormat::Utc)
            .encode(&table, &facts, &mut line)
            .unwrap();
        insta::assert_snapshot!(String::from_utf8(line).unwrap().trim_end(), @r#"{"id":"00000000-0000-0000-0000-000000000001","createdAt":"2026-11-23T10:00:00.000120Z","eventType":"payment.completed","eventId":null,"userId":"00000000-0000-0000-0000-000000000002","source":"a, b","ticketTypeId":null,"ticketTypeName":"V\"I\"P","registrationId":null,"amountCents":450000,"currency":"RUB","properties":{"note":"two\nlines"}}"#);
    }
}
