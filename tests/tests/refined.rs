//! Filters, comparison periods, and series by day, week and month.

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    response::{Change, Funnel, Revenue, TicketType, Totals},
    world::World,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

/// The facts of a day: the numbers of views by source, and of registrations by ticket type.
struct SentFact {
    day: NaiveDate,
    views: [u32; 2],
    registrations: [u32; 2],
}

async fn tell(world: &World, tenant: Uuid, event: Uuid, told: &SentFact) {
    let at: DateTime<Utc> = told.day.and_hms_opt(12, 0, 0).unwrap().and_utc();
    let mut facts = Vec::new();
    for (source, views) in ["newsletter", "direct"].into_iter().zip(told.views) {
        for visitor in 0..views {
            facts.push(
                Fact::view(event)
                    .id(Uuid::new_v4())
                    .at(at)
                    .source(source)
                    .visitor(visitor.to_string()),
            );
        }
    }
    let types = [("t-1", "VIP"), ("t-2", "Standard")];
    for ((id, name), registrations) in types.into_iter().zip(told.registrations) {
        for _ in 0..registrations {
            facts.push(
                Fact::new("registration.completed", event)
                    .id(Uuid::new_v4())
                    .at(at)
                    .source("newsletter")
                    .registration(Uuid::new_v4())
                    .property("ticketTypeId", id)
                    .property("ticketTypeName", name),
            );
        }
    }
    for (kind, cents) in [("payment.completed", 5_000), ("payment.refunded", 1_500)] {
        facts.push(Fact::new(kind, event).id(Uuid::new_v4()).at(at).payment(
            Uuid::new_v4(),
            cents,
            "EUR",
        ));
    }
    let write = world.write().of_tenant(tenant).with_role("SERVICE");
    for fact in &facts {
        write.store(fact).await;
    }
}

/// Views, unique views and registrations.
fn figures(totals: &Totals) -> [u64; 3] {
    let [views, unique_views] = totals.views();
    [views, unique_views, totals.total_registrations]
}

#[tokio::test]
async fn filters_comparison_and_series_agree_with_what_was_told() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let today = clock::now().date_naive();
    let ago = |days| today - Days::new(days);
    let days = [
        SentFact {
            day: ago(4),
            views: [2, 1],
            registrations: [1, 0],
        },
        SentFact {
            day: ago(3),
            views: [0, 4],
            registrations: [0, 0],
        },
        SentFact {
            day: ago(2),
            views: [5, 1],
            registrations: [2, 1],
        },
        SentFact {
            day: ago(1),
            views: [1, 0],
            registrations: [0, 2],
        },
    ];
    for told in &days {
        tell(&world, tenant, event, told).await;
    }
    let period = format!("?dateFrom={}&dateTo={}", ago(2), ago(1));
    let read = async |more: &str| {
        world
            .dashboard(tenant, event, &format!("{period}{more}"))
            .await
    };
    let totals = async |more: &str| figures(&read(more).await.totals);
    assert_eq!(totals("").await, [7, 5, 5]);
    assert_eq!(totals("&source=direct").await, [1, 1, 0]);
    assert_eq!(totals("&source=unknown").await, [0, 0, 0]);
    assert_eq!(totals("&ticketType=VIP").await, [0, 0, 2]);
    assert_eq!(totals("&ticketType=t-2&source=newsletter").await, [0, 0, 3]);
    let euros = Revenue {
        currency: "EUR".to_owned(),
        amount_cents: 10_000,
        payments: 2,
        refunded_cents: 3_000,
        refunds: 2,
    };
    assert_eq!(read("").await.revenue, [euros]);
    let of_newsletter = |id: &str, name: &str, registrations| TicketType {
        source: Some("newsletter".to_owned()),
        ticket_type_id: Some(id.to_owned()),
        ticket_type_name: Some(name.to_owned()),
        registrations,
        cancellations: 0,
        check_ins: 0,
    };
    let types = [
        of_newsletter("t-2", "Standard", 3),
        of_newsletter("t-1", "VIP", 2),
    ];
    assert_eq!(read("").await.by_source_and_ticket_type, types);

    let answer = read("&compare=previous").await;
    let compared = answer.comparison();
    assert_eq!([compared.date_from, compared.date_to], [ago(4), ago(3)]);
    assert_eq!(figures(compared), [7, 4, 1]);
    let change = |absolute, relative| Some(Change { absolute, relative });
    assert_eq!(compared.change("totalViews"), change(0.0, Some(0.0)));
    let registrations = compared.change("totalRegistrations");
    assert_eq!(registrations, change(4.0, Some(4.0)));
    let direct = read("&compare=previous&source=direct").await;
    assert_eq!(figures(direct.comparison()), [5, 4, 0]);
    let answer = read("&compare=year").await;
    let year = answer.comparison();
    assert_eq!(figures(year), [0, 0, 0]);
    assert_eq!(year.change("totalViews").unwrap().relative, None);

    let by_day = read("&granularity=day").await;
    assert!(by_day.series().iter().map(|day| day.views).eq([6, 1]));
    let by_month = read("&granularity=month").await;
    let all: u64 = by_month.series().iter().map(|month| month.views).sum();
    assert_eq!(all, 7);

    let report = format!("{period}&compare=previous");
    let report = world.report(tenant, &report).await;
    assert_eq!(figures(&report.totals), [7, 5, 5]);
    assert_eq!(figures(&report.comparison.unwrap()), [7, 4, 1]);
    assert_eq!(report.by_source, read("").await.by_source);
    world.end().await;
}

#[tokio::test]
async fn a_view_that_knows_the_name_of_a_ticket_type_alone_is_one_of_its_views() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().of_tenant(tenant).with_role("SERVICE");
    for (kind, properties) in [
        ("page.view", json!({"ticketTypeName": "VIP"})),
        // Names come from facts that need a token.
        (
            "payment.completed",
            json!({"ticketTypeId": "t-1", "ticketTypeName": "VIP", "paymentId": "p"}),
        ),
        (
            "page.view",
            json!({"ticketTypeId": "t-2", "ticketTypeName": "Gold"}),
        ),
    ] {
        let fact = Fact::new(kind, event).properties(properties);
        write.store(&fact).await;
    }
    for (ticket_type, views) in [("t-1", 1), ("VIP", 1), ("t-2", 1), ("Gold", 0), ("", 0)] {
        let query = format!("?ticketType={ticket_type}");
        let answer = world.dashboard(tenant, event, &query).await;
        assert_eq!(answer.total_views, views, "{ticket_type}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_ticket_type_is_the_same_one_whatever_source_is_asked_for() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let [one, two] = [
        world.publish_event(tenant, None).await,
        world.publish_event(tenant, None).await,
    ];
    let write = world.write().of_tenant(tenant).with_role("SERVICE");
    // At one event, two ids have the name that newsletter facts have without an id; at the other, only one.
    for (event, source, id) in [
        (one, "direct", Some("t-1")),
        (one, "newsletter", Some("t-2")),
        (one, "newsletter", None),
        (two, "direct", Some("t-1")),
        (two, "newsletter", None),
    ] {
        let mut properties =
            json!({"source": source, "registrationId": Uuid::now_v7(), "ticketTypeName": "VIP"});
        if let Some(id) = id {
            properties["ticketTypeId"] = id.into();
        }
        let fact = Fact::new("registration.completed", event).properties(properties);
        write.store(&fact).await;
    }
    let told = async |event, query: &str| {
        let answer = world.dashboard(tenant, event, query).await;
        let types = answer.by_ticket_type.into_iter();
        types
            .map(|one| (one.ticket_type_id, one.registrations))
            .collect::<Vec<_>>()
    };
    let id = |id: &str| Some(id.to_owned());
    assert_eq!(
        told(one, "?source=newsletter").await,
        [(None, 1), (id("t-2"), 1)]
    );
    assert_eq!(
        told(one, "?source=newsletter&ticketType=t-2").await,
        [(id("t-2"), 1)]
    );
    assert_eq!(told(two, "?source=newsletter").await, [(id("t-1"), 1)]);
    let path = format!("/events/{two}/funnel?source=newsletter&groupBy=ticketType");
    let funnel: Funnel = world.read().of_tenant(tenant).read_as(&path).await;
    assert_eq!(funnel.groups.unwrap()[0].ticket_type_id, id("t-1"));
    world.end().await;
}

#[tokio::test]
async fn a_choice_that_there_is_not_is_refused_by_name() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let api = world.read().of_tenant(tenant);
    for (query, field) in [
        ("granularity=decade", "granularity"),
        ("compare=future", "compare"),
    ] {
        let answer = api.get(&format!("/events/{event}/dashboard?{query}")).await;
        let (status, body) = analytics_tests::api::problem(answer).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(body["errors"][0]["field"], field);
    }
    let unanswerable = "dateFrom=1970-01-01&dateTo=1970-01-02&compare=year";
    let answer = api
        .get(&format!("/events/{event}/dashboard?{unanswerable}"))
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    world.end().await;
}
