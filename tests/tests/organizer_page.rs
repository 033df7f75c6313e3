//! The page of the organizer in Chromium: its figures are those of the API, it works for everyone and everywhere,
//! and it stays within its policy.

mod accessible;
mod exported;
mod figures;
mod framed;
mod hand_over;
mod keyboard;
mod live;
mod overview;
mod places;
mod reading;
mod refused_forms;
mod selection;
mod shared;
mod stage;
mod trouble;
