//! No caller of one tenant changes, hides or detects anything of another: random sequences of facts, of which
//! one tenant is attacked and its twin is not.

mod steps;
mod twin;

use analytics_tests::{api::Api, property, world::World};
use serde_json::{Value, json};
use uuid::Uuid;

use steps::{Attack, Step, Target, steps};
use twin::Twin;

/// Organizers may send lifecycle facts, so that their claims compete with those of the platform. Messages wait
/// for their registration until the end of a case.
const WIDENED: [(&str, &str); 2] = [
    ("WRITE_ROLES", "SERVICE,ORGANIZER"),
    ("AMQP_MAX_RETRIES", "600"),
];
/// The figures that views of the event's page do not change.
const TOTALS: [&str; 7] = [
    "totalRegistrations",
    "confirmedRegistrations",
    "checkedIn",
    "cancellations",
    "revenue",
    "attendees",
    "returningAttendees",
];

#[test]
fn no_caller_of_one_tenant_changes_or_detects_anything_of_another() {
    property::for_all_with(&WIDENED, &steps(), 12, &async |world, steps: &Vec<Step>| {
        check(world, steps).await;
    });
}

async fn check(world: &World, steps: &[Step]) {
    let case = Uuid::now_v7();
    let (victim, control) = (Twin::new(case, "victim"), Twin::new(case, "control"));
    let attacker = Attacker::new(world).await;
    for twin in [&victim, &control] {
        world
            .publish_event_as(twin.event(), twin.tenant(), None)
            .await;
    }
    let mut counted = Counted::default();
    for step in steps {
        match step {
            Step::Victim(fact) => {
                let of_victim = victim.send(world, fact).await;
                let of_control = control.send(world, fact).await;
                assert_eq!(of_victim, of_control, "{fact:?}: the receipt differs");
            }
            Step::Attack(attack) => counted.add(attack, attacker.attack(attack, &victim).await),
        }
    }
    for twin in [&victim, &control] {
        twin.publish_registrations(world).await;
    }
    for twin in [&victim, &control] {
        twin.until_settled(world).await;
    }
    compare(world, &victim, &control, &counted).await;
}

/// The public facts of the attacker that count for the victim, as those of every visitor do.
#[derive(Debug, Default)]
struct Counted {
    views: u64,
    starts: u64,
}

impl Counted {
    fn add(&mut self, attack: &Attack, accepted: u64) {
        match attack.event_type() {
            "page.view" => self.views += accepted,
            "registration.started" => self.starts += accepted,
            other => assert_eq!(accepted, 0, "{other} counts for another tenant"),
        }
    }
}

async fn compare(world: &World, victim: &Twin, control: &Twin, counted: &Counted) {
    let [(figures, rows), (expected, expected_rows)] = [
        (
            figures(world, victim).await,
            victim.registrations(world).await,
        ),
        (
            figures(world, control).await,
            control.registrations(world).await,
        ),
    ];
    for name in TOTALS {
        assert_eq!(figures["totals"][name], expected["totals"][name], "{name}");
    }
    assert_eq!(figures["byTicketType"], expected["byTicketType"]);
    assert_eq!(rows, expected_rows, "the export of registrations differs");
    let number = |of: &Value, name: &str| of[name].as_u64().unwrap();
    for (name, of_attacker) in [
        ("pageViews", counted.views),
        ("registrationStarted", counted.starts),
    ] {
        let expected = number(&expected["funnel"], name) + of_attacker;
        assert_eq!(number(&figures["funnel"], name), expected, "{name}");
    }
    assert_eq!(world.broker.waiting(".dead-letters").await, 0);
}

async fn figures(world: &World, twin: &Twin) -> Value {
    let (tenant, event) = (twin.tenant(), twin.event());
    let read = world.read().of_tenant(tenant);
    let report = read.read(&format!("/organizations/{tenant}/report")).await;
    let dashboard = world.dashboard_json(tenant, event, "").await;
    let funnel = read.read(&format!("/events/{event}/funnel")).await;
    json!({"totals": report["totals"], "byTicketType": dashboard["byTicketType"], "funnel": funnel})
}

/// A tenant with an event of its own, whose callers know all ids of the victim.
struct Attacker {
    write: Api,
    tenant: Uuid,
    user: Uuid,
    event: Uuid,
}

impl Attacker {
    async fn new(world: &World) -> Self {
        let tenant = Uuid::now_v7();
        Self {
            write: world.write(),
            tenant,
            user: Uuid::now_v7(),
            event: world.publish_event(tenant, None).await,
        }
    }

    /// Sends a fact with the ids of the victim, and the same with ids that do not exist. Returns the number of
    /// those that count for the victim.
    async fn attack(&self, attack: &Attack, victim: &Twin) -> u64 {
        let sender = attack.sender(&self.write, self.tenant, self.user);
        let unknown = victim.unknown();
        let known = self.send(&sender, attack, victim, victim).await;
        let invented = self.send(&sender, attack, victim, &unknown).await;
        assert_eq!(known, invented, "{attack:?} reveals whether an id exists");
        if attack.counts_for_owner() {
            return if known.1 == "stored" { 2 } else { 0 };
        }
        // Any other fact about the victim's event is answered like one about an event that does not exist.
        let ids = victim.unknown_again();
        let elsewhere = self.send(&sender, attack, &unknown, &ids).await;
        assert_eq!(
            known, elsewhere,
            "{attack:?} reveals whether the event exists"
        );
        0
    }

    /// Returns status, and the status of the receipt or the code of the problem.
    async fn send(
        &self,
        sender: &Api,
        attack: &Attack,
        events: &Twin,
        ids: &Twin,
    ) -> (u16, String) {
        let event = match attack.target {
            Target::Own => Some(self.event),
            Target::Victim => Some(events.event()),
            Target::None => None,
        };
        let answer = sender.post("/track", &attack.fact(event, ids)).await;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        let text = body["code"].as_str().or(body["status"].as_str());
        (status, text.unwrap_or_default().to_owned())
    }
}
