//! The HTTP server of both tiers, the routes of its two listeners, and the reading of request bodies.

mod allowed_methods;
mod body;
mod management_routes;
mod rate_limit;
mod routes;
mod server;
mod trusted_proxies;

pub use body::{
    BeaconBody, BodyBytes, Decoder, Encoding, JsonBody, from_json, is_json, is_media_type,
    media_type, read_body,
};
pub use management_routes::management_routes;
pub use rate_limit::{Admission, Buckets, ClientNetwork, Quota, RateLimits};
pub use routes::routes;
pub use server::serve;
pub use trusted_proxies::{ClientAddress, TrustedProxies};
