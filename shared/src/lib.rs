//! The domain types (event types, facts, periods, visitor sets), the values of inputs, the table models, and the
//! parts of every service (configuration, HTTP server, problems, health, telemetry, shutdown).
//!
//! SQL that writes facts belongs to `ingest`, SQL that reads them to `query`; `database` has the
//! statements that `ingest` and `migration` share.

pub mod auth;
pub mod clock;
pub mod config;
pub mod database;
pub mod entity;
pub mod event_type;
pub mod fact;
pub mod http;
pub mod lifecycle;
pub mod parse;
pub mod period;
pub mod problem;
pub mod telemetry;
pub mod visitor_set;
