//! The write side of the database: all SQL that writes, one file per purpose.

mod availability;
pub mod compaction;
pub mod database;
pub mod error;
pub mod fact_row;
pub mod lookup;
mod rebuild;
pub mod registry;
mod retention;
mod salts;
mod write;
