//! The schema migrations, the retention policy, and the maintenance commands.

pub mod compatibility;
pub mod connection;
mod m20261123_000001_initial;
pub mod maintenance;
pub mod retention_policy;
pub mod upgrade;

use sea_orm_migration::prelude::*;

/// The migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261123_000001_initial::Migration)]
    }

    fn migration_table_name() -> DynIden {
        "analytics_migrations".into_iden()
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::database::MIGRATIONS;

    use super::*;

    #[test]
    fn the_tiers_are_built_for_the_migrations_of_this_crate() {
        let migrations = Migrator::migrations();
        let names: Vec<_> = migrations
            .iter()
            .map(|migration| migration.name())
            .collect();
        assert_eq!(names, MIGRATIONS);
    }
}
