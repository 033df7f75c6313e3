//! What the black-box tests and the demo stand on: the real binaries, a real TimescaleDB, a real
//! RabbitMQ, a proxy that makes faults, and a platform that plays the life of ticketing events.

pub mod api;
pub mod broker;
pub mod database;
pub mod demo;
pub mod process;
pub mod proxy;
pub mod service;
pub mod simulator;
pub mod stack;
pub mod world;
