//! The migrations that the programs are built for, compared with those that are applied.

/// The names of all migrations, oldest first. A test of the crate `migration` compares them with its own.
pub const MIGRATIONS: [&str; 1] = ["m20261123_000001_initial"];

/// The schema of a database, compared with the one that this program is built for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaVersion {
    /// All migrations are applied. So are the named ones, which this program does not know: a later version
    /// changes the schema only in ways that this one tolerates.
    Complete {
        /// The migrations that this program does not know.
        newer: Vec<String>,
    },
    /// The named migrations are not applied.
    Incomplete(Vec<&'static str>),
}

impl SchemaVersion {
    /// Compares the names of the applied migrations.
    #[must_use]
    pub fn of(mut applied: Vec<String>) -> Self {
        let is_missing = |name: &&str| !applied.iter().any(|applied| applied == name);
        let missing: Vec<_> = MIGRATIONS.into_iter().filter(is_missing).collect();
        if !missing.is_empty() {
            return Self::Incomplete(missing);
        }
        applied.retain(|name| !MIGRATIONS.contains(&name.as_str()));
        Self::Complete { newer: applied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_with_unknown_migrations_is_complete_and_one_without_a_known_one_is_not() {
        let applied = |more: &[&str]| MIGRATIONS.iter().chain(more).map(ToString::to_string);
        let version = |more: &[&str]| SchemaVersion::of(applied(more).collect());
        assert_eq!(version(&[]), SchemaVersion::Complete { newer: vec![] });
        let newer = vec!["m20990101_000001_later".to_owned()];
        let later = version(&["m20990101_000001_later"]);
        assert_eq!(
            later,
            SchemaVersion::Complete {
                newer: newer.clone()
            }
        );
        let missing = SchemaVersion::Incomplete(MIGRATIONS.to_vec());
        assert_eq!(SchemaVersion::of(vec![]), missing);
        assert_eq!(SchemaVersion::of(newer), missing);
    }
}
