//! The scope of a read: facts of one tenant over a period.

use analytics_shared::period::Period;
use chrono::NaiveDate;
use chrono_tz::Tz;
use uuid::Uuid;

use crate::analytics::TimeZoneRules;

/// The facts of one tenant over a period.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantQuery {
    pub tenant_id: Uuid,
    /// Days in the zone of `rules`.
    pub period: Period,
    pub rules: TimeZoneRules,
}

impl TenantQuery {
    pub fn zone(&self) -> Tz {
        self.rules.zone()
    }

    /// Returns the same query for other days.
    pub fn with_days(&self, from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            period: Period { from, to },
            ..self.clone()
        }
    }
}
