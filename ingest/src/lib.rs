//! The write tier: accepts facts over HTTP, from RabbitMQ and from files, enriches them, and stores them in
//! batches, each exactly once.
//!
//! ```text
//! http ────┐                           ┌──▶ store (facts, ledger, rollup)
//! amqp ────┼─▶ enrich ──▶ pipeline ──▶ writer
//! import ──┘                 │         └──▶ outcomes: receipts, acknowledgements
//!                            ▼ while the database is unavailable
//!                  retry; overflow queue (http)
//! ```

mod amqp;
pub mod cli;
mod config;
mod enrich;
mod http;
mod import;
mod limits;
mod maintenance;
mod metrics;
mod pipeline;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod writer;
