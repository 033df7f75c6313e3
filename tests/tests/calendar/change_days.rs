//! Days on which clocks are changed have exactly their facts, by day, by hour and by hour of the week; from the
//! rollup and from the raw facts.

mod berlin;
mod lord_howe;
mod new_york;
mod santiago;

use analytics_tests::{
    clock_change::{self, Change},
    response::{Dashboard, HourOfWeek, all_figures},
    world::World,
};
use chrono::{Days, NaiveDate, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{LocalFact, bounds, moment, publish, shown, tell};

/// A day on which clocks are changed. Times are local, with their offsets.
struct ChangeDay {
    zone: Tz,
    /// A zone with the same rules, if there is one.
    twin: Option<Tz>,
    change: Change,
    /// The start of the event on this day.
    starts_at: &'static str,
    /// The facts: days after this one, time, type, visitor.
    told: &'static [(i64, &'static str, &'static str, &'static str)],
    /// The figures of the day before, of the day, and of the day after.
    days: [[u64; 5]; 3],
    /// The weekday; Monday is 1.
    weekday: u64,
    /// The start of the day before.
    before: &'static str,
    /// The starts of the hours of the day, and of the next day.
    begins: &'static [&'static str],
    /// The figures of the hours with facts.
    hours: &'static [(&'static str, [u64; 5])],
    /// The counts by hour of the day: views, registrations, cancellations, check-ins.
    clock_hours: &'static [(u64, [u64; 4])],
    /// Minutes with check-ins: their number, and the cumulative number.
    check_ins: &'static [(&'static str, u64, u64)],
}

const ALL: [&ChangeDay; 8] = [
    &new_york::FORWARD,
    &new_york::BACK,
    &berlin::FORWARD,
    &berlin::BACK,
    &lord_howe::FORWARD,
    &lord_howe::BACK,
    &santiago::FORWARD,
    &santiago::BACK,
];

/// A request about a change day: the event, and the zone.
struct Question {
    tenant: Uuid,
    event: Uuid,
    zone: Option<Tz>,
}

impl ChangeDay {
    /// Sends the facts to an event in the zone and to one elsewhere. Returns all requests that must have the
    /// same figures: from the rollup, and from the raw facts.
    async fn tell(&self, world: &World, day: NaiveDate) -> Vec<Question> {
        let tenant = Uuid::now_v7();
        let told = self.told_on(day);
        let starts_at = moment(day, self.starts_at).with_timezone(&Utc);
        let own = publish(world, tenant, Some(self.zone.name()), starts_at).await;
        let elsewhere = publish(world, tenant, None, starts_at).await;
        for event in [own, elsewhere] {
            tell(world, tenant, event, &told).await;
        }
        let ask = |event, zone| Question {
            tenant,
            event,
            zone,
        };
        let twin = self.twin.map(|twin| ask(own, Some(twin)));
        [ask(own, None), ask(elsewhere, Some(self.zone))]
            .into_iter()
            .chain(twin)
            .collect()
    }

    fn told_on(&self, day: NaiveDate) -> Vec<LocalFact> {
        let told = self.told.iter().map(|&(after, time, kind, visitor)| {
            let day = day + chrono::Duration::days(after);
            (moment(day, time), kind, visitor)
        });
        told.collect()
    }
}

impl Question {
    async fn ask(&self, world: &World, from: NaiveDate, to: NaiveDate, more: &str) -> Dashboard {
        let mut query = format!("?dateFrom={from}&dateTo={to}{more}");
        if let Some(zone) = self.zone {
            query.extend(["&timezone=", zone.name()]);
        }
        world.dashboard(self.tenant, self.event, &query).await
    }
}

/// Checks every request about every change day for which facts are still accepted.
async fn check_all(check: impl AsyncFn(&World, &ChangeDay, NaiveDate, &Question)) {
    let world = World::start().await;
    for change_day in ALL {
        let Some(day) = clock_change::latest(change_day.zone, change_day.change) else {
            println!("{}: too long ago", change_day.zone);
            continue;
        };
        println!("{} {day}", change_day.zone);
        for question in change_day.tell(&world, day).await {
            check(&world, change_day, day, &question).await;
        }
    }
    world.end().await;
}

/// The days before and after.
fn around(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    (day - Days::new(1), day + Days::new(1))
}

#[tokio::test]
async fn a_day_has_all_its_facts_and_no_others_however_long_it_is() {
    check_all(async |world, expected, day, question| {
        let (before, after) = around(day);
        let all = question.ask(world, before, after, "").await;
        assert_eq!(all_figures(&all.by_day), expected.days);
        let dates: Vec<_> = all.by_day.iter().map(|one| one.date).collect();
        assert_eq!(dates, [before, day, after]);
        // The day alone has the same figures, which are also the totals.
        let alone = question.ask(world, day, day, "&granularity=day").await;
        assert_eq!(all_figures(&alone.by_day), [expected.days[1]]);
        assert_eq!(all_figures(alone.series()), [expected.days[1]]);
        let totals = [
            alone.total_views,
            alone.unique_views,
            alone.total_registrations,
        ];
        assert_eq!(totals, expected.days[1][..3]);
        // The comparison period of the next day is this day.
        let next = question.ask(world, after, after, "&compare=previous").await;
        assert_eq!(next.comparison().date_from, day);
        assert_eq!(next.comparison().total_views, expected.days[1][0]);
        assert_eq!(next.comparison().checked_in, expected.days[1][4]);
    })
    .await;
}

#[tokio::test]
async fn days_begin_and_end_at_the_midnights_of_their_clock() {
    check_all(async |world, expected, day, question| {
        let (before, after) = around(day);
        let all = question.ask(world, before, after, "&granularity=day").await;
        let (first, next) = (
            expected.begins[0],
            expected.begins[expected.begins.len() - 1],
        );
        let midnights = [before, day, after, after + Days::new(1)];
        let midnights = midnights
            .into_iter()
            .zip([expected.before, first, next, next]);
        let midnights = midnights.map(|(day, midnight)| shown(moment(day, midnight)));
        assert_eq!(bounds(all.series()), midnights.collect::<Vec<_>>());
        // The event starts on this day.
        let to_event = all.by_day.iter().map(|one| one.days_to_event);
        assert!(to_event.eq([1, 0, -1].map(Some)));
        let alone = question.ask(world, day, day, "").await;
        let told = expected.told_on(day);
        let mut of_day = told
            .iter()
            .map(|told| told.0)
            .filter(|at| at.date_naive() == day);
        let (first, last) = (of_day.next().unwrap(), of_day.next_back().unwrap());
        assert_eq!(alone.first_fact_at, Some(first));
        assert_eq!(alone.last_fact_at, Some(last));
    })
    .await;
}

#[tokio::test]
async fn hours_are_those_that_the_clock_showed() {
    check_all(async |world, expected, day, question| {
        let answer = question.ask(world, day, day, "&granularity=hour").await;
        let (next, hours) = expected.begins.split_last().unwrap();
        let begins = hours.iter().map(|begin| shown(moment(day, begin)));
        let next = shown(moment(day + Days::new(1), next));
        assert_eq!(
            bounds(answer.series()),
            begins.chain([next]).collect::<Vec<_>>()
        );
        let mut told = expected.hours.iter().peekable();
        for (bucket, begin) in answer.series().iter().zip(hours) {
            let is_told = told.next_if(|(hour, _)| hour == begin);
            let nothing = [0; 5];
            let of_hour = is_told.map_or(nothing, |(_, figures)| *figures);
            assert_eq!(bucket.figures(), of_hour, "{day} {begin}");
            assert_eq!([bucket.date_from, bucket.date_to], [day; 2]);
            assert!(!bucket.incomplete);
        }
        assert_eq!(told.next(), None, "an hour that the day does not have");
        // With the days around it, of 24 hours each.
        let (before, after) = around(day);
        let all = question
            .ask(world, before, after, "&granularity=hour")
            .await;
        assert_eq!(all.series().len(), 24 + hours.len() + 24);
    })
    .await;
}

#[tokio::test]
async fn an_hour_that_the_clock_shows_twice_is_one_hour_of_the_week() {
    check_all(async |world, expected, day, question| {
        let by_hour = question.ask(world, day, day, "").await.by_hour;
        assert_eq!(by_hour.len(), 7 * 24);
        let mut at = 0;
        for weekday in 1..=7_u64 {
            for hour in 0..24_u64 {
                let mut told = expected.clock_hours.iter();
                let told = told.find(|(told, _)| weekday == expected.weekday && *told == hour);
                let told = told.map_or([0; 4], |(_, figures)| *figures);
                let [views, registrations, cancellations, check_ins] = told;
                let entry = HourOfWeek {
                    weekday,
                    hour,
                    views,
                    registrations,
                    cancellations,
                    check_ins,
                };
                assert_eq!(by_hour[at], entry);
                at += 1;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn check_ins_of_a_minute_that_the_clock_shows_twice_stay_apart() {
    check_all(async |world, expected, day, question| {
        let (before, after) = around(day);
        let answer = question.ask(world, before, after, "").await;
        let curve = answer.check_in_curve();
        assert_eq!(curve.date, day);
        let points = curve.points.iter();
        let points = points.map(|point| (shown(point.at), point.check_ins, point.total));
        let told = expected.check_ins.iter();
        let told = told.map(|&(at, check_ins, total)| (shown(moment(day, at)), check_ins, total));
        assert_eq!(points.collect::<Vec<_>>(), told.collect::<Vec<_>>());
    })
    .await;
}
