//! The receipts of facts.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

/// The receipt of a fact; with an index in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Receipt {
    pub index: Option<usize>,
    pub id: Option<Uuid>,
    pub status: String,
    pub error: Option<ReceiptError>,
    #[serde(rename = "createdAt")]
    pub created_at: Option<DateTime<Utc>>,
    #[serde(default, rename = "droppedProperties")]
    pub dropped_properties: Vec<String>,
    #[serde(default, rename = "cutProperties")]
    pub cut_properties: Vec<String>,
}

/// The reason why a fact of a batch was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReceiptError {
    pub code: String,
    pub field: Option<String>,
    pub message: String,
    pub retryable: bool,
}

/// The receipts of a batch, also in the problem of one that was not stored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BatchReceipts {
    pub receipts: Vec<Receipt>,
    pub totals: BatchTotals,
}

/// The number of facts by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct BatchTotals {
    pub stored: u64,
    pub duplicate: u64,
    pub flagged: u64,
    pub queued: u64,
    pub rejected: u64,
}
