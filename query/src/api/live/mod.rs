//! `GET /events/{eventId}/live`

mod handler;
mod response;
mod stream;

pub use handler::LiveApi;
