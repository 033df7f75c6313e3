//! The filter of a dashboard or funnel, in the forms in which its values are stored.

use analytics_shared::parse::{id, source};

use crate::analytics::Filter;

/// Returns the filter with the values of the parameters `source` and `ticketType`.
pub fn filter(source: Option<&str>, ticket_type: Option<&str>) -> Filter {
    Filter {
        source: source.map(source::normalize),
        ticket_type: ticket_type.map(|text| id::normalize(text).into_owned()),
    }
}
