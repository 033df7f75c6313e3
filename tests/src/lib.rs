//! The tools of the black-box tests, the demo and the bench: the real programs, a real TimescaleDB and
//! RabbitMQ, a fault-injecting proxy, and a simulated platform.

pub mod api;
pub mod bench;
pub mod bi_login;
pub mod broker;
pub mod browser;
pub mod cleanup;
pub mod clock_change;
pub mod compression;
pub mod database;
pub mod demo;
pub mod dev_script;
pub mod exported;
pub mod fact;
pub mod faulty;
mod form;
pub mod guide;
pub mod issuer;
pub mod keys;
pub mod load;
pub mod pooler;
pub mod process;
pub mod property;
pub mod proxy;
pub mod replica;
pub mod response;
pub mod service;
pub mod share;
pub mod simulator;
pub mod spreadsheet;
pub mod stack;
pub mod statements;
pub mod tls;
pub mod transaction;
pub mod watch;
pub mod world;
