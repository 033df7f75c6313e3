//! A platform that plays the life of one ticketing event, and counts for itself what the analytics
//! service must answer.
//!
//! ```text
//! event, people ──▶ web (posts) ───────┐
//!                └▶ platform (messages) ┴▶ Story: what is sent, and as plain facts what it means
//!                                                                        └──▶ recount
//! ```
//!
//! Nothing here shares code with the service: the recount goes over a list of what was sent, again
//! for every figure, as slowly and as plainly as can be.

mod event;
mod fact;
mod moments;
mod people;
mod platform;
pub mod recount;
mod story;
mod web;

pub use event::Event;
pub use fact::{Fact, Kind, Money};
pub use platform::Message;
pub use story::Story;
pub use web::Post;
