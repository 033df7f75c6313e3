//! Filters by traffic source and ticket type.

use super::{day_table::RowRef, event_kind::EventKind, ticket_type_names::TicketTypeNames};

/// A filter as it is requested; empty for all facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Traffic source; `None` for all.
    pub source: Option<String>,
    /// Ticket type, by id or name; empty for facts without a ticket type, `None` for all.
    pub ticket_type: Option<String>,
}

/// A filter by the ticket type keys that are stored with the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ResolvedFilter {
    /// Traffic source; `None` for all.
    pub source: Option<String>,
    /// Keys of the ticket type; `None` for all.
    pub ticket_types: Option<Vec<String>>,
}

impl Filter {
    /// Resolves the ticket type to its keys. `rows` are all rows of the period, `names` their names.
    pub fn resolve<'a>(&self, rows: &[RowRef<'a>], names: &TicketTypeNames<'a>) -> ResolvedFilter {
        let ticket_types = self.ticket_type.as_ref().map(|requested| {
            let keys = rows.iter().map(|row| row.ticket_type());
            let mut keys: Vec<_> = keys.filter(|key| names.matches(key, requested)).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.into_iter().map(ToOwned::to_owned).collect()
        });
        ResolvedFilter {
            source: self.source.clone(),
            ticket_types,
        }
    }
}

impl ResolvedFilter {
    /// Returns whether all facts match.
    pub fn is_unfiltered(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the filter by ticket type alone.
    pub fn without_source(&self) -> Self {
        Self {
            source: None,
            ..self.clone()
        }
    }

    /// Returns whether a fact with this source and ticket type key matches.
    pub fn matches(&self, source: &str, ticket_type: &str) -> bool {
        self.matches_source(source) && self.matches_ticket_type(ticket_type)
    }

    /// Returns whether a row of a step of the funnel matches: a source selects the views, a ticket type the completed
    /// registrations and the check-ins.
    pub fn matches_step(&self, row: &RowRef<'_>) -> bool {
        match row.kind() {
            EventKind::View => self.matches_source(row.source()),
            EventKind::Completed | EventKind::CheckIn => {
                self.matches_ticket_type(row.ticket_type())
            }
            _ => true,
        }
    }

    /// Returns whether the filter selects among the rows of a step of the funnel, by [`Self::matches_step`].
    pub fn selects_step(&self, kind: EventKind) -> bool {
        match kind {
            EventKind::View => self.source.is_some(),
            EventKind::Completed | EventKind::CheckIn => self.ticket_types.is_some(),
            _ => false,
        }
    }

    fn matches_source(&self, source: &str) -> bool {
        self.source.as_ref().is_none_or(|one| one == source)
    }

    fn matches_ticket_type(&self, ticket_type: &str) -> bool {
        let has_key = |keys: &Vec<String>| keys.iter().any(|key| key == ticket_type);
        self.ticket_types.as_ref().is_none_or(has_key)
    }

    pub fn apply<'a>(&self, mut rows: Vec<RowRef<'a>>) -> Vec<RowRef<'a>> {
        rows.retain(|row| self.matches(row.source(), row.ticket_type()));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::model::{
        day_table::DayTable, event_kind::EventKind, rollup_row::RollupRow,
    };

    fn row(
        source: &'static str,
        ticket_type: &'static str,
        name: Option<&'static str>,
    ) -> RollupRow<'static> {
        RollupRow {
            source: source.into(),
            ticket_type: ticket_type.into(),
            ticket_type_name: name.map(Into::into),
            count: 1,
            ..RollupRow::blank("2026-11-01", EventKind::Completed)
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
        let mut table = DayTable::new(rows[0].day);
        for row in rows {
            table.push(row);
        }
        let count = |source: Option<&str>, ticket_type: Option<&str>| {
            let filter = Filter {
                source: source.map(Into::into),
                ticket_type: ticket_type.map(Into::into),
            };
            let rows: Vec<_> = table.rows().collect();
            let filter = filter.resolve(&rows, &TicketTypeNames::of(&rows));
            filter.apply(rows).len()
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
