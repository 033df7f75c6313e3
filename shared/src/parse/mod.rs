//! The values of inputs, each kind parsed in one place for HTTP, messages, imported files, settings and query
//! parameters.
//!
//! Harmless forms of a good value are read as the value, so that it is stored and compared in one form. A
//! value that has no meaning is an error, which repeats nothing of it: it may be personal data.

pub mod amount;
pub mod currency;
pub mod id;
pub mod json;
pub mod number;
pub mod source;
pub mod text;
pub mod time;
pub mod time_zone;
