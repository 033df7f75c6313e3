//! Figures of a part of the facts only.

use super::{Names, Row};

/// Which facts are asked for; without anything, all are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Those of one traffic source.
    pub source: Option<String>,
    /// Those of one ticket type, by its id or its name; empty for those of none.
    pub ticket_type: Option<String>,
}

/// The same as facts tell it: ticket types by the keys that they are stored with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The source; `None` for all.
    pub source: Option<String>,
    /// The keys of the ticket type; `None` for all.
    pub ticket_types: Option<Vec<String>>,
}

impl Filter {
    /// The keys of what is asked for; `rows` are those of all facts of the period, with their names.
    #[must_use]
    pub fn keys<'a>(&self, rows: &[&'a Row], names: &Names<'a>) -> Keys {
        let ticket_types = self.ticket_type.as_ref().map(|called| {
            let keys = rows.iter().map(|row| &*row.ticket_type);
            let mut keys: Vec<_> = keys.filter(|key| names.is_called(key, called)).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.into_iter().map(ToOwned::to_owned).collect()
        });
        Keys {
            source: self.source.clone(),
            ticket_types,
        }
    }

    /// Those of `rows` that count; they are those of all facts of a period.
    #[must_use]
    pub fn of<'a>(&self, rows: Vec<&'a Row>) -> Vec<&'a Row> {
        let keys = self.keys(&rows, &Names::of(&rows));
        keys.of(rows)
    }
}

impl Keys {
    /// Whether all facts count.
    #[must_use]
    pub fn are_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a fact of that source and that key of a ticket type counts.
    #[must_use]
    pub fn take(&self, source: &str, ticket_type: &str) -> bool {
        let is_key = |keys: &Vec<String>| keys.iter().any(|key| key == ticket_type);
        self.source.as_ref().is_none_or(|one| one == source)
            && self.ticket_types.as_ref().is_none_or(is_key)
    }

    /// Those of `rows` that count.
    #[must_use]
    pub fn of<'a>(&self, mut rows: Vec<&'a Row>) -> Vec<&'a Row> {
        rows.retain(|row| self.take(&row.source, &row.ticket_type));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Kind;

    fn row(source: &str, ticket_type: &str, name: Option<&str>) -> Row {
        Row {
            source: source.into(),
            ticket_type: ticket_type.into(),
            ticket_type_name: name.map(Into::into),
            count: 1,
            ..Row::blank("2026-11-01", Kind::Completed)
        }
    }

    #[test]
    fn a_ticket_type_is_found_by_its_id_and_by_its_name() {
        let rows = [
            row("direct", "vip-1", Some("VIP")),
            row("newsletter", "VIP", Some("VIP")),
            row("direct", "standard", None),
            row("direct", "", None),
        ];
        let count = |source: Option<&str>, ticket_type: Option<&str>| {
            let filter = Filter {
                source: source.map(Into::into),
                ticket_type: ticket_type.map(Into::into),
            };
            filter.of(rows.iter().collect()).len()
        };
        assert_eq!(count(None, None), 4);
        assert_eq!(count(None, Some("vip-1")), 2);
        assert_eq!(count(None, Some("VIP")), 2);
        assert_eq!(count(Some("newsletter"), Some("VIP")), 1);
        assert_eq!(count(Some("direct"), None), 3);
        assert_eq!(count(None, Some("standard")), 1);
        assert_eq!(count(None, Some("")), 1);
        assert_eq!(count(None, Some("gold")), 0);
    }
}
