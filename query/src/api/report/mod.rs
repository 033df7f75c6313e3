//! `GET /organizations/{orgId}/report`

mod build;
mod cached;
mod handler;
mod response;

pub use build::{ReportRequest, build_report};
pub use handler::ReportApi;
