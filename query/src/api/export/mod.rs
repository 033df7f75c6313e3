//! `POST /export`

mod file_response;
mod handler;
mod request;

pub use handler::ExportApi;
