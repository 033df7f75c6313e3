//! The funnel of a part of the facts.

use analytics_shared::period::Period;
use chrono::NaiveDate;
use poem_openapi::Object;

use super::{super::types::Day, steps::FunnelFigures};
use crate::figures;

/// The funnel of a part of the facts. Of the first four fields, only those of `groupBy` are not `null`.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelGroup {
    /// The traffic source.
    #[oai(nullable)]
    pub source: Option<String>,
    /// The ticket type's id. Facts without any ticket type are a group without id and name.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Its name.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// The day.
    #[oai(nullable)]
    pub date: Option<Day>,
    /// The steps of this group alone.
    #[oai(flatten)]
    pub figures: FunnelFigures,
    /// Whether its day, or else the period, is not over yet.
    pub incomplete: bool,
}

impl FunnelGroup {
    /// A group of `period`; `is_open` says of which days there may be more.
    pub fn new(
        group: figures::Group,
        funnel: figures::Funnel,
        period: Period,
        is_open: impl Fn(NaiveDate) -> bool,
    ) -> Self {
        let (mut source, mut ticket_type, mut date) = (None, (None, None), None);
        match group {
            figures::Group::Source(name) => source = Some(name),
            figures::Group::TicketType(id, name) => ticket_type = (id, name),
            figures::Group::Day(day) => date = Some(day),
        }
        Self {
            source,
            ticket_type_id: ticket_type.0,
            ticket_type_name: ticket_type.1,
            date: date.map(Day),
            figures: funnel.into(),
            incomplete: is_open(date.unwrap_or(period.to)),
        }
    }
}
