//! A part of the facts: of one source, of one ticket type.

use super::{Fact, Recount};

/// Which facts are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// The facts of one source.
    pub source: Option<&'static str>,
    /// The facts of one ticket type, by id or name; empty for facts without one.
    pub ticket_type: Option<&'static str>,
}

impl Filter {
    /// Its parameters.
    pub fn query(&self) -> String {
        let parameter = |name: &str, value: Option<&str>| {
            value.map_or_else(String::new, |value| format!("&{name}={value}"))
        };
        parameter("source", self.source) + &parameter("ticketType", self.ticket_type)
    }
}

impl Recount {
    /// The facts that are asked for, alone.
    pub fn filtered(&self, filter: &Filter) -> Self {
        self.of_facts(|fact| self.is_wanted(fact, filter))
    }

    /// Ticket types are called what all facts of the period call them.
    pub(super) fn is_wanted(&self, fact: &Fact, filter: &Filter) -> bool {
        let of_source = |source| fact.text("source").as_deref() == Some(source);
        let of_type = |name| self.is_called(fact, name);
        filter.source.is_none_or(of_source) && filter.ticket_type.is_none_or(of_type)
    }

    fn is_called(&self, fact: &Fact, name: &str) -> bool {
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
