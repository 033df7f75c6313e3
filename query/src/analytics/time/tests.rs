//! Time zone rules for tests.

use chrono::{DateTime, Offset, TimeDelta, Utc};
use chrono_tz::Tz;

use super::time_zone_rules::TimeZoneRules;

/// Rules of a zone from chrono-tz, from 2011 to 2026.
pub fn test_rules(zone: Tz) -> TimeZoneRules {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).offset().fix();
    let mut at: DateTime<Utc> = "2011-01-01T00:00:00Z".parse().unwrap();
    let end: DateTime<Utc> = "2027-01-01T00:00:00Z".parse().unwrap();
    let mut offsets = vec![(at, offset(at))];
    while at < end {
        let next = at + TimeDelta::days(1);
        if offset(next) != offset(at) {
            let mut changed = at;
            while offset(changed) == offset(at) {
                changed += TimeDelta::minutes(15);
            }
            offsets.push((changed, offset(changed)));
        }
        at = next;
    }
    TimeZoneRules::new(zone, offsets)
}
