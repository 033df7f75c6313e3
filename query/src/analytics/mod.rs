//! The definition of every metric. Dashboard, funnel, report, exports and live metrics aggregate the
//! same rows with the same [`Aggregate`](aggregate::Aggregate), so they cannot disagree. Pure
//! functions: no SQL, no HTTP.

mod aggregate;
mod breakdown;
mod funnel;
mod kpi;
mod model;
mod report;
mod time;

pub use aggregate::*;
pub use breakdown::*;
pub use funnel::*;
pub use kpi::*;
pub use model::*;
pub use report::*;
pub use time::*;

#[cfg(test)]
mod recount;
