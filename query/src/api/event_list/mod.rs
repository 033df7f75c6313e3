//! `GET /organizations/{orgId}/events`

mod handler;
mod response;

pub use handler::EventListApi;
