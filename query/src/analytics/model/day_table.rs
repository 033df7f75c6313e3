//! The rollup rows of one event and day, in few allocations: there may be hundreds of thousands.

use std::{ops::Range, sync::Arc};

use analytics_shared::visitor_set::sort_and_dedup;
use chrono::NaiveDate;

use super::{
    event_kind::EventKind,
    links::Link,
    rollup_row::RollupRow,
    text_table::{SharedText, TextTable, offset},
};

/// The rollup rows of one event and day.
#[derive(Clone, Debug)]
pub struct DayTable {
    pub day: NaiveDate,
    rows: Vec<StoredRow>,
    texts: Arc<TextTable>,
    hours: Vec<(u8, u32)>,
    visitors: Vec<i64>,
    links: Vec<Link>,
}

/// A row whose texts, hours, visitors and links are in the table.
#[derive(Clone, Debug)]
struct StoredRow {
    kind: EventKind,
    source: u32,
    ticket_type: u32,
    ticket_type_name: Option<u32>,
    currency: u32,
    count: u64,
    amount_cents: i64,
    hours: Range<u32>,
    visitors: Range<u32>,
    links: Range<u32>,
}

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct RowRef<'a> {
    table: &'a DayTable,
    row: &'a StoredRow,
}

impl DayTable {
    /// Builds an empty table.
    pub fn new(day: NaiveDate) -> Self {
        Self {
            day,
            rows: Vec::new(),
            texts: Arc::default(),
            hours: Vec::new(),
            visitors: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Adds a row of this day.
    pub fn push(&mut self, mut row: RollupRow<'_>) {
        sort_and_dedup(&mut row.visitors);
        let hours = extend(&mut self.hours, &row.hours);
        let visitors = extend(&mut self.visitors, &row.visitors);
        let links = extend(&mut self.links, &row.links);
        let texts = Arc::make_mut(&mut self.texts);
        let last = self.rows.last();
        // Successive rows mostly have the same texts.
        let mut add = |text: &str, last: Option<u32>| {
            let same = last.filter(|last| texts.get(*last) == text);
            same.unwrap_or_else(|| texts.push(text))
        };
        let source = add(&row.source, last.map(|last| last.source));
        let ticket_type = add(&row.ticket_type, last.map(|last| last.ticket_type));
        let last_name = last.and_then(|last| last.ticket_type_name);
        let name = row.ticket_type_name.as_deref();
        let ticket_type_name = name.map(|name| add(name, last_name));
        let currency = add(&row.currency, last.map(|last| last.currency));
        self.rows.push(StoredRow {
            kind: row.kind,
            source,
            ticket_type,
            ticket_type_name,
            currency,
            count: row.count,
            amount_cents: row.amount_cents,
            hours,
            visitors,
            links,
        });
    }

    /// Releases the memory for more rows.
    pub fn shrink_to_fit(&mut self) {
        self.rows.shrink_to_fit();
        Arc::make_mut(&mut self.texts).shrink_to_fit();
        self.hours.shrink_to_fit();
        self.visitors.shrink_to_fit();
        self.links.shrink_to_fit();
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = RowRef<'_>> {
        self.rows.iter().map(|row| RowRef { table: self, row })
    }

    /// Returns the memory of a row beside its texts, hours and visitors, in bytes.
    pub const ROW_BYTES: usize = size_of::<StoredRow>();

    /// Returns the memory in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.rows.capacity() * Self::ROW_BYTES
            + self.texts.heap_bytes()
            + self.hours.capacity() * size_of::<(u8, u32)>()
            + self.hash_bytes()
    }

    /// Returns the memory of visitors and links in bytes.
    pub fn hash_bytes(&self) -> usize {
        self.visitors.capacity() * size_of::<i64>() + self.links.capacity() * size_of::<Link>()
    }
}

fn extend<T: Copy>(all: &mut Vec<T>, more: &[T]) -> Range<u32> {
    let start = offset(all.len());
    all.extend_from_slice(more);
    start..offset(all.len())
}

fn slice<'a, T>(all: &'a [T], range: &Range<u32>) -> &'a [T] {
    &all[range.start as usize..range.end as usize]
}

impl<'a> RowRef<'a> {
    pub fn day(self) -> NaiveDate {
        self.table.day
    }

    pub fn kind(self) -> EventKind {
        self.row.kind
    }

    pub fn source(self) -> &'a str {
        self.table.texts.get(self.row.source)
    }

    /// Returns the source as a text that shares the memory of the table.
    pub fn shared_source(self) -> SharedText {
        SharedText::new(&self.table.texts, self.row.source)
    }

    /// Returns the ticket type id, else its name, else an empty text.
    pub fn ticket_type(self) -> &'a str {
        self.table.texts.get(self.row.ticket_type)
    }

    /// Returns the ticket type name; equal to the ticket type if only the name is known.
    pub fn ticket_type_name(self) -> Option<&'a str> {
        let name = self.row.ticket_type_name?;
        Some(self.table.texts.get(name))
    }

    /// Returns the currency of a payment or refund, else an empty text.
    pub fn currency(self) -> &'a str {
        self.table.texts.get(self.row.currency)
    }

    pub fn count(self) -> u64 {
        self.row.count
    }

    /// Returns the sum of the payments or refunds, in minor units.
    pub fn amount_cents(self) -> i64 {
        self.row.amount_cents
    }

    /// Returns local hours (0 to 23) with their number of facts, if they were read, for the kinds of
    /// [`EventKind::HOURLY`]; an hour may occur several times.
    pub fn hours(self) -> &'a [(u8, u32)] {
        slice(&self.table.hours, &self.row.hours)
    }

    /// Returns the hashes of the distinct visitors, sorted, for the kinds of [`EventKind::FUNNEL`].
    pub fn visitors(self) -> &'a [i64] {
        slice(&self.table.visitors, &self.row.visitors)
    }

    /// Returns the links of browsers to users, in any order.
    pub fn links(self) -> &'a [Link] {
        slice(&self.table.links, &self.row.links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_as_they_were_added() {
        let row = |source: &'static str, name: Option<&'static str>, visitors: &[i64]| RollupRow {
            source: source.into(),
            ticket_type_name: name.map(Into::into),
            hours: vec![(9, 2), (9, 1)],
            visitors: visitors.to_vec(),
            count: 3,
            ..RollupRow::blank("2026-11-23", EventKind::View)
        };
        let mut table = DayTable::new("2026-11-23".parse().unwrap());
        for (source, name, visitors) in [
            ("direct", None, &[3, 1, 3][..]),
            ("direct", Some("VIP"), &[]),
            ("t.co", Some("VIP"), &[2]),
            ("", None, &[]),
        ] {
            table.push(row(source, name, visitors));
        }
        table.shrink_to_fit();
        let rows: Vec<_> = table
            .rows()
            .map(|row| (row.source(), row.ticket_type_name(), row.visitors()))
            .collect();
        let expected: [(&str, Option<&str>, &[i64]); 4] = [
            ("direct", None, &[1, 3]),
            ("direct", Some("VIP"), &[]),
            ("t.co", Some("VIP"), &[2]),
            ("", None, &[]),
        ];
        assert_eq!(rows, expected);
        assert!(table.rows().all(|row| row.hours() == [(9, 2), (9, 1)]));
        assert!(table.rows().all(|row| row.currency().is_empty()));
    }
}
