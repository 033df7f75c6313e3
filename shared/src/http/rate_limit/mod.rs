//! Rate limits: a token bucket for each client network, tenant and write key. Requests are charged before
//! their body is read; the facts of a batch after it.

mod admission;
mod buckets;
mod dimension;
mod limits;
mod middleware;
mod network;

pub use governor::Quota;

pub use admission::Admission;
pub use buckets::{Buckets, Charge};
pub use limits::RateLimits;
pub(super) use middleware::limited;
pub use network::ClientNetwork;
