//! The settings of a session. Without a pooler they are start-up options of the connection. A pooler in transaction
//! mode loses these, and gives each transaction another session, so that every transaction sets them.

use std::fmt::Write;

use crate::{config::Pooler, database::TierRole};

/// The schema of the service, and that of the extension TimescaleDB.
const SEARCH_PATH: &str = "analytics_service,public";

/// The settings of a session, with values that need no quotes.
#[derive(Clone, Debug, Default)]
pub struct SessionSettings {
    role: Option<&'static str>,
    is_read_only: bool,
    others: Vec<(&'static str, String)>,
}

impl SessionSettings {
    /// The settings of a tier.
    pub(in crate::database) fn of_tier(role: TierRole, statement_timeout_seconds: u32) -> Self {
        let (plans, scans) = match role {
            // A generic plan ignores how many rows the parameters select.
            TierRole::Query => ("force_custom_plan", "on"),
            // Planning a batch takes as long as writing a small one. A generic plan made while the
            // tables are small would scan them, although every look-up has an index.
            TierRole::Ingest => ("force_generic_plan", "off"),
            TierRole::Sharing => ("auto", "on"),
        };
        let timeout = u64::from(statement_timeout_seconds) * 1_000;
        Self {
            role: Some(role.name()),
            is_read_only: role == TierRole::Query,
            others: vec![
                ("search_path", SEARCH_PATH.to_owned()),
                ("statement_timeout", timeout.to_string()),
                ("TimeZone", "UTC".to_owned()),
                // Compiling a plan takes longer than running any statement of the tiers.
                ("jit", "off".to_owned()),
                ("plan_cache_mode", plans.to_owned()),
                ("enable_seqscan", scans.to_owned()),
            ],
        }
    }

    /// The settings of a maintenance command, which acts as the login.
    #[must_use]
    pub fn of_maintenance() -> Self {
        Self {
            others: vec![("search_path", SEARCH_PATH.to_owned())],
            ..Self::default()
        }
    }

    /// Returns the start-up options of a connection.
    pub(super) fn start_up_options(&self) -> Vec<(&'static str, String)> {
        let role = self.role.map(|role| ("role", role.to_owned()));
        let read_only = ("default_transaction_read_only", "on".to_owned());
        let read_only = self.is_read_only.then_some(read_only);
        let others = self.others.iter().cloned();
        role.into_iter().chain(read_only).chain(others).collect()
    }

    /// Returns the statements with which every transaction begins; `None` if the connection has the settings.
    pub(super) fn of_transaction(&self, pooler: Pooler) -> Option<String> {
        if pooler == Pooler::None {
            return None;
        }
        let mut statements = String::new();
        if self.is_read_only {
            statements.push_str("SET TRANSACTION READ ONLY; ");
        }
        let role = self.role.map(|role| ("role", role));
        let others = self.others.iter();
        let others = others.map(|(name, value)| (*name, value.as_str()));
        for (name, value) in role.into_iter().chain(others) {
            // Writing to a string cannot fail.
            let _ = write!(statements, "SET LOCAL {name} = {value}; ");
        }
        Some(statements)
    }

    /// Returns the role, `none` without one, as `current_setting('role')` does.
    pub(super) fn role(&self) -> &'static str {
        self.role.unwrap_or("none")
    }

    /// Returns whether transactions are read only.
    pub(super) fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Returns the names and the values of the other settings.
    pub(super) fn others(&self) -> (Vec<String>, Vec<String>) {
        let others = self.others.iter();
        others
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_behind_a_pooler_sets_what_a_connection_has_from_its_start() {
        let settings = SessionSettings::of_tier(TierRole::Query, 30);
        assert_eq!(settings.of_transaction(Pooler::None), None);
        let statements = settings.of_transaction(Pooler::Transaction).unwrap();
        assert!(
            statements.starts_with("SET TRANSACTION READ ONLY; SET LOCAL role = analytics_query; ")
        );
        for (name, value) in settings.start_up_options() {
            let is_set = statements.contains(&format!("SET LOCAL {name} = {value}; "));
            assert!(is_set || name == "default_transaction_read_only", "{name}");
        }
    }
}
