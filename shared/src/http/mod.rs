//! What every HTTP server of ours does the same way.

mod allow;
mod body;
mod routes;
mod serve;

pub use body::JsonBody;
pub use routes::{Operations, routes};
pub use serve::serve;
