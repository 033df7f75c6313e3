//! What a file is made of: records of a dataset, in columns of their own types. Formats know cells
//! and no dataset, datasets know cells and no format.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;
use uuid::Uuid;

use crate::figures::ZoneClock;

/// A value in a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// There is none.
    Nothing,
    /// An id of ours.
    Id(Uuid),
    /// A text that anybody may have written.
    Text(&'a str),
    /// A whole number.
    Whole(i64),
    /// A calendar day.
    Day(NaiveDate),
    /// A moment.
    Time(DateTime<Utc>),
    /// A JSON object.
    Json(&'a str),
}

impl<'a> Cell<'a> {
    /// A text, if there is one.
    pub fn text(text: Option<&'a String>) -> Self {
        text.map_or(Self::Nothing, |text| Self::Text(text))
    }

    /// A JSON object, if there is one.
    pub fn json(json: Option<&'a String>) -> Self {
        json.map_or(Self::Nothing, |json| Self::Json(json))
    }

    /// An id, if there is one.
    pub fn id(id: Option<Uuid>) -> Self {
        id.map_or(Self::Nothing, Self::Id)
    }

    /// A number, if there is one.
    pub fn whole(number: Option<i64>) -> Self {
        number.map_or(Self::Nothing, Self::Whole)
    }

    /// A moment, if there is one.
    pub fn time(time: Option<DateTime<Utc>>) -> Self {
        time.map_or(Self::Nothing, Self::Time)
    }

    /// How many.
    pub fn count(count: u64) -> Self {
        i64::try_from(count).map_or(Self::Nothing, Self::Whole)
    }
}

/// A column of the records `T`.
pub struct Column<T> {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether its cells are moments.
    pub(super) has_times: bool,
    /// Its cell of a record.
    pub(super) cell: fn(&T) -> Cell<'_>,
}

impl<T> Column<T> {
    /// A column of that name.
    pub(super) const fn new(name: &'static str, cell: fn(&T) -> Cell<'_>) -> Self {
        Self {
            name,
            has_times: false,
            cell,
        }
    }

    /// A column of that name whose cells are moments.
    pub(super) const fn of_times(name: &'static str, cell: fn(&T) -> Cell<'_>) -> Self {
        Self {
            name,
            has_times: true,
            cell,
        }
    }
}

/// Something of records that adds up over a day, and can be drawn.
pub struct Series<T> {
    /// Its name.
    pub(super) name: &'static str,
    /// What a record adds.
    pub(super) count: fn(&T) -> u64,
}

/// A record of a dataset: a row of a file.
pub trait Record: Sized + Send + Sync + 'static {
    /// The dataset's name.
    const DATASET: &'static str;
    /// All columns, in their usual order.
    const COLUMNS: &'static [Column<Self>];
    /// What is drawn by day.
    const SERIES: &'static [Series<Self>];

    /// The day that it belongs to.
    fn day(&self, clock: &ZoneClock) -> NaiveDate;
}

/// Why columns cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidColumns {
    /// There is no such column.
    #[error("`{0}` is no column of the dataset `{1}`; there are {2}")]
    Unknown(String, &'static str, String),
    /// A column is named twice.
    #[error("`{0}` is named twice")]
    Twice(String),
    /// No column is named.
    #[error("must name at least one column; without it, the file has them all")]
    None,
}

/// The columns of a file.
pub(super) struct Table<T: 'static>(pub Vec<&'static Column<T>>);

impl<T: Record> Table<T> {
    /// The columns of those names in that order; without names, all.
    pub fn of(names: Option<&[String]>) -> Result<Self, InvalidColumns> {
        let Some(names) = names else {
            return Ok(Self(T::COLUMNS.iter().collect()));
        };
        if names.is_empty() {
            return Err(InvalidColumns::None);
        }
        let (mut seen, mut columns) = (HashSet::new(), Vec::with_capacity(T::COLUMNS.len()));
        for name in names {
            let column = T::COLUMNS.iter().find(|column| column.name == name);
            columns.push(column.ok_or_else(|| {
                let all: Vec<_> = T::COLUMNS.iter().map(|column| column.name).collect();
                InvalidColumns::Unknown(name.clone(), T::DATASET, all.join(", "))
            })?);
            if !seen.insert(name) {
                return Err(InvalidColumns::Twice(name.clone()));
            }
        }
        Ok(Self(columns))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|column| column.name)
    }

    /// The cells of a record.
    pub fn cells<'a>(&self, record: &'a T) -> impl Iterator<Item = Cell<'a>> {
        self.0.iter().map(|column| (column.cell)(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoredFact;

    #[test]
    fn columns_come_in_the_order_that_was_asked_for() {
        let table = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            Table::<StoredFact>::of(Some(&names)).map(|table| table.names().collect::<Vec<_>>())
        };
        assert_eq!(table(&["source", "id"]).unwrap(), ["source", "id"]);
        assert!(matches!(
            table(&["id", "id"]),
            Err(InvalidColumns::Twice(_))
        ));
        assert!(matches!(
            table(&["views"]),
            Err(InvalidColumns::Unknown(..))
        ));
        assert_eq!(table(&[]), Err(InvalidColumns::None));
    }
}
