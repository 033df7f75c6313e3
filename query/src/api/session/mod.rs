//! `POST` and `DELETE /app/session`, and `GET /me`

mod caller;
mod handler;
mod problems;
mod sign_in;

pub use handler::SessionApi;
