//! The key of a cached response: everything that it depends on, beside the state of the facts.

use chrono::{DateTime, Utc};

use super::{
    access::{ReadableEvent, ReadableOrganization},
    asked::Asked,
    dashboard::DashboardQuery,
    funnel::FunnelQuery,
    paging::Page,
};
use crate::{answers::CacheKey, figures::Compare, store::RegisteredEvent};

/// A request, with all that was looked up for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ResponseKey {
    /// The dashboard of an event; where it goes by hours, it changes every quarter of an hour.
    Dashboard(ReadableEvent, Asked, DashboardQuery, Option<DateTime<Utc>>),
    /// The funnel of an event.
    Funnel(ReadableEvent, Asked, FunnelQuery),
    /// The report of an organization.
    Report(ReadableOrganization, Asked, Page, Option<Compare>),
}

impl CacheKey for ResponseKey {
    fn heap_bytes(&self) -> usize {
        match self {
            Self::Dashboard(event, ..) | Self::Funnel(event, ..) => {
                event.title.as_ref().map_or(0, String::len)
            }
            Self::Report(organization, ..) => {
                let events = organization.events.iter();
                let bytes = |event: &RegisteredEvent| size_of_val(event) + event.title.len();
                events.map(bytes).sum()
            }
        }
    }
}
