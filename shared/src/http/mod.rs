//! The HTTP server of both tiers, its operational routes, and the reading of request bodies.

mod allowed_methods;
mod body;
mod routes;
mod server;

pub use body::{
    BeaconBody, BodyBytes, Decoder, Encoding, JsonBody, from_json, is_json, is_media_type,
    media_type, read_body,
};
pub use routes::{OperationalState, routes};
pub use server::serve;
