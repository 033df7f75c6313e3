//! The languages of workbooks: their words, headings, dates and numbers.

mod headings;
mod numbers;
mod words;

use poem_openapi::Enum;
use serde::Deserialize;

pub(super) use headings::heading;
pub(super) use words::Words;

/// The language of a workbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}
