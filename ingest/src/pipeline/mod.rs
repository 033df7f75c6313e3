//! The path of a fact from its source to its outcome, shared by HTTP, AMQP and import.

pub mod in_flight;
pub mod pending;
pub mod retry;
