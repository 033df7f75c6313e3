//! Input files: opening, decompressing, splitting into rows, and parsing.

pub mod chunk;
pub mod columns;
mod csv;
pub mod format;
mod ndjson;
pub mod reader;
pub mod rejection;
pub mod source;
