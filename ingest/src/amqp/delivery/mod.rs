//! Messages as they are delivered: their body, their payload, and their span.

pub mod body;
pub mod parsed_delivery;
pub mod span;
