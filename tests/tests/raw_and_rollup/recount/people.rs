//! People: a browser and the user whom a fact links to it are one.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Fact, Recount};

/// The group whose facts are counted; of the three, only those of the dimension are set.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The dimension, if facts are grouped by source or ticket type.
    pub by: Option<&'static str>,
    /// The source, the id and the name of the ticket type.
    pub key: (Option<String>, Option<String>, Option<String>),
}

impl Recount {
    /// The number of people who took each step and all before it. A source selects the views, a ticket type the
    /// completed registrations and check-ins.
    pub(super) fn reached(&self) -> [u64; 4] {
        let mut people: Option<BTreeSet<String>> = None;
        let steps = [
            "page.view",
            "registration.started",
            "registration.completed",
            "checkin.completed",
        ];
        steps.map(|step| {
            let of_step = self.all.iter().filter(|fact| fact.is(step));
            let of_step = of_step.filter(|fact| self.is_of_step(fact));
            let taken: BTreeSet<String> =
                of_step.filter_map(|fact| person(&self.all, fact)).collect();
            let remaining = match people.take() {
                None => taken,
                Some(before) => &before & &taken,
            };
            people.insert(remaining).len() as u64
        })
    }

    fn is_of_step(&self, fact: &Fact) -> bool {
        match fact.event_type.as_str() {
            "page.view" => {
                let source = fact.text("source");
                let is_of_group = self.group.by != Some("source") || source == self.group.key.0;
                is_of_group
                    && self
                        .filter
                        .source
                        .is_none_or(|one| source.as_deref() == Some(one))
            }
            "registration.started" => true,
            _ => {
                let (_, id, name) = &self.group.key;
                let is_of_group = self.group.by != Some("ticketType")
                    || self.ticket_type_with_name(fact) == (id.clone(), name.clone());
                is_of_group
                    && self
                        .filter
                        .ticket_type
                        .is_none_or(|one| self.is_called(fact, one))
            }
        }
    }

    /// The number of people who viewed an event through a source and completed a registration of it.
    pub(super) fn converted(&self, source: &str) -> u64 {
        let events: BTreeSet<Uuid> = self.all.iter().filter_map(|fact| fact.event_id).collect();
        let mut viewers = Vec::new();
        for event in events {
            let of_event = self.all.iter().filter(|fact| fact.event_id == Some(event));
            let of_event: Vec<Fact> = of_event.cloned().collect();
            let registrations = of_event
                .iter()
                .filter(|fact| fact.is("registration.completed"));
            let registrations = registrations.filter(|fact| {
                self.filter
                    .ticket_type
                    .is_none_or(|one| self.is_called(fact, one))
            });
            let registered: BTreeSet<String> = registrations
                .filter_map(|fact| person(&of_event, fact))
                .collect();
            let views = self.facts.iter().filter(|fact| {
                fact.is("page.view")
                    && fact.event_id == Some(event)
                    && fact.text("source").as_deref() == Some(source)
            });
            let has_registered = |fact: &&Fact| {
                person(&of_event, fact).is_some_and(|person| registered.contains(&person))
            };
            viewers.extend(views.filter(has_registered));
        }
        let people = viewers
            .into_iter()
            .filter_map(|fact| person(&self.all, fact));
        people.collect::<BTreeSet<String>>().len() as u64
    }
}

/// The visitor of a fact, or the user whom `facts` link to its browser; of several the one with the smallest hash.
fn person(facts: &[Fact], fact: &Fact) -> Option<String> {
    let visitor = fact.visitor()?;
    if fact.user_id.is_some() {
        return Some(visitor);
    }
    let counted = facts.iter().filter(|link| is_counted(link));
    let users = counted.filter(|link| link.text("visitorId").as_ref() == Some(&visitor));
    let users = users.filter_map(|link| Some((link.user_hash?, link.user_id?)));
    let user = users.min().map(|(_, user)| user.to_string());
    user.or(Some(visitor))
}

/// Whether metrics count facts of this type; others make no link.
fn is_counted(fact: &Fact) -> bool {
    fact.event_id.is_some() && !fact.is("newsletter.opened")
}
