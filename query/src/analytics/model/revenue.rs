//! Payments and refunds by currency.

use poem_openapi::Object;

/// Payments and refunds in one currency. Refunds are not subtracted from payments.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct Revenue {
    /// ISO 4217 code; empty if the facts name no currency.
    pub currency: String,
    /// Sum of the payments, in minor units.
    pub amount_cents: i64,
    /// Number of payments.
    pub payments: u64,
    /// Sum of the refunds, in minor units.
    pub refunded_cents: i64,
    /// Number of refunds.
    pub refunds: u64,
}
