//! The responses of both tiers, as a client reads them. `documents.rs` compares the bodies themselves with the
//! OpenAPI documents.
#![expect(
    missing_docs,
    reason = "the fields of the API, which its OpenAPI documents describe"
)]

mod counts;
mod dashboard;
mod funnel;
mod receipt;
mod report;
mod totals;

pub use counts::{Counts, Day, TimeBucket, all_figures};
pub use dashboard::{CheckInCurve, CurvePoint, Dashboard, HourOfWeek, SourceMetrics, TicketType};
pub use funnel::{Funnel, FunnelGroup, FunnelMetrics, Percentiles, TimeToConvert};
pub use receipt::{BatchReceipts, BatchTotals, Receipt, ReceiptError};
pub use report::{EventMetrics, Report, ReportTotals};
pub use totals::{Change, Comparison, Revenue, Totals};
