//! The edition of TimescaleDB, which determines how expired facts are deleted.

use sea_orm::{ConnectionTrait, DbErr, raw_sql};

/// An edition of TimescaleDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Has retention policies: the database deletes expired facts.
    Community,
    /// Has none: the ingest tier deletes expired facts.
    Apache,
}

impl Edition {
    /// The edition for a value of the setting `timescaledb.license`.
    #[must_use]
    pub fn from_license(license: &str) -> Self {
        if license == "timescale" {
            Self::Community
        } else {
            Self::Apache
        }
    }

    /// The mechanism that deletes expired facts, for logs and `/readyz`.
    #[must_use]
    pub fn retention_mechanism(self) -> &'static str {
        match self {
            Self::Community => "retention policy of TimescaleDB (Community edition)",
            Self::Apache => "daily run of the ingest tier (Apache-2 edition)",
        }
    }
}

/// Reads the edition from the database.
///
/// # Errors
/// When the statement fails, or TimescaleDB is not installed.
pub async fn detect<C: ConnectionTrait>(database: &C) -> Result<Edition, DbErr> {
    let row = database
        .query_one_raw(raw_sql!(
            Postgres,
            "SELECT current_setting('timescaledb.license') AS license"
        ))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("timescaledb.license".to_owned()))?;
    Ok(Edition::from_license(
        &row.try_get::<String>("", "license")?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licence_names_the_edition() {
        assert_eq!(Edition::from_license("timescale"), Edition::Community);
        assert_eq!(Edition::from_license("apache"), Edition::Apache);
    }
}
