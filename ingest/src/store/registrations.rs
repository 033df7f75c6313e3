//! Registrations that are stored already, which complete check-ins and payments.

use std::collections::HashMap;

use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::{Store, StoreError};

const REGISTRATIONS: &str = include_str!("registrations.sql");

/// What a registration tells of the facts that follow it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Registration {
    /// `properties.registrationId`.
    pub registration_id: String,
    /// The organization.
    pub tenant_id: Uuid,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The attendee.
    pub user_id: Option<Uuid>,
    /// `properties.ticketTypeId`.
    pub ticket_type_id: Option<String>,
    /// `properties.ticketTypeName`.
    pub ticket_type_name: Option<String>,
    /// `properties.source`.
    pub source: Option<String>,
}

impl Store {
    /// Those of `ids` that are stored. Ids are the platform's UUIDs: one that two tenants use is
    /// nobody's, for we could not tell whose check-in it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn registrations(
        &self,
        ids: Vec<String>,
    ) -> Result<HashMap<String, Registration>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, REGISTRATIONS, [ids.into()]);
        let mut found: HashMap<String, Option<Registration>> = HashMap::new();
        for registration in Registration::find_by_statement(statement)
            .all(&self.database)
            .await?
        {
            found
                .entry(registration.registration_id.clone())
                .and_modify(|ambiguous| *ambiguous = None)
                .or_insert(Some(registration));
        }
        Ok(found
            .into_iter()
            .filter_map(|(id, one)| Some((id, one?)))
            .collect())
    }
}
