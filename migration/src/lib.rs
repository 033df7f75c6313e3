//! The schema of the service: every change of it, in order, the retention that goes with it, and the
//! commands that keep what is stored in order.

pub mod compatibility;
mod m20261123_000001_initial;
pub mod maintenance;
pub mod retention;

use sea_orm_migration::prelude::*;

/// All changes, oldest first.
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
