//! `GET /events/{eventId}/dashboard`

mod build;
mod fact_scan;
mod handler;
mod response;

pub use handler::DashboardApi;
