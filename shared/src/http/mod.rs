//! The HTTP server of both tiers, the routes of its two listeners, and the reading of request bodies.

mod audit;
mod body;
mod cors;
mod keyed_limiter;
mod log_filter;
mod management_routes;
mod middleware;
mod openapi;
mod rate_limit;
mod representation;
mod response_headers;
mod routes;
mod server;
mod trusted_proxies;

pub use body::{
    BeaconBody, BodyBytes, Decoder, Encoding, FormBody, JsonBody, JsonOrFormBody, MAX_BODY_BYTES,
    from_json, is_json, is_media_type, media_type, read_body,
};
pub use cors::{CorsRules, cors, unknown_origin};
pub use keyed_limiter::{KeyedLimiter, KeyedPermit};
pub use management_routes::management_routes;
pub(crate) use openapi::DocumentedRoutes;
pub use openapi::{described, openapi_document, text_header};
pub use rate_limit::{Admission, Buckets, Charge, ClientNetwork, Quota, RateLimits};
pub use representation::{ContentCoding, StaticDocument, listed_in_any_coding, of_coding};
pub use routes::routes;
pub use server::serve;
pub use trusted_proxies::{ClientAddress, TrustedProxies};
