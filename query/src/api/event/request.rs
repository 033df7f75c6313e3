//! Requests for one event: parsed, authorized and resolved.

use analytics_shared::{auth::AuthorizedCaller, period::Period, problem::Problem};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    analytics::CompareWith,
    api::{
        authorization::{AuthorizedEvent, authorize_event},
        params::{DateRangeParams, ReportingPeriod},
    },
    store::{Store, Versions},
};

/// The parsed parameters of a request for one event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventParams {
    pub event_id: Uuid,
    pub dates: DateRangeParams,
    pub timezone: Option<String>,
    pub compare: Option<CompareWith>,
    /// Whether the response depends on all days with facts.
    pub is_cohort: bool,
}

/// An authorized request for one event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventRequest {
    pub event: AuthorizedEvent,
    pub period: ReportingPeriod,
    pub compare: Option<CompareWith>,
    /// Whether the response depends on all days with facts.
    pub is_cohort: bool,
}

impl EventRequest {
    /// Authorizes the caller and resolves the reporting period.
    ///
    /// # Errors
    /// Fails with a problem that names the invalid parameter, if there is no such event, or if the database
    /// fails.
    pub async fn resolve(
        store: &Store,
        caller: &AuthorizedCaller,
        params: EventParams,
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let event = authorize_event(store, caller, params.event_id).await?;
        let (dates, timezone) = (params.dates, params.timezone.as_deref());
        let period = ReportingPeriod::resolve(store, dates, timezone, event.zone, now).await?;
        Ok(Self {
            event,
            period,
            compare: params.compare,
            is_cohort: params.is_cohort,
        })
    }

    /// Returns all days on which the response may depend.
    ///
    /// # Errors
    /// Fails if there is no comparison period.
    pub fn covering_range(&self) -> Result<Period, Problem> {
        let range = self.period.covering_range(self.compare)?;
        if !self.is_cohort {
            return Ok(range);
        }
        let retained = self.period.retained();
        Ok(Period {
            from: range.from.min(retained.from),
            to: retained.to,
        })
    }

    /// Returns the versions of all days on which the response may depend.
    ///
    /// # Errors
    /// Fails if there is no comparison period, or if the database fails.
    pub async fn versions(&self, store: &Store) -> Result<Versions, Problem> {
        let range = self.covering_range()?;
        let query = self.period.tenant_query(self.event.tenant_id, range);
        Ok(store.event_versions(&query, self.event.event_id).await?)
    }
}
