//! Input files: opening, decompressing, splitting into rows, and parsing.

pub mod chunk;
mod csv;
pub mod field;
pub mod file;
pub mod format;
mod json;
mod lines;
pub mod preset;
pub mod reader;
pub mod rejection;
pub mod row;
pub mod times;
