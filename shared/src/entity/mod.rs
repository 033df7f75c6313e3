//! SeaORM models of tables in the schema `analytics_service`: columns only, no logic, and not used as
//! API bodies.

pub mod analytics_event;
pub mod tracked_event;
