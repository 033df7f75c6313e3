//! The steps of a random case.

use analytics_shared::auth::Caller;
use analytics_tests::{
    api::Api,
    fact::{Fact, TYPES},
};
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::twin::Twin;

/// A step of a case.
#[derive(Clone, Debug)]
pub enum Step {
    /// The victim and its twin store a fact of their own.
    Victim(VictimFact),
    /// The attacker sends a fact.
    Attack(Attack),
}

/// A fact of the victim, with the number of its ids.
#[derive(Clone, Debug)]
pub enum VictimFact {
    /// A service sends a view with an id of its own.
    ServiceView(u8),
    /// A user of the tenant sends a view.
    UserView(u8),
    /// The platform publishes a message, with the number of the payment or registration.
    Registered(u8),
    Paid(u8),
    CheckedIn(u8),
    Cancelled(u8),
    /// A service sends a payment.
    ServicePayment(u8),
}

/// The event of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Own,
    Victim,
    None,
}

/// A fact of the attacker with ids of the victim.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is varied by itself")]
pub struct Attack {
    event_type: usize,
    sender: u8,
    pub target: Target,
    /// The kind and number of the victim's id that the fact has.
    id: Option<(u8, u8)>,
    number: u8,
    is_old: bool,
    names_registration: bool,
    names_tenant: bool,
    names_user: bool,
    has_visitor: bool,
}

impl Attack {
    pub fn event_type(&self) -> &'static str {
        TYPES[self.event_type]
    }

    /// Whether the fact counts for the victim, as that of any visitor does.
    pub fn counts_for_owner(&self) -> bool {
        let is_public = matches!(self.event_type(), "page.view" | "registration.started");
        let names_any = self.names_registration || self.names_tenant || self.names_user;
        self.target == Target::Victim && is_public && !self.is_old && !names_any
    }

    /// One of the attacker's callers.
    pub fn sender(&self, write: &Api, tenant: Uuid, user: Uuid) -> Api {
        let role = |name: &str| {
            write.with(&Caller {
                tenant_id: Some(tenant),
                user_id: Some(user),
                roles: vec![name.to_owned()],
            })
        };
        match self.sender {
            0 => write.clone(),
            1 => write.of_tenant(tenant),
            2 => role("USER"),
            3 => role("ORGANIZER"),
            _ => role("ADMIN"),
        }
    }

    /// The body with ids of `ids`.
    pub fn fact(&self, event: Option<Uuid>, ids: &Twin) -> Value {
        let mut fact = Fact::new(self.event_type(), Uuid::nil());
        fact["eventId"] = json!(event);
        let age = if self.is_old {
            TimeDelta::hours(1)
        } else {
            TimeDelta::zero()
        };
        fact = fact.at(ids.time(self.number) - age);
        if let Some((kind, number)) = self.id {
            fact = fact.id(ids.fact_id(kind, number));
        }
        if self.names_registration {
            fact = fact.registration(ids.registration(self.number));
        }
        if self.event_type().starts_with("payment") {
            fact = fact.payment(ids.payment(self.number), 7, "EUR");
        }
        if self.names_tenant {
            fact = fact.tenant(ids.tenant());
        }
        if self.names_user {
            fact = fact.user(ids.user());
        }
        if self.has_visitor {
            fact = fact.visitor(ids.user());
        }
        fact.into()
    }
}

fn victim_fact() -> impl Strategy<Value = VictimFact> {
    let number = 0..3_u8;
    prop_oneof![
        number.clone().prop_map(VictimFact::ServiceView),
        number.clone().prop_map(VictimFact::UserView),
        number.clone().prop_map(VictimFact::Registered),
        number.clone().prop_map(VictimFact::Paid),
        number.clone().prop_map(VictimFact::CheckedIn),
        number.clone().prop_map(VictimFact::Cancelled),
        number.prop_map(VictimFact::ServicePayment),
    ]
}

fn attack() -> impl Strategy<Value = Attack> {
    let target = prop_oneof![
        3 => Just(Target::Victim),
        3 => Just(Target::Own),
        1 => Just(Target::None),
    ];
    (
        0..TYPES.len(),
        0..5_u8,
        target,
        prop::option::weighted(0.8, (0..4_u8, 0..3_u8)),
        0..3_u8,
        prop::bool::weighted(0.2),
        any::<bool>(),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        any::<bool>(),
    )
        .prop_map(
            |(
                event_type,
                sender,
                target,
                id,
                number,
                is_old,
                names_registration,
                names_tenant,
                names_user,
                has_visitor,
            )| Attack {
                event_type,
                sender,
                target,
                id,
                number,
                is_old,
                names_registration,
                names_tenant,
                names_user,
                has_visitor,
            },
        )
}

/// All random cases.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => victim_fact().prop_map(Step::Victim),
        3 => attack().prop_map(Step::Attack),
    ];
    prop::collection::vec(step, 5..40)
}
