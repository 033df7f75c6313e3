//! The view of a share link, and the interface by which the authorizer verifies the access tokens of links.

use std::fmt;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use poem_openapi::Enum;
use serde::Deserialize;
use uuid::Uuid;

use crate::problem::Problem;

/// A section of the figures of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Deserialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub enum Section {
    /// The key metrics.
    Metrics,
    /// The figures by day and other buckets of time, and other periods than that of the whole event.
    Series,
    /// The funnel.
    Funnel,
    /// The breakdown by traffic source.
    Sources,
    /// The breakdown by ticket type.
    TicketTypes,
    /// The figures by hour of the week.
    HeatMap,
    /// The check-ins by minute.
    CheckIns,
}

impl Section {
    /// All sections, in the order of the page.
    pub const ALL: [Self; 7] = [
        Self::Metrics,
        Self::Series,
        Self::Funnel,
        Self::Sources,
        Self::TicketTypes,
        Self::HeatMap,
        Self::CheckIns,
    ];

    /// Its name in the API and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Series => "series",
            Self::Funnel => "funnel",
            Self::Sources => "sources",
            Self::TicketTypes => "ticketTypes",
            Self::HeatMap => "heatMap",
            Self::CheckIns => "checkIns",
        }
    }

    /// Returns the section with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }
}

/// The view of a share link: sections of the figures of one event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SharedView {
    /// The id of the link.
    pub share_id: Uuid,
    /// The tenant of the event.
    pub tenant_id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The sections.
    pub sections: Vec<Section>,
    /// Whether payments and refunds are shown.
    pub shows_revenue: bool,
}

impl SharedView {
    /// Returns whether the link shows a section.
    #[must_use]
    pub fn shows(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }
}

/// The access of a valid token of a share link.
#[derive(Clone, Debug)]
pub struct SharedAccess {
    /// The view of the link.
    pub view: SharedView,
    /// The time from which the token is no longer valid.
    pub expires_at: DateTime<Utc>,
}

/// Verifies the access tokens of share links.
pub trait VerifyShareToken: fmt::Debug + Send + Sync {
    /// Returns the access of a token at `now`; `None` if it is not a token of a share link.
    ///
    /// # Errors
    /// 401 if the token or its link is no longer valid, 503 if the link cannot be read.
    fn verify<'a>(
        &'a self,
        token: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<SharedAccess>, Problem>>;
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;

    use super::*;

    #[test]
    fn a_section_has_one_name_in_documents_bodies_and_the_database() {
        for section in Section::ALL {
            assert_eq!(section.to_json(), Some(section.name().into()));
            assert_eq!(Section::named(section.name()), Some(section));
            let parsed: Section = serde_json::from_value(section.name().into()).unwrap();
            assert_eq!(parsed, section);
        }
        assert_eq!(Section::named("Metrics"), None);
    }
}
