//! The registry of published events: look-ups, and the list of the events of a tenant.

mod event_list;
mod lookup;

pub use event_list::{EventListPage, EventListQuery, ListedEvent};
pub(super) use lookup::parse_zone;
