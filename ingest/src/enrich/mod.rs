//! Enrichment: makes a complete fact of an incoming one, with its tenant, user, identity, source and
//! visitor, and with the data of its registration.

mod assembly;
pub mod bot;
pub mod client;
pub mod enricher;
pub mod error;
mod identity;
pub mod imported;
pub mod incoming_fact;
pub mod message;
pub mod properties;
pub mod sender;
mod source;
mod visitor;

pub use assembly::apply_registration;
