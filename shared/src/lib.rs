//! What both tiers agree on: the words (event types, facts, periods, visitor sets), the tables,
//! and the parts every service of ours has (configuration, errors, health, telemetry, shutdown).
//!
//! Nothing here reads or writes facts: SQL that writes lives in `ingest`, SQL that reads in `query`.

pub mod auth;
pub mod clock;
pub mod config;
pub mod database;
pub mod edition;
pub mod entity;
pub mod event_type;
pub mod fact;
pub mod health;
pub mod http;
pub mod lifecycle;
pub mod maintenance;
pub mod period;
pub mod problem;
pub mod telemetry;
pub mod visitor_set;
