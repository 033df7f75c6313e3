//! The datasets: their records and columns.

mod event_days;
mod facts;
mod registrations;
mod revenue_columns;

pub(super) use event_days::{EventDayRecord, event_day_records};
pub(super) use registrations::RegistrationRecord;
