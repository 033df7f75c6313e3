//! Exports: datasets as files, written while they are read, in bounded memory.
//!
//! ```text
//! store (streams) ──▶ datasets (records) ──▶ table (cells) ──▶ formats (csv, ndjson, xlsx) ──▶ trailers
//! ```

mod batches;
mod datasets;
mod disk;
mod error;
mod figures;
mod file;
mod formats;
mod job;
mod language;
mod limits;
mod money;
mod table;
mod timestamp;
mod trailers;

pub use disk::DiskFull;
pub use error::ExportError;
pub use figures::{Figures, FiguresSubject};
pub use file::{export_file, sample};
pub use job::{Dataset, Delimiter, ExportJob, FileFormat};
pub use language::Language;
pub use limits::ExportLimits;
pub use timestamp::TimestampFormat;
pub use trailers::TRAILERS;
