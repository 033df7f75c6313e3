//! The database and the programs have their own time zone rules, which may differ in their version. Figures agree
//! with one another also where the rules differ.

use analytics_shared::clock;
use analytics_tests::{response::TimeBucket, world::World};
use chrono::{Duration, DurationRound, Offset, TimeZone};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{LocalFact, VIEW, tell};

/// Some zones whose current offset in the database differs from that of chrono-tz, if there are any.
async fn disputed(world: &World) -> Vec<Tz> {
    let now = clock::now();
    let zones = "SELECT name, EXTRACT(EPOCH FROM utc_offset)::BIGINT FROM pg_timezone_names
                 WHERE name LIKE 'America/%' OR name LIKE 'Africa/%' ORDER BY name";
    let zones = world.database.rows(zones).await;
    let disputed = zones.iter().filter_map(|row| {
        let name: String = row.try_get_by_index(0).unwrap();
        let offset: i64 = row.try_get_by_index(1).unwrap();
        let zone: Tz = name.parse().ok()?;
        let ours = zone.offset_from_utc_datetime(&now.naive_utc()).fix();
        (i64::from(ours.local_minus_utc()) != offset).then_some(zone)
    });
    disputed.take(3).collect()
}

/// The sum of the views of all time buckets.
fn views<'a>(buckets: impl IntoIterator<Item = &'a TimeBucket>) -> u64 {
    buckets.into_iter().map(|bucket| bucket.views).sum()
}

#[tokio::test]
async fn hours_add_up_to_days_where_the_rules_of_a_zone_are_disputed() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let hour = clock::now().duration_trunc(Duration::hours(1)).unwrap();
    // One view in each hour of two days.
    let told = (1..=48).map(|hours| (hour - Duration::hours(hours)).fixed_offset());
    let told: Vec<LocalFact> = told.map(|at| (at, VIEW, "ann")).collect();
    for zone in disputed(&world).await {
        println!("{zone}");
        let event = world.publish_event(tenant, Some(zone.name())).await;
        let elsewhere = world.publish_event(tenant, None).await;
        for event in [event, elsewhere] {
            tell(&world, tenant, event, &told).await;
            let (from, to) = (hour - Duration::days(4), hour + Duration::days(1));
            let query = format!(
                "?dateFrom={}&dateTo={}&timezone={zone}&granularity=hour",
                from.date_naive(),
                to.date_naive()
            );
            let answer = world.dashboard(tenant, event, &query).await;
            assert_eq!(answer.total_views, 48, "{zone}");
            for day in &answer.by_day {
                let hours = answer.series().iter();
                let hours = hours.filter(|hour| hour.date_from == day.date);
                assert_eq!(views(hours), day.views, "{zone} {day:?}");
                // The day alone has the same figures.
                let date = day.date;
                let query = format!("?dateFrom={date}&dateTo={date}&timezone={zone}");
                let hours = query + "&granularity=hour";
                let alone = world.dashboard(tenant, event, &hours).await;
                assert_eq!(views(alone.series()), day.views, "{zone} {day:?}");
            }
        }
    }
    world.end().await;
}
