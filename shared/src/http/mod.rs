//! The HTTP server of both tiers, the routes of its two listeners, and the reading of request bodies.

mod allowed_methods;
mod body;
mod management_routes;
mod routes;
mod server;

pub use body::{
    BeaconBody, BodyBytes, Decoder, Encoding, JsonBody, from_json, is_json, is_media_type,
    media_type, read_body,
};
pub use management_routes::management_routes;
pub use routes::routes;
pub use server::serve;
