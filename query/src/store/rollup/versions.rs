//! What has changed: the versions that writers leave of every event's days.

use analytics_shared::period::Period;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::{FromQueryResult, raw_sql};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Store, StoreError};

/// Days of two zones that the same moment falls on are never further apart.
const BETWEEN_ZONES: chrono::Days = chrono::Days::new(2);

/// One day of an event; it has the same version as long as nothing of it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DayVersion {
    /// The day, in the zone that the event's rollup counts days in.
    pub day: NaiveDate,
    /// The version: another for every change.
    pub version: i64,
    /// When it changed last.
    pub changed_at: DateTime<Utc>,
}

/// The state of what a figure is made of: equal states make equal figures.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State(Vec<i64>);

impl State {
    /// The state of days with these versions. Every change has a version of its own, so that two
    /// states differ also without the days. Transaction ids repeat after a failover or a restore, but
    /// not at the same microsecond.
    fn of<'a>(versions: impl Iterator<Item = &'a DayVersion>) -> Self {
        let numbers = versions.flat_map(|day| [day.version, day.changed_at.timestamp_micros()]);
        Self(numbers.collect())
    }

    /// The state of what these bytes tell apart.
    #[must_use]
    pub fn digest(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let (numbers, _) = digest.as_chunks();
        Self(numbers.iter().copied().map(i64::from_be_bytes).collect())
    }

    /// Memory that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&self.0[..])
    }
}

/// The state of some days of an event.
#[derive(Clone, Debug)]
pub struct Versions(pub(super) Vec<DayVersion>);

impl Versions {
    /// What tells this state from others.
    #[must_use]
    pub fn state(&self) -> State {
        State::of(self.0.iter())
    }

    /// When any of the days changed last; `None` if there is nothing on them.
    #[must_use]
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.0.iter().map(|day| day.changed_at).max()
    }
}

impl Store {
    /// The versions of the days of an event that have facts, also of those that lie on days of
    /// `period`, which are counted in `zone`, in any other zone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn event_versions(
        &self,
        tenant_id: Uuid,
        event_id: Uuid,
        period: Period,
        zone: Tz,
    ) -> Result<Versions, StoreError> {
        let ((from, to), zone) = (within(period), zone.name());
        let statement = raw_sql!(
            Postgres,
            "SELECT day, version, changed_at FROM event_day_versions
             WHERE tenant_id = {tenant_id} AND event_id = {event_id} AND day BETWEEN {from} AND {to}
               AND day >= (SELECT first_complete_day({zone})) - 2
             ORDER BY day"
        );
        let days = DayVersion::find_by_statement(statement).all(&self.database);
        Ok(Versions(days.await?))
    }
}

/// The days of any zone that `period` may lie on in another.
pub(super) fn within(period: Period) -> (NaiveDate, NaiveDate) {
    let from = period.from.checked_sub_days(BETWEEN_ZONES);
    let to = period.to.checked_add_days(BETWEEN_ZONES);
    (from.unwrap_or(period.from), to.unwrap_or(period.to))
}
