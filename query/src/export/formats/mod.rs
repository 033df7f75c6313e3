//! The formats of files.

mod csv;
mod json;
mod ndjson;
mod row_encoder;
mod xlsx;

pub(super) use csv::Csv;
pub(super) use ndjson::NdJson;
pub(super) use row_encoder::{encode_body, encode_text};
pub(super) use xlsx::workbook_body;

#[cfg(test)]
mod tests;
