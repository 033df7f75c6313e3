//! The day of the event: days have their distance to it, and its check-ins are counted by minute.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, response::CheckInCurve, world::World};
use chrono::{Days, NaiveDate, Utc};
use uuid::Uuid;

use super::{CHECK_IN, VIEW, moment, publish, shown, tell};

/// Points of a curve: minute, check-ins, cumulative check-ins.
fn points(curve: Option<&CheckInCurve>) -> Vec<(String, u64, u64)> {
    let points = curve.unwrap().points.iter().map(|point| {
        let at = point.at.format("%H:%M:%S%:z");
        (at.to_string(), point.check_ins, point.total)
    });
    points.collect()
}

fn some_day() -> NaiveDate {
    clock::now().date_naive() - Days::new(9)
}

#[tokio::test]
async fn check_ins_are_told_by_the_minute_of_the_day_on_which_the_event_starts() {
    let world = World::start().await;
    let (tenant, day) = (Uuid::now_v7(), some_day());
    let (before, after) = (day - Days::new(1), day + Days::new(1));
    let starts_at = moment(day, "09:00+05:30").with_timezone(&Utc);
    let event = publish(&world, tenant, Some("Asia/Kolkata"), starts_at).await;
    let told = [
        // More than on the day of the event, which makes no difference.
        (moment(before, "23:59:58+05:30"), CHECK_IN, "ann"),
        (moment(before, "23:59:59+05:30"), CHECK_IN, "ann"),
        (moment(before, "23:59:59.999+05:30"), CHECK_IN, "ann"),
        (moment(before, "23:59:00+05:30"), CHECK_IN, "ann"),
        (moment(day, "00:00:00+05:30"), CHECK_IN, "ben"),
        (moment(day, "08:59:59.999+05:30"), CHECK_IN, "cid"),
        (moment(day, "09:00:00+05:30"), CHECK_IN, "dan"),
        (moment(day, "09:00:30+05:30"), VIEW, "dan"),
        (moment(day, "09:02:00+05:30"), VIEW, "dan"),
        (moment(after, "00:00:00+05:30"), CHECK_IN, "eve"),
    ];
    tell(&world, tenant, event, &told).await;
    let ask = async |from: NaiveDate, to: NaiveDate, more: &str| {
        let query = format!("?dateFrom={from}&dateTo={to}{more}");
        world.dashboard(tenant, event, &query).await.check_in_curve
    };
    let curve = ask(before, after, "").await;
    assert_eq!(curve.as_ref().unwrap().date, day);
    let expected = [
        ("00:00:00+05:30".to_owned(), 1, 1),
        ("08:59:00+05:30".to_owned(), 1, 2),
        ("09:00:00+05:30".to_owned(), 1, 3),
    ];
    assert_eq!(points(curve.as_ref()), expected);
    // The day starts a quarter of an hour earlier in Kathmandu.
    let curve = ask(before, after, "&timezone=Asia/Kathmandu").await;
    assert_eq!(curve.as_ref().unwrap().date, day);
    let expected = [
        ("00:14:00+05:45".to_owned(), 4, 4),
        ("00:15:00+05:45".to_owned(), 1, 5),
        ("09:14:00+05:45".to_owned(), 1, 6),
        ("09:15:00+05:45".to_owned(), 1, 7),
    ];
    assert_eq!(points(curve.as_ref()), expected);
    // A period without the day has no curve; the day alone has the same curve.
    for (from, to) in [(before, before), (after, after)] {
        assert_eq!(ask(from, to, "").await, None);
    }
    assert_eq!(points(ask(day, day, "").await.as_ref()).len(), 3);
    assert_eq!(ask(day, day, "&details=never").await, None);
    assert_eq!(
        points(ask(day, day, "&details=always").await.as_ref()).len(),
        3
    );
    // The curve of a source without check-ins is empty.
    let nothing = ask(day, day, "&source=newsletter").await.unwrap();
    assert_eq!((nothing.date, nothing.points), (day, vec![]));
    world.end().await;
}

#[tokio::test]
async fn where_the_start_is_unknown_the_day_with_most_check_ins_is_the_day() {
    let world = World::start().await;
    let (tenant, event, day) = (Uuid::now_v7(), Uuid::now_v7(), some_day());
    let on = |after: u64, time: &str| moment(day + Days::new(after), time);
    let told = [
        (on(0, "10:00+00:00"), CHECK_IN, "ann"),
        (on(0, "10:00+00:00"), VIEW, "ben"),
        (on(0, "10:01+00:00"), VIEW, "ben"),
        (on(1, "23:59:59+00:00"), CHECK_IN, "ann"),
        (on(1, "08:00+00:00"), CHECK_IN, "ben"),
        (on(2, "00:00+00:00"), CHECK_IN, "cid"),
        (on(2, "00:00:59+00:00"), CHECK_IN, "dan"),
    ];
    tell(&world, tenant, event, &told).await;
    let query = |from: u64, to: u64| {
        format!(
            "?dateFrom={}&dateTo={}",
            day + Days::new(from),
            day + Days::new(to)
        )
    };
    let ask = async |from, to, more: &str| {
        let query = query(from, to) + more;
        world.dashboard(tenant, event, &query).await
    };
    let all = ask(0, 3, "").await;
    assert!(all.by_day.iter().all(|one| one.days_to_event.is_none()));
    // The second and the third day have equally many: the earlier one is used.
    let curve = all.check_in_curve();
    assert_eq!(curve.date, day + Days::new(1));
    let expected = [
        ("08:00:00+00:00".to_owned(), 1, 1),
        ("23:59:00+00:00".to_owned(), 1, 2),
    ];
    assert_eq!(points(Some(curve)), expected);
    let later = ask(2, 3, "").await;
    assert_eq!(
        points(later.check_in_curve.as_ref()),
        [("00:00:00+00:00".to_owned(), 2, 2)]
    );
    assert_eq!(ask(3, 3, "").await.check_in_curve, None);
    // One hour to the east, the third day has three.
    let east = ask(0, 3, "&timezone=Africa/Lagos").await;
    assert_eq!(east.check_in_curve().date, day + Days::new(2));
    world.end().await;
}

#[tokio::test]
async fn the_first_and_the_last_fact_are_those_that_are_counted() {
    let world = World::start().await;
    let (tenant, day) = (Uuid::now_v7(), some_day());
    let event = world.publish_event(tenant, None).await;
    let at = |time: &str| moment(day, time);
    let told = [
        (at("08:00+00:00"), "newsletter.opened", "ann"),
        (at("09:00:00.5+00:00"), VIEW, "ann"),
        (at("10:00+00:00"), CHECK_IN, "ann"),
        (at("11:00+00:00"), "newsletter.opened", "ann"),
    ];
    tell(&world, tenant, event, &told).await;
    let robot = Fact::new(VIEW, event)
        .id(Uuid::new_v4())
        .at(at("12:00+00:00"))
        .property("robot", true);
    world.write().with_role("SERVICE").track(&robot).await;
    let ask = async |from: NaiveDate, more: &str| {
        let query = format!("?dateFrom={from}&dateTo={day}{more}");
        let answer = world.dashboard(tenant, event, &query).await;
        [answer.first_fact_at, answer.last_fact_at]
    };
    for from in [day, day - Days::new(3)] {
        for zone in ["", "&timezone=Asia/Kathmandu"] {
            let [first, last] = ask(from, zone).await.map(|at| shown(at.unwrap()));
            assert_eq!(first, shown(at("09:00:00.5+00:00")));
            assert_eq!(last, shown(at("10:00+00:00")));
        }
    }
    let unknown = ask(day, "&source=newsletter").await;
    assert_eq!(unknown, [None, None]);
    world.end().await;
}
