//! The salts that visitors without cookies are hashed with: one for each day, the same for all
//! replicas, and destroyed.

use chrono::{Days, NaiveDate};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};

use super::{Store, StoreError};

#[derive(FromQueryResult)]
struct Row {
    salt: Vec<u8>,
}

impl Store {
    /// The salt of `day`, which is `fresh` if nobody has made one. Who makes it destroys those that
    /// are two days old: replicas whose clocks differ a little may still need yesterday's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn salt(&self, day: NaiveDate, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        if let Some(salt) = self.known_salt(day).await? {
            return Ok(salt);
        }
        let made = raw_sql!(
            Postgres,
            r"INSERT INTO visitor_salts (day, salt) VALUES ({day}, {fresh}) ON CONFLICT DO NOTHING"
        );
        let made = self
            .availability
            .within(self.database.execute_raw(made))
            .await?;
        if made.rows_affected() > 0 {
            let oldest = day.checked_sub_days(Days::new(1)).unwrap_or(day);
            let destroy = raw_sql!(Postgres, r"DELETE FROM visitor_salts WHERE day < {oldest}");
            let destroyed = self
                .availability
                .within(self.database.execute_raw(destroy))
                .await?;
            tracing::info!(destroyed = destroyed.rows_affected(), "new salt of the day");
        }
        // Whoever came first: their salt is everybody's.
        Ok(self.known_salt(day).await?.unwrap_or(fresh))
    }

    async fn known_salt(&self, day: NaiveDate) -> Result<Option<Vec<u8>>, StoreError> {
        let query = raw_sql!(
            Postgres,
            r"SELECT salt FROM visitor_salts WHERE day = {day}"
        );
        let row = self
            .availability
            .within(Row::find_by_statement(query).one(&self.database))
            .await?;
        Ok(row.map(|row| row.salt))
    }
}
