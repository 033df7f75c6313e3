//! `POST /export`

mod figures;
mod file_response;
mod handler;
mod request;

pub use handler::ExportApi;
