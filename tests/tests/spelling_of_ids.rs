//! A UUID is the same id in small and in capital letters, over every way in and in every filter.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use serde_json::json;
use uuid::Uuid;

fn upper(id: Uuid) -> String {
    id.to_string().to_uppercase()
}

#[tokio::test]
async fn a_registration_in_capital_letters_is_the_same_registration() {
    let world = World::start().await;
    let (tenant, registration, payment, ticket) = (
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
    );
    let event = world.publish_event(tenant, None).await;
    let created = json!({"registrationId": upper(registration), "eventId": upper(event),
        "tenantId": format!("{{{}}}", upper(tenant)), "ticketTypeId": upper(ticket), "ticketTypeName": "VIP",
        "occurredAt": clock::now()});
    world.broker.publish("registration.created", &created).await;
    world.until_stored(1).await;
    let service = world.write().of_service(tenant);
    let again = Fact::new("registration.completed", event).registration(registration);
    assert_eq!(service.track(&again).await.status, "duplicate");

    // Completed by the registration, whose id it writes in small letters.
    let check_in = json!({"registrationId": registration, "occurredAt": clock::now()});
    world.broker.publish("checkin.completed", &check_in).await;
    world.until_stored(2).await;
    let paid = |id: String| Fact::new("payment.completed", event).payment(id, 100, "EUR");
    assert_eq!(service.track(&paid(upper(payment))).await.status, "stored");
    assert_eq!(
        service.track(&paid(payment.to_string())).await.status,
        "duplicate"
    );

    for filter in [
        String::new(),
        format!("?ticketType={ticket}"),
        format!("?ticketType={}", upper(ticket)),
    ] {
        let dashboard = world.dashboard(tenant, event, &filter).await;
        assert_eq!(
            (dashboard.total_registrations, dashboard.checked_in),
            (1, 1),
            "{filter}"
        );
        assert_eq!(dashboard.by_ticket_type.len(), 1);
    }
    let path = format!("/events/{}/funnel", upper(event));
    world.read().of_tenant(tenant).read(&path).await;
    world.end().await;
}

#[tokio::test]
async fn other_ids_stay_as_they_are() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let service = world.write().of_service(tenant);
    for id in [
        "R-1a",
        "r-1A",
        "6F9619FF8B86D011B42D00C04FC964FF",
        "6f9619ff8b86d011b42d00c04fc964ff",
    ] {
        let registration = Fact::new("registration.completed", event).registration(id);
        assert_eq!(service.track(&registration).await.status, "stored", "{id}");
        let spaced = Fact::new("registration.completed", event).registration(format!(" {id} "));
        assert_eq!(service.track(&spaced).await.status, "duplicate", "{id}");
    }
    world.end().await;
}
