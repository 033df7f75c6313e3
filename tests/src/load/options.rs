//! The settings of `analytics-bench load`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::attack::Attack;

/// Settings of `load`.
#[derive(Args, Clone, Debug)]
pub struct LoadOptions {
    /// Attacks, separated by commas; all by default.
    #[arg(long, value_name = "ATTACK", value_delimiter = ',', value_enum)]
    only: Vec<Attack>,

    /// Milliseconds within which every response to others must come.
    #[arg(long, value_name = "N", default_value_t = 250)]
    limit_ms: u64,
}

impl LoadOptions {
    /// The attacks to run, in order.
    #[must_use]
    pub fn attacks(&self) -> Vec<Attack> {
        let all = Attack::value_variants().iter().copied();
        all.filter(|attack| self.only.is_empty() || self.only.contains(attack))
            .collect()
    }

    /// The time in which a response must come.
    #[must_use]
    pub fn limit(&self) -> Duration {
        Duration::from_millis(self.limit_ms)
    }
}
