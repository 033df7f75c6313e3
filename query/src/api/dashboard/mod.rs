//! `GET /events/{eventId}/dashboard`

mod build;
mod fact_scan;
mod handler;
mod response;

pub use build::{DashboardQuery, build_dashboard};
pub use handler::DashboardApi;
