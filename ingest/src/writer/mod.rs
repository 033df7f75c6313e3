//! Group commit: facts that wait are inserted in one batch while other batches commit.
//!
//! There is no timer. An idle service inserts a single fact at once; a busy one forms batches, because facts
//! gather while the database commits. The number of concurrent batches follows the load.

mod batch;
pub mod commit_spans;
mod insert;
pub mod outcome;
mod queue;
mod writers;

pub use writers::{BufferFull, WriterTasks, Writers};
