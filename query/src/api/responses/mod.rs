//! Parts of responses that several endpoints share.

mod comparison;
mod conditional;
pub(super) mod examples;
mod metadata;
mod problems;

pub use comparison::Comparison;
pub use conditional::{ConditionalResponse, respond};
pub use metadata::{DateRange, ReportMetadata};
pub use problems::{ExportProblems, ReadProblems};
