//! A simulated platform: generates the facts of one ticketing event, and counts the expected figures
//! independently of the service.
//!
//! ```text
//! event, people ──▶ web (posts) ───────┐
//!                └▶ platform (messages) ┴▶ Story: requests and messages, and the expected facts
//!                                                                        └──▶ recount
//! Latecomers: the visitors of now, once the story is told
//! ```
//!
//! Nothing here shares code with the service: each figure is counted separately from the list of facts, as
//! simply as possible.

mod event;
mod fact;
mod latecomers;
mod moments;
mod people;
mod platform;
pub mod recount;
mod story;
mod web;

pub use event::Event;
pub use fact::{Fact, Kind, Money};
pub use latecomers::{Latecomer, Latecomers};
pub use platform::Message;
pub use story::Story;
pub use web::Post;
