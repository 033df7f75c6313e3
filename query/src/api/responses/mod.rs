//! Parts of responses that several endpoints share.

mod comparison;
mod compression;
mod conditional;
pub(super) mod examples;
mod metadata;
mod problems;

pub use comparison::Comparison;
pub use compression::compress;
pub use conditional::{ConditionalResponse, conditional, respond};
pub use metadata::{DateRange, ReportMetadata};
pub use problems::{ExportProblems, ReadProblems, rejected};
