//! Tables: records of a dataset with typed columns. Formats depend on cells and not on datasets, datasets on
//! cells and not on formats.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;
use uuid::Uuid;

/// A cell of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Empty,
    Id(Uuid),
    /// Text, possibly from an untrusted producer.
    Text(&'a str),
    Integer(i64),
    /// An amount in minor units, with its currency.
    Amount(i64, &'a str),
    Day(NaiveDate),
    Time(DateTime<Utc>),
    Json(&'a str),
    /// Amounts in minor units by currency, as a JSON object.
    Amounts(&'a str),
}

/// A column of the records `T`: its name, and the value of a record.
pub struct Column<T>(pub(super) &'static str, pub(super) ColumnValue<T>);

/// The value of a record, by type.
pub(super) enum ColumnValue<T> {
    Id(fn(&T) -> Option<Uuid>),
    Text(fn(&T) -> Option<&str>),
    /// An amount in minor units, and its currency.
    Amount(fn(&T) -> Option<i64>, fn(&T) -> Option<&str>),
    Count(fn(&T) -> u64),
    Day(fn(&T) -> NaiveDate),
    Time(fn(&T) -> Option<DateTime<Utc>>),
    Json(fn(&T) -> Option<&str>),
    Amounts(fn(&T) -> Option<&str>),
}

impl<T> Column<T> {
    /// Returns whether the cells are times.
    pub(super) fn has_times(&self) -> bool {
        matches!(self.1, ColumnValue::Time(_))
    }

    /// Returns whether the cells are numbers.
    pub(super) fn has_numbers(&self) -> bool {
        matches!(self.1, ColumnValue::Amount(..) | ColumnValue::Count(_))
    }

    /// Returns the width of the column in a workbook, in characters.
    pub(super) fn width(&self) -> u8 {
        match self.1 {
            ColumnValue::Id(_) => 37,
            ColumnValue::Json(_) => 40,
            ColumnValue::Amounts(_) => 24,
            ColumnValue::Time(_) => 25,
            ColumnValue::Text(_) => 22,
            ColumnValue::Amount(..) | ColumnValue::Count(_) | ColumnValue::Day(_) => 15,
        }
    }

    pub(super) fn cell<'a>(&self, record: &'a T) -> Cell<'a> {
        let cell = match self.1 {
            ColumnValue::Id(value) => value(record).map(Cell::Id),
            ColumnValue::Text(value) => value(record).map(Cell::Text),
            ColumnValue::Amount(value, currency) => value(record)
                .map(|amount| Cell::Amount(amount, currency(record).unwrap_or_default())),
            ColumnValue::Count(value) => i64::try_from(value(record)).ok().map(Cell::Integer),
            ColumnValue::Day(value) => Some(Cell::Day(value(record))),
            ColumnValue::Time(value) => value(record).map(Cell::Time),
            ColumnValue::Json(value) => value(record).map(Cell::Json),
            ColumnValue::Amounts(value) => value(record).map(Cell::Amounts),
        };
        cell.unwrap_or(Cell::Empty)
    }
}

/// A record of a dataset: a row of a file.
pub trait Record: Sized + Send + Sync + 'static {
    const DATASET: &'static str;
    /// All columns, in the default order.
    const COLUMNS: &'static [Column<Self>];
}

/// The requested columns are invalid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidColumns {
    /// The dataset has no such column.
    #[error("`{0}` is not a column of the dataset `{1}`, which has {2}")]
    Unknown(String, &'static str, String),
    /// A column is repeated.
    #[error("`{0}` is repeated")]
    Repeated(String),
    /// The list is empty.
    #[error("must name at least one column, or be omitted for all columns")]
    Empty,
}

/// The columns of a file.
pub(super) struct Table<T: 'static>(pub Vec<&'static Column<T>>);

impl<T: Record> Table<T> {
    /// Selects columns by name, in this order; all columns for `None`.
    pub fn of(names: Option<&[String]>) -> Result<Self, InvalidColumns> {
        let Some(names) = names else {
            return Ok(Self(T::COLUMNS.iter().collect()));
        };
        if names.is_empty() {
            return Err(InvalidColumns::Empty);
        }
        let (mut seen, mut columns) = (HashSet::new(), Vec::with_capacity(T::COLUMNS.len()));
        for name in names {
            let column = T::COLUMNS.iter().find(|column| column.0 == name);
            columns.push(column.ok_or_else(|| {
                let all: Vec<_> = T::COLUMNS.iter().map(|column| column.0).collect();
                InvalidColumns::Unknown(name.clone(), T::DATASET, all.join(", "))
            })?);
            if !seen.insert(name) {
                return Err(InvalidColumns::Repeated(name.clone()));
            }
        }
        Ok(Self(columns))
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|column| column.0)
    }

    pub fn cells<'a>(&self, record: &'a T) -> impl Iterator<Item = Cell<'a>> {
        self.0.iter().map(|column| column.cell(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoredFact;

    #[test]
    fn columns_have_the_requested_order() {
        let table = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            Table::<StoredFact>::of(Some(&names)).map(|table| table.names().collect::<Vec<_>>())
        };
        assert_eq!(table(&["source", "id"]).unwrap(), ["source", "id"]);
        assert!(matches!(
            table(&["id", "id"]),
            Err(InvalidColumns::Repeated(_))
        ));
        assert!(matches!(
            table(&["views"]),
            Err(InvalidColumns::Unknown(..))
        ));
        assert_eq!(table(&[]), Err(InvalidColumns::Empty));
    }
}
