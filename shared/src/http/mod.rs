//! What every HTTP server of ours does the same way.

mod accept;
mod activity;
mod allow;
mod answer;
mod body;
mod body_bytes;
mod connection;
mod encoding;
mod json;
mod read_body;
mod routes;
mod serve;
mod socket;

pub use body::{BeaconBody, JsonBody, is_json, is_media_type, media_type};
pub use body_bytes::BodyBytes;
pub use encoding::{Decoder, Encoding};
pub use json::from_json;
pub use read_body::read_body;
pub use routes::{OperationalState, routes};
pub use serve::serve;
