//! What every HTTP server of ours does the same way.

mod allow;
mod body;
mod encoding;
mod json;
mod routes;
mod serve;

pub use body::{BeaconBody, JsonBody, is_json, is_media_type, media_type, read_body};
pub use json::from_json;
pub use routes::{Operations, routes};
pub use serve::serve;
