//! Attendee lists of other tools can be imported: without columns for type and event, with local times, and
//! with days and months in national order.

use analytics_shared::clock;
use analytics_tests::world::World;
use chrono::{Days, NaiveDate};
use serde_json::Value;
use uuid::Uuid;

use super::{Folder, verify};

const TIMES: &str = "SELECT to_char(created_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS') \
                     FROM analytics_service.analytics_events ORDER BY created_at";

/// A day of the recent past.
fn day() -> NaiveDate {
    clock::now().date_naive() - Days::new(20)
}

async fn texts(world: &World, sql: &str) -> Vec<String> {
    let rows = world.database.rows(sql).await;
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn attendee_lists_lack_type_and_event_and_have_local_times() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Moscow")).await;
    let day = day();
    let list = format!(
        "Nr;Datum;Uhrzeit;Karte;E-Mail\r\n\
         1;{0};09:05;Standard;a@b.c\r\n\
         2;{0};10:30;VIP;d@e.f\r\n\
         3;{0};;Standard;\r\n\
         ;;;;\r\n",
        day.format("%d.%m.%Y")
    );
    folder.write("list.csv", list);
    let event_id = format!("eventId={event}");
    let maps = [
        "registrationId=Nr",
        "ticketTypeName=Karte",
        "createdAt=Datum",
        "createdAt=Uhrzeit",
    ];
    let mut arguments = vec![
        "list.csv",
        "--set",
        "eventType=registration.completed",
        "--set",
        &event_id,
    ];
    arguments.extend(maps.iter().flat_map(|map| ["--map", map]));
    let zone = [
        "--timezone",
        "Europe/Moscow",
        "--date-format",
        "%d.%m.%Y %H:%M",
    ];

    // The zone of a local time is not guessed.
    let ended = folder
        .import(&world, &[&arguments[..], &zone[2..]].concat())
        .await;
    assert_eq!(ended.outcome(), [3, 0, 0, 0, 3], "{}", ended.logged);
    let rejected = folder.lines("list.rejected.ndjson");
    assert!(
        rejected.iter().all(|row| row["field"] == "createdAt"),
        "{rejected:?}"
    );
    assert!(
        rejected[0]["message"]
            .as_str()
            .unwrap()
            .contains("--timezone"),
        "{rejected:?}"
    );

    let ended = folder
        .import(&world, &[&arguments[..], &zone].concat())
        .await;
    assert_eq!(ended.outcome(), [3, 2, 0, 0, 1], "{}", ended.logged);
    let expected = ["06:05:00", "07:30:00"].map(|time| format!("{} {time}", day.format("%m-%d")));
    assert_eq!(texts(&world, TIMES).await, expected);
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.total_registrations, 2);
    let again = folder
        .import(&world, &[&arguments[..], &zone].concat())
        .await;
    assert_eq!(again.outcome(), [3, 0, 2, 0, 1]);
    let mail =
        "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE properties::TEXT LIKE '%@%'";
    assert_eq!(world.database.number(mail).await, 0);
    verify(&world);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attendee_lists_of_rows_have_their_own_values_before_the_set_ones() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let time = clock::now();
    let lines = [
        format!(r#"{{"createdAt": "{time:?}", "source": "ad"}}"#),
        format!(r#"{{"createdAt": "{time:?}", "eventType": "registration.started"}}"#),
        format!(r#"{{"createdAt": "{time:?}", "eventType": "", "eventId": null}}"#),
    ];
    folder.write("rows.ndjson", lines.join("\n"));
    let event_id = format!("event_id={event}");
    let arguments = [
        "rows.ndjson",
        "--set",
        "eventType=page.view",
        "--set",
        &event_id,
        "--set",
        "source=list",
    ];
    let ended = folder.import_all(&world, &arguments).await;
    assert_eq!(ended.outcome(), [3, 3, 0, 0, 0]);
    let stored = "SELECT event_type || ' ' || (properties ->> 'source') FROM analytics_service.analytics_events \
                  ORDER BY 1";
    assert_eq!(
        texts(&world, stored).await,
        [
            "page.view ad",
            "page.view list",
            "registration.started list"
        ]
    );
    for bad in ["eventType", "seat=7", "eventType="] {
        let ended = folder.import(&world, &["rows.ndjson", "--set", bad]).await;
        assert_eq!(ended.status.code(), Some(2), "{bad}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attendee_lists_of_eventbrite_have_a_preset() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let day = day().format("%m/%d/%y");
    let header = "Order #,Order Date,First Name,Last Name,Email,Quantity,Price Tier,Ticket Type,Attendee #,Group,\
                  Order Type,Currency,Total Paid,Fees Paid,Eventbrite Fees,Eventbrite Payment Processing,\
                  Attendee Status\n";
    let row = |order: u32, attendee: u32, ticket: &str, status: &str| {
        format!(
            "{order},{day} 22:28,A,B,a@b.c,1,,{ticket},{attendee},,Free Order,USD,0,0,0,0,{status}\n"
        )
    };
    let rows = [
        row(1, 11, "General Admission", "Attending"),
        row(1, 12, "General Admission", "Checked In"),
        row(2, 13, "VIP", "Not Attending"),
    ];
    folder.write("report.csv", header.to_owned() + &rows.concat());
    let event_id = format!("eventId={event}");
    let arguments = [
        "report.csv",
        "--preset",
        "eventbrite",
        "--set",
        &event_id,
        "--timezone",
        "America/New_York",
        "--date-format",
        "%m/%d/%y %H:%M",
    ];
    let ended = folder.import(&world, &arguments).await;
    assert_eq!(ended.outcome(), [3, 2, 0, 0, 1], "{}", ended.logged);
    assert_eq!(
        folder.lines("report.rejected.ndjson")[0]["field"],
        "Attendee Status"
    );
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.total_registrations, 2);
    assert_eq!(
        dashboard.by_ticket_type[0].ticket_type_name.as_deref(),
        Some("General Admission")
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attendee_lists_of_pretix_have_a_preset() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let day = day();
    let header = "\"Event slug\";\"Order code\";\"Position ID\";\"Status\";\"Email\";\"Phone number\";\"Order date\";\
                  \"Order time\";\"Product\";\"Variation\";\"Price\";\"Attendee name\"\n";
    let row = |order: &str, position: u32, status: &str, variation: &str| {
        format!(
            "\"conf\";\"{order}\";\"{position}\";\"{status}\";\"a@b.c\";\"\";\"{day}\";\"08:15:30\";\"Ticket\";\
             \"{variation}\";\"10.00\";\"A; B\"\n"
        )
    };
    let rows = [
        row("ABC12", 1, "Paid", "Student"),
        row("ABC12", 2, "Paid", ""),
        row("DEF34", 1, "Canceled", ""),
        row("GHI56", 1, "Pending", ""),
    ];
    folder.write("positions.csv", header.to_owned() + &rows.concat());
    let event_id = format!("eventId={event}");
    let arguments = [
        "positions.csv",
        "--preset",
        "pretix",
        "--set",
        &event_id,
        "--timezone",
        "Europe/Berlin",
    ];
    let ended = folder.import(&world, &arguments).await;
    assert_eq!(ended.outcome(), [4, 2, 0, 0, 2], "{}", ended.logged);
    let rejected: Vec<Value> = folder.lines("positions.rejected.ndjson");
    assert!(
        rejected.iter().all(|row| row["field"] == "Status"),
        "{rejected:?}"
    );
    let ids = "SELECT (properties ->> 'registrationId') || ' ' || (properties ->> 'ticketTypeName') \
               FROM analytics_service.analytics_events ORDER BY 1";
    assert_eq!(
        texts(&world, ids).await,
        ["ABC12-1 Ticket Student", "ABC12-2 Ticket"]
    );
    verify(&world);
    world.end().await;
}
