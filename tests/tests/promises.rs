//! What the service promises, one promise per file, shown on the real programs with a real
//! TimescaleDB and a real RabbitMQ.

mod bad_input;
mod batch;
mod bench;
mod browsers;
mod calendar;
mod connection_urls;
mod dead_letters;
mod demo;
mod details;
mod documents;
mod exactly_once;
mod export_costs;
mod export_datasets;
mod export_end;
mod export_files;
mod exports;
mod funnel;
mod import;
mod live;
mod maintenance;
mod metrics;
mod order;
mod plans;
mod polling;
mod raw_and_rollup;
mod refined;
mod replica;
mod report;
mod rights;
mod schema;
mod shutdown;
mod tenants;
mod visitors;
mod wire;
mod zones;
