//! Figures of a part of the facts only.

use super::{Row, ticket_types::Names};

/// Which facts count; without anything, all do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of one traffic source.
    pub source: Option<String>,
    /// Those of one ticket type, by its id or its name; empty for those of none.
    pub ticket_type: Option<String>,
}

impl Filter {
    /// The rows that count. Ticket types are told apart as `rows` name them.
    #[must_use]
    pub fn of<'a>(&self, rows: Vec<&'a Row>) -> Vec<&'a Row> {
        if *self == Self::default() {
            return rows;
        }
        let names = Names::of(&rows);
        let mut counting = rows.clone();
        counting.retain(|row| {
            let of_source = self.source.as_ref().is_none_or(|one| *one == row.source);
            of_source
                && self
                    .ticket_type
                    .as_ref()
                    .is_none_or(|one| names.is_called(&row.ticket_type, one))
        });
        counting
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::visitor_set::VisitorSet;
    use uuid::Uuid;

    use super::*;
    use crate::figures::Kind;

    fn row(source: &str, ticket_type: &str, name: Option<&str>) -> Row {
        Row {
            event_id: Uuid::nil(),
            day: "2026-11-01".parse().unwrap(),
            kind: Kind::Completed,
            source: source.into(),
            ticket_type: ticket_type.into(),
            ticket_type_name: name.map(Into::into),
            currency: String::new(),
            count: 1,
            amount_cents: 0,
            visitors: VisitorSet::default(),
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
