//! `GET /events/{eventId}/live`

mod handler;
mod render;
mod response;
mod stream;
mod updates;

pub use handler::LiveApi;
