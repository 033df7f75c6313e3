//! The times of facts: more frequent towards the event, and often around midnight, where the day in the
//! zone of the event differs from that in UTC.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use rand::{RngExt, rngs::StdRng};

use super::event::{Event, at};

/// A time between the publication and the start of the event.
pub fn of_campaign(event: &Event, rng: &mut StdRng) -> DateTime<Utc> {
    let length = event.starts_at - event.published_at;
    // The later of two random times: the density increases linearly.
    let offset = rng.random_range(0..length.num_milliseconds());
    let offset = offset.max(rng.random_range(0..length.num_milliseconds()));
    let moment = event.published_at + TimeDelta::milliseconds(offset);
    if rng.random_ratio(1, 12) {
        around_midnight(event, moment, rng)
    } else {
        moment
    }
}

/// A time within twenty minutes of the midnight at which the day of `moment` starts.
fn around_midnight(event: &Event, moment: DateTime<Utc>, rng: &mut StdRng) -> DateTime<Utc> {
    let day = moment.with_timezone(&event.zone).date_naive();
    let midnight = at(event.zone, day, NaiveTime::MIN);
    let seconds = rng.random_range(-1_200..1_200);
    (midnight + TimeDelta::seconds(seconds)).max(event.published_at)
}

/// A time from `earliest` to `latest` minutes after another.
pub fn minutes_after(
    moment: DateTime<Utc>,
    earliest: i64,
    latest: i64,
    rng: &mut StdRng,
) -> DateTime<Utc> {
    moment + TimeDelta::seconds(rng.random_range(earliest * 60..latest * 60))
}

/// A moment in the last ten minutes.
pub fn just_before(now: DateTime<Utc>, rng: &mut StdRng) -> DateTime<Utc> {
    now - TimeDelta::milliseconds(rng.random_range(1_000..600_000))
}

/// A moment from one to another, which must lie apart.
pub fn between(from: DateTime<Utc>, to: DateTime<Utc>, rng: &mut StdRng) -> DateTime<Utc> {
    from + TimeDelta::milliseconds(rng.random_range(0..(to - from).num_milliseconds()))
}
