//! `GET /events/{eventId}/dashboard`

mod build;
mod fact_scan;
mod handler;
mod response;

pub use build::DashboardQuery;
pub use handler::DashboardApi;
