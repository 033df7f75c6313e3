//! The migrations of a program, compared with those of a database.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr, raw_sql};
use sea_orm_migration::MigratorTrait;

/// The migrations of a program, compared with those of a database. All lists are in the order of application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaState {
    /// Migrations of the program that the database has.
    pub applied: Vec<String>,
    /// Migrations of the program that the database does not have.
    pub pending: Vec<String>,
    /// Migrations of the database that the program does not know, because a newer one has applied them.
    pub unknown: Vec<String>,
}

impl SchemaState {
    /// Reads the migrations of a database.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn read<M: MigratorTrait>(database: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let known = M::migrations();
        let known = known.iter().map(|migration| migration.name().to_owned());
        let table = M::migration_table_name().to_string();
        let exists = raw_sql!(
            Postgres,
            "SELECT to_regclass({table}) IS NOT NULL AS is_there"
        );
        let row = database.query_one_raw(exists).await?;
        let stored = match row {
            // The migrator reads the table in the same way.
            Some(row) if row.try_get("", "is_there")? => M::get_migration_models(database).await?,
            _ => Vec::new(),
        };
        let stored = stored.into_iter().map(|migration| migration.version);
        Ok(Self::new(known.collect(), stored.collect()))
    }

    fn new(known: Vec<String>, stored: Vec<String>) -> Self {
        let names: BTreeSet<_> = known.iter().cloned().collect();
        let found: BTreeSet<_> = stored.iter().cloned().collect();
        let (applied, pending) = known.into_iter().partition(|name| found.contains(name));
        Self {
            applied,
            pending,
            unknown: stored
                .into_iter()
                .filter(|name| !names.contains(name))
                .collect(),
        }
    }

    /// Returns whether a newer program has migrated the database.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        !self.unknown.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_applied_pending_or_unknown() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let state = SchemaState::new(names(&["m1", "m2"]), names(&["m1", "m3"]));
        assert_eq!(state.applied, names(&["m1"]));
        assert_eq!(state.pending, names(&["m2"]));
        assert_eq!(state.unknown, names(&["m3"]));
        assert!(state.is_newer());
        assert!(!SchemaState::new(names(&["m1"]), names(&[])).is_newer());
    }
}
