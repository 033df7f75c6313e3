//! The datasets: what a record of each is, and its columns.

mod daily;
mod facts;
mod money;
mod registrations;

pub(super) use daily::{Daily, event_days};
pub(super) use money::Money;
pub(super) use registrations::with_money;
