//! How figures are written in the tables of the bench, and in its lines for programs.

/// A number of seconds, or that there is none.
pub fn seconds(used: Option<f64>) -> String {
    used.map_or("–".to_owned(), |used| format!("{used:.1}"))
}

/// The value to so many parts of one.
pub fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// The next whole number of a rate.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate"
)]
pub fn whole(rate: f64) -> u64 {
    rate.round() as u64
}

/// KiB in MiB.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1_024.0
}
