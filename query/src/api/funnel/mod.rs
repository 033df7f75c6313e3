//! `GET /events/{eventId}/funnel`

mod build;
mod handler;
mod response;

pub use handler::FunnelApi;
