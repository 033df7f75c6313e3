//! The HTTP API: parameters, authorization and responses. The metrics are defined in
//! `analytics`.

mod authorization;
mod dashboard;
mod event;
mod event_list;
mod export;
mod funnel;
mod live;
mod params;
mod report;
mod responses;
mod routes;
mod service;
mod session;
mod shares;

pub(crate) use responses::compress;
pub(crate) use routes::CORS_RULES;
pub use service::document;
pub(crate) use service::service;
