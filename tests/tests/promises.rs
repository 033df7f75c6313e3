//! What the service promises, one promise per file, shown on the real programs with a real
//! TimescaleDB and a real RabbitMQ.

mod bad_input;
mod demo;
mod documents;
mod exactly_once;
mod exports;
mod order;
mod raw_and_rollup;
mod rights;
mod schema;
mod shutdown;
mod tenants;
mod visitors;
mod wire;
mod zones;
