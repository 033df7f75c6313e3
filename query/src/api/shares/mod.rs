//! Share links: `/events/{eventId}/shares` for their creators, and `POST /app/share-session` for their recipients.

mod handler;
mod problems;
mod request;
mod response;
mod session;

pub use handler::ShareApi;
pub use session::ShareSessionApi;
