//! SeaORM models of the tables in schema `analytics_service`. Columns and nothing else: no rules,
//! and never the body of an API.

pub mod analytics_event;
pub mod tracked_event;
