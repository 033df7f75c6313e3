//! The funnel by groups, the time to convert, and the comparison period: small cases by hand. Random cases are
//! in `raw_and_rollup`.

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    response::{Funnel, FunnelGroup, Percentiles},
    world::World,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

const VIEW: &str = "page.view";
const STARTED: &str = "registration.started";
const COMPLETED: &str = "registration.completed";
const CHECK_IN: &str = "checkin.completed";

/// A fact: days after the first, time of day, type, properties.
type SentFact = (u64, &'static str, &'static str, Value);

fn first_day() -> NaiveDate {
    clock::now().date_naive() - Days::new(9)
}

async fn tell(world: &World, event: Uuid, told: Vec<SentFact>) {
    let write = world.write().with_role("SERVICE");
    for (after, time, kind, mut properties) in told {
        let day = first_day() + Days::new(after);
        let at: DateTime<Utc> = format!("{day}T{time}Z").parse().unwrap();
        let user = properties.as_object_mut().unwrap().remove("userId");
        let fact = Fact::new(kind, event)
            .id(Uuid::new_v4())
            .at(at)
            .user(user)
            .properties(properties);
        write.store(&fact).await;
    }
}

/// The funnel of some days after the first.
async fn funnel(world: &World, tenant: Uuid, event: Uuid, days: [u64; 2], more: &str) -> Funnel {
    let [from, to] = days.map(|after| first_day() + Days::new(after));
    let path = format!("/events/{event}/funnel?dateFrom={from}&dateTo={to}{more}");
    world.read().of_tenant(tenant).read_as(&path).await
}

fn times(registrations: u64, median: f64, p90: f64) -> Percentiles {
    Percentiles {
        registrations,
        median_seconds: Some(median),
        p90_seconds: Some(p90),
    }
}

#[tokio::test]
async fn times_are_those_from_the_start_to_the_completion_and_to_the_check_in() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let of = |registration: &str| json!({"registrationId": registration});
    let by = |visitor: &str| json!({"visitorId": visitor});
    let both = |registration: &str, visitor: &str| json!({"registrationId": registration, "visitorId": visitor, "source": "newsletter"});
    let user = Uuid::now_v7();
    let told = vec![
        // The first start of the registration counts, not a later one without an id: 90.25 s.
        (0, "10:00:00.000", STARTED, both("first", "ann")),
        (0, "10:01:00.000", STARTED, both("first", "ann")),
        (0, "10:01:10.000", STARTED, by("ann")),
        (0, "10:01:30.250", COMPLETED, both("first", "ann")),
        // The latest start of the same visitor before the completion: 60 s.
        (0, "11:00:00.000", STARTED, by("ben")),
        (0, "11:05:00.000", STARTED, by("ben")),
        (0, "11:05:30.000", STARTED, by("cid")),
        (0, "11:06:00.000", COMPLETED, both("visitor's", "ben")),
        (0, "11:07:00.000", STARTED, by("ben")),
        // The same for a user, at the same time: 0 s.
        (0, "12:00:00.000", STARTED, json!({"userId": user})),
        (
            0,
            "12:00:00.000",
            COMPLETED,
            json!({"userId": user, "registrationId": "user's"}),
        ),
        // Its start has its id, and is later.
        (0, "13:00:00.000", STARTED, by("dan")),
        (0, "13:01:00.000", COMPLETED, both("reversed", "dan")),
        (0, "13:02:00.000", STARTED, both("reversed", "dan")),
        // Without a visitor.
        (0, "14:00:00.000", STARTED, json!({})),
        (0, "14:01:00.000", COMPLETED, of("anonymous")),
        // From the day before: 86,400 s. It checks in before it registers.
        (0, "15:00:00.000", STARTED, of("long")),
        (1, "14:00:00.000", CHECK_IN, of("long")),
        (1, "15:00:00.000", COMPLETED, of("long")),
        // A day and a second, and two days.
        (1, "10:01:31.250", CHECK_IN, of("first")),
        (2, "11:06:00.000", CHECK_IN, of("visitor's")),
        // Without a registration.
        (2, "12:00:00.000", CHECK_IN, of("unknown")),
        // Only started.
        (2, "12:00:00.000", STARTED, of("begun")),
    ];
    tell(&world, event, told).await;
    let ask = async |days, more: &str| {
        let funnel = funnel(&world, tenant, event, days, more).await;
        let times = funnel.time_to_convert;
        times.map(|times| [times.start_to_completion, times.completion_to_check_in])
    };
    // 0, 60, 90.25 and 86,400 seconds: two of four do not exceed 60.
    let both_days = Some([times(4, 60.0, 86_400.0), times(2, 86_401.0, 172_800.0)]);
    assert_eq!(ask([0, 2], "").await, both_days);
    assert_eq!(ask([0, 2], "&details=never").await, None);
    assert_eq!(ask([0, 2], "&details=always").await, both_days);
    // On the first day there is no check-in, and the long registration is not completed.
    let nothing = Percentiles {
        registrations: 0,
        median_seconds: None,
        p90_seconds: None,
    };
    let first_day = Some([times(3, 60.0, 90.25), nothing]);
    assert_eq!(ask([0, 0], "").await, first_day);
    // On the later days, the start of the long one and earlier completions are unknown.
    assert_eq!(ask([1, 2], "").await, Some([nothing, nothing]));
    // The filter applies to completions: starts and check-ins have no source.
    let of_newsletter = Some([times(2, 60.0, 90.25), times(2, 86_401.0, 172_800.0)]);
    assert_eq!(ask([0, 2], "&source=newsletter").await, of_newsletter);
    world.end().await;
}

/// Numbers, separated by spaces.
fn spaced(numbers: impl IntoIterator<Item = u64>) -> String {
    let numbers = numbers.into_iter().map(|number| number.to_string());
    numbers.collect::<Vec<_>>().join(" ")
}

/// A group as a text.
fn words(group: &FunnelGroup) -> String {
    let texts = [
        &group.source,
        &group.ticket_type_id,
        &group.ticket_type_name,
    ];
    let names = texts.into_iter().flatten().cloned();
    let names = names.chain(group.date.map(|date| date.to_string()));
    let counts = spaced(group.counts());
    let visitors = spaced(group.steps.iter().map(|step| step.visitors));
    format!(
        "{}: {counts} by {visitors}",
        names.collect::<Vec<_>>().join(" ")
    )
}

#[tokio::test]
async fn groups_have_funnels_of_their_own() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let from = |source: &str, visitor: &str| json!({"source": source, "visitorId": visitor});
    let vip = |source: &str, registration: &str, name: &str| {
        json!({"source": source, "registrationId": registration, "visitorId": "ann",
               "ticketTypeId": (name != "VIP alone").then_some("t-1"), "ticketTypeName": "VIP"})
    };
    let told = vec![
        (0, "10:00:00", VIEW, from("newsletter", "ann")),
        (0, "10:00:01", VIEW, from("newsletter", "ben")),
        (2, "10:00:02", VIEW, from("newsletter", "ben")),
        (2, "10:00:00", VIEW, from("t.co", "ann")),
        (0, "10:01:00", STARTED, from("newsletter", "ben")),
        (0, "10:02:00", COMPLETED, vip("newsletter", "one", "VIP")),
        (2, "10:03:00", COMPLETED, vip("partner", "two", "VIP alone")),
        (2, "10:04:00", CHECK_IN, vip("newsletter", "one", "VIP")),
        (2, "10:05:00", "payment.completed", from("bank", "ann")),
    ];
    tell(&world, event, told).await;
    let groups = async |more: &str| {
        let funnel = funnel(&world, tenant, event, [0, 2], more).await;
        let groups = funnel.groups.unwrap();
        groups.iter().map(words).collect::<Vec<_>>()
    };
    assert_eq!(
        groups("&groupBy=source").await,
        [
            "newsletter: 3 1 1 1 by 2 1 1 1",
            "t.co: 1 0 0 0 by 1 0 0 0",
            "partner: 0 0 1 0 by 0 0 1 0"
        ]
    );
    assert_eq!(
        groups("&groupBy=ticketType").await,
        [": 4 1 0 0 by 2 1 0 0", "t-1 VIP: 0 0 2 1 by 0 0 1 1"]
    );
    let days = [0, 1, 2].map(|after| first_day() + Days::new(after));
    let counts = [
        "2 1 1 0 by 2 1 1 0",
        "0 0 0 0 by 0 0 0 0",
        "2 0 1 1 by 2 0 1 1",
    ];
    let by_day = days
        .iter()
        .zip(counts)
        .map(|(day, counts)| format!("{day}: {counts}"));
    assert_eq!(groups("&groupBy=day").await, by_day.collect::<Vec<_>>());
    assert_eq!(
        groups("&groupBy=source&ticketType=t-1").await,
        [
            "newsletter: 0 0 1 1 by 0 0 1 1",
            "partner: 0 0 1 0 by 0 0 1 0"
        ]
    );
    let ungrouped = funnel(&world, tenant, event, [0, 2], "").await;
    assert_eq!(ungrouped.groups, None);
    world.end().await;
}

#[tokio::test]
async fn a_funnel_is_compared_with_the_period_before() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let told = vec![
        (0, "10:00:00", VIEW, json!({})),
        (1, "10:00:00", VIEW, json!({})),
        (1, "10:01:00", STARTED, json!({})),
        (2, "10:00:00", VIEW, json!({})),
        (3, "10:00:00", VIEW, json!({})),
        (3, "10:01:00", VIEW, json!({"source": "newsletter"})),
        (3, "10:01:00", STARTED, json!({})),
        (3, "10:01:00", STARTED, json!({})),
        (3, "10:01:00", STARTED, json!({})),
        (3, "10:02:00", COMPLETED, json!({"registrationId": "one"})),
    ];
    tell(&world, event, told).await;
    let compared = async |more: &str| {
        let funnel = funnel(&world, tenant, event, [2, 3], more).await;
        funnel.comparison
    };
    let previous = compared("&compare=previous").await.unwrap();
    let days = [0, 1].map(|after| first_day() + Days::new(after));
    assert_eq!([previous.date_from, previous.date_to], days);
    assert_eq!(previous.counts(), [2, 1, 0, 0]);
    assert_eq!(previous.start_rate, Some(0.5));
    let change = json!({
        "pageViews": {"absolute": 1.0, "relative": 0.5},
        "registrationStarted": {"absolute": 2.0, "relative": 2.0},
        "registrationCompleted": {"absolute": 1.0, "relative": null},
        "checkedIn": {"absolute": 0.0, "relative": null},
        "startRate": {"absolute": 0.5, "relative": 1.0},
        "completionRate": {"absolute": 1.0 / 3.0, "relative": null},
        "attendanceRate": null,
    });
    assert_eq!(previous.change, change);
    let newsletter = compared("&compare=previous&source=newsletter").await;
    let newsletter = newsletter.unwrap();
    assert_eq!(newsletter.page_views, 0);
    let views = json!({"absolute": 1.0, "relative": null});
    assert_eq!(newsletter.change["pageViews"], views);
    let year = compared("&compare=year").await.unwrap();
    assert_eq!(year.page_views, 0);
    assert_eq!(compared("").await, None);
    world.end().await;
}
