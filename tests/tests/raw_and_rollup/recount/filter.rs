//! Filters by source and ticket type.

use super::{Fact, Recount};

/// A filter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// The facts of one source.
    pub source: Option<&'static str>,
    /// The facts of one ticket type, by id or name; empty for facts without one.
    pub ticket_type: Option<&'static str>,
}

impl Filter {
    /// The query parameters.
    pub fn query(&self) -> String {
        let parameter = |name: &str, value: Option<&str>| {
            value.map_or_else(String::new, |value| format!("&{name}={value}"))
        };
        parameter("source", self.source) + &parameter("ticketType", self.ticket_type)
    }
}

impl Recount {
    /// Only the matching facts.
    pub fn filtered(&self, filter: &Filter) -> Self {
        Self {
            filter: *filter,
            ..self.of_facts(|fact| self.is_wanted(fact, filter))
        }
    }

    /// Ticket types have their names from all facts of the period.
    pub(super) fn is_wanted(&self, fact: &Fact, filter: &Filter) -> bool {
        let of_source = |source| fact.text("source").as_deref() == Some(source);
        let of_type = |name| self.is_called(fact, name);
        filter.source.is_none_or(of_source) && filter.ticket_type.is_none_or(of_type)
    }

    pub(super) fn is_called(&self, fact: &Fact, name: &str) -> bool {
        match self.ticket_type(fact) {
            (Some(id), _) => id == name || self.name_of(&id).as_deref() == Some(name),
            (None, Some(own)) => own == name,
            (None, None) => name.is_empty(),
        }
    }

    /// The name of a ticket type, from facts that need a token.
    pub(super) fn name_of(&self, id: &str) -> Option<String> {
        let naming = self.naming.iter();
        let mut named = naming.filter(|fact| fact.text("ticketTypeId").as_deref() == Some(id));
        named.find_map(|fact| fact.text("ticketTypeName"))
    }
}
