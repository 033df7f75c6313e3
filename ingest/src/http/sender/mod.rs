//! The sender of a tracking request: its token, its write key, and its client.

pub mod caller;
pub mod client;
pub mod write_key;
