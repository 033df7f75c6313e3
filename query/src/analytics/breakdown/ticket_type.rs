//! Metrics by ticket type.

use std::cmp::Reverse;

use poem_openapi::Object;

use crate::analytics::{
    aggregate::{aggregate_by, group_by},
    model::{EventKind, RollupRow, TicketTypeNames},
};

/// Metrics of one ticket type.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketTypeMetrics {
    /// Id of the ticket type; `null` if no fact has it.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Latest name of the ticket type; `null` if no fact has one. Id and name are both `null` for facts
    /// without a ticket type.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// Metrics of one ticket type and traffic source.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
pub struct SourceTicketTypeMetrics {
    /// Traffic source.
    pub source: String,
    /// Metrics of the ticket type.
    #[oai(flatten)]
    pub metrics: TicketTypeMetrics,
}

/// Returns the metrics of every ticket type with registrations, cancellations or check-ins, most
/// registrations first.
pub(super) fn by_ticket_type<'a>(
    rows: &[&'a RollupRow],
    names: &TicketTypeNames<'a>,
) -> Vec<TicketTypeMetrics> {
    let types = aggregate_by(rows.iter().copied(), &[], |row| {
        names.resolve(&row.ticket_type)
    });
    let metrics = types.into_iter().map(|(key, aggregate)| {
        let (ticket_type_id, ticket_type_name) = names.id_and_name(key);
        TicketTypeMetrics {
            ticket_type_id,
            ticket_type_name,
            registrations: aggregate.count(EventKind::Completed),
            cancellations: aggregate.count(EventKind::Cancelled),
            check_ins: aggregate.count(EventKind::CheckIn),
        }
    });
    let mut metrics: Vec<_> = metrics
        .filter(|one| one.registrations + one.cancellations + one.check_ins > 0)
        .collect();
    metrics.sort_by(|a, b| order_key(a).cmp(&order_key(b)));
    metrics
}

fn order_key(one: &TicketTypeMetrics) -> (Reverse<u64>, Option<&str>, Option<&str>) {
    let (name, id) = (&one.ticket_type_name, &one.ticket_type_id);
    (Reverse(one.registrations), name.as_deref(), id.as_deref())
}

/// Returns the metrics of every source and ticket type, ordered by the name of the source.
pub(super) fn by_source_and_ticket_type<'a>(
    rows: &[&'a RollupRow],
    names: &TicketTypeNames<'a>,
) -> Vec<SourceTicketTypeMetrics> {
    let sources = group_by(rows.iter().copied(), |row| &row.source).into_iter();
    let metrics = sources.flat_map(|(source, rows)| {
        let types = by_ticket_type(&rows, names).into_iter();
        types.map(|metrics| SourceTicketTypeMetrics {
            source: source.to_string(),
            metrics,
        })
    });
    metrics.collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn registered(day: &str, ticket_type: &str, name: Option<&str>) -> RollupRow {
        RollupRow {
            event_id: Uuid::from_u128(1),
            ticket_type: ticket_type.into(),
            ticket_type_name: name.map(Into::into),
            count: 1,
            ..RollupRow::blank(day, EventKind::Completed)
        }
    }

    fn summary(rows: &[RollupRow]) -> Vec<(String, String, u64)> {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".into());
        {
            let rows: Vec<_> = rows.iter().collect();
            by_ticket_type(&rows, &TicketTypeNames::of(&rows))
        }
        .into_iter()
        .map(|one| {
            (
                or_none(one.ticket_type_id),
                or_none(one.ticket_type_name),
                one.registrations,
            )
        })
        .collect()
    }

    #[test]
    fn a_name_alone_is_counted_with_the_only_id_of_that_name() {
        let rows = [
            registered("2026-11-01", "vip-1", Some("VIP")),
            registered("2026-11-02", "VIP", Some("VIP")),
        ];
        assert_eq!(summary(&rows), [("vip-1".into(), "VIP".into(), 2)]);
    }

    #[test]
    fn a_name_of_two_ids_stays_apart_from_both() {
        let rows = [
            registered("2026-11-01", "vip-1", Some("VIP")),
            registered("2026-11-01", "vip-2", Some("VIP")),
            registered("2026-11-02", "VIP", Some("VIP")),
        ];
        let expected = [
            ("none".into(), "VIP".into(), 1),
            ("vip-1".into(), "VIP".into(), 1),
            ("vip-2".into(), "VIP".into(), 1),
        ];
        assert_eq!(summary(&rows), expected);
    }

    #[test]
    fn a_renamed_type_has_its_last_name_whatever_the_order_of_rows() {
        let rows = [
            registered("2026-11-05", "vip-1", Some("Gold")),
            registered("2026-11-01", "vip-1", Some("VIP")),
            registered("2026-11-06", "vip-1", None),
        ];
        assert_eq!(summary(&rows), [("vip-1".into(), "Gold".into(), 3)]);
    }

    #[test]
    fn a_registration_without_a_type_has_neither_id_nor_name() {
        assert_eq!(
            summary(&[registered("2026-11-05", "", None)]),
            [("none".into(), "none".into(), 1)]
        );
    }
}
