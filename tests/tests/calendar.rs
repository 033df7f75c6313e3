//! Figures follow the calendar: days of 23 and 25 hours, zones with offsets of half and quarter hours, a skipped
//! day, weeks over New Year. The expected values are written by hand.

mod change_days;
mod event_day;
mod hours;
mod odd_offsets;
mod skipped_day;
mod two_clocks;
mod weeks_and_months;

use analytics_tests::{fact::Fact, response::TimeBucket, world::World};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

const VIEW: &str = "page.view";
const COMPLETED: &str = "registration.completed";
const CANCELLED: &str = "registration.cancelled";
const CHECK_IN: &str = "checkin.completed";

/// A fact: its local time, type and visitor.
type LocalFact = (DateTime<FixedOffset>, &'static str, &'static str);

/// The instant of a local time with its offset, `01:30-05:00`, on `day`.
fn moment(day: NaiveDate, time: &str) -> DateTime<FixedOffset> {
    let (clock, offset) = time.split_at(time.len() - "+00:00".len());
    let clock = if clock.len() == "00:00".len() {
        format!("{clock}:00")
    } else {
        clock.to_owned()
    };
    let text = format!("{day}T{clock}{offset}");
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

/// Formats a time with its offset: equal instants with different offsets differ.
fn shown(moment: DateTime<FixedOffset>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%:z").to_string()
}

/// Publishes an event with this start.
async fn publish(
    world: &World,
    tenant: Uuid,
    zone: Option<&str>,
    starts_at: DateTime<Utc>,
) -> Uuid {
    let event = Uuid::now_v7();
    let published = starts_at - chrono::Duration::days(30);
    let body = json!({"eventId": event, "tenantId": tenant, "title": "A Conference",
        "slug": "a-conference", "startsAt": starts_at, "publishedAt": published,
        "occurredAt": published, "timezone": zone});
    world.broker.publish("event.published", &body).await;
    let registered =
        format!("SELECT COUNT(*) FROM analytics_service.tracked_events WHERE event_id = '{event}'");
    world.until(&registered, 1).await;
    event
}

/// Sends facts with the role `SERVICE`.
async fn tell(world: &World, tenant: Uuid, event: Uuid, told: &[LocalFact]) {
    let service = world.write().with_role("SERVICE");
    for &(at, kind, visitor) in told {
        let fact = Fact::new(kind, event)
            .tenant(tenant)
            .id(Uuid::new_v4())
            .at(at.with_timezone(&Utc))
            .visitor(visitor)
            .registration(Uuid::new_v4());
        service.store(&fact).await;
    }
}

/// Makes days of past years readable: these tests concern the calendar, not the retention.
const READ_ALL_YEARS: &str = "
    CREATE OR REPLACE FUNCTION analytics_service.first_complete_day(zone TEXT) RETURNS DATE
    LANGUAGE SQL STABLE RETURN DATE '2000-01-01'";

/// Stores facts that are too old to be sent, and rebuilds the rollup.
async fn remember(world: &World, tenant: Uuid, event: Uuid, told: &[LocalFact]) {
    let database = &world.database.connection;
    database.execute_unprepared(READ_ALL_YEARS).await.unwrap();
    for (at, kind, visitor) in told {
        let fact = format!(
            "INSERT INTO analytics_service.analytics_events
                 (id, tenant_id, event_type, event_id, properties, created_at)
             VALUES (gen_random_uuid(), '{tenant}', '{kind}', '{event}',
                     jsonb_build_object('visitorId', '{visitor}'), '{}')",
            at.to_rfc3339()
        );
        let stored = world.database.connection.execute_unprepared(&fact).await;
        stored.unwrap();
    }
    let event = event.to_string();
    let counted = world.database.migrate(&["rebuild", "--event", &event]);
    assert!(counted.status.success(), "{counted:?}");
}

/// The start of each time bucket, and the end of the last one; asserts that each ends when the next starts.
fn bounds(series: &[TimeBucket]) -> Vec<String> {
    for pair in series.windows(2) {
        assert_eq!(shown(pair[0].ends_at), shown(pair[1].starts_at));
    }
    let mut bounds: Vec<_> = series.iter().map(|one| shown(one.starts_at)).collect();
    bounds.extend(series.last().map(|one| shown(one.ends_at)));
    bounds
}
