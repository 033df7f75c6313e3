//! The edition of TimescaleDB that we run on, which decides who deletes old facts.

use sea_orm::{ConnectionTrait, DbErr, raw_sql};

/// The two licences of TimescaleDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Has retention policies: the database deletes old facts by itself.
    Community,
    /// Has none: the ingest tier deletes old facts.
    Apache,
}

impl Edition {
    /// The edition of a value of the setting `timescaledb.license`.
    #[must_use]
    pub fn from_license(license: &str) -> Self {
        if license == "timescale" {
            Self::Community
        } else {
            Self::Apache
        }
    }

    /// Who deletes old facts, for logs and the readiness endpoint.
    #[must_use]
    pub fn retention_mechanism(self) -> &'static str {
        match self {
            Self::Community => "policy of TimescaleDB (Community edition)",
            Self::Apache => "daily run of the ingest tier (Apache-2 edition)",
        }
    }
}

/// Asks the database.
///
/// # Errors
/// When it does not answer, or has no TimescaleDB.
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
