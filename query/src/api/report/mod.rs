//! `GET /organizations/{orgId}/report`

mod build;
mod handler;
mod response;

pub use handler::ReportApi;
