//! The spans of messages and commits, which have no task of their own.

pub mod commit;
pub mod message;
