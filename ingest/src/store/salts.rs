//! The salts of visitor ids without cookies: one per day, shared by all replicas, and deleted after
//! two days.

use chrono::{Days, NaiveDate};
use sea_orm::{ConnectionTrait, raw_sql};

use super::{database::Store, error::StoreError};

impl Store {
    /// Returns the salt of `day`, which becomes `fresh` if there is none. The replica that creates it
    /// deletes those before yesterday: replicas whose clocks differ may still need yesterday's.
    pub async fn salt(&self, day: NaiveDate, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let insert = raw_sql!(
            Postgres,
            r"INSERT INTO visitor_salts (day, salt) VALUES ({day}, {fresh}) ON CONFLICT DO NOTHING"
        );
        let insert = self.database.execute_raw(insert);
        if self.availability.guard(insert).await?.rows_affected() > 0 {
            let yesterday = day.checked_sub_days(Days::new(1)).unwrap_or(day);
            let delete = raw_sql!(
                Postgres,
                r"DELETE FROM visitor_salts WHERE day < {yesterday}"
            );
            let delete = self.database.execute_raw(delete);
            let deleted = self.availability.guard(delete).await?.rows_affected();
            tracing::info!(deleted, "created the salt of the day");
            return Ok(fresh);
        }
        let query = raw_sql!(
            Postgres,
            r"SELECT salt FROM visitor_salts WHERE day = {day}"
        );
        let query = self.database.query_one_raw(query);
        let row = self.availability.guard(query).await?;
        row.map_or(Ok(fresh), |row| Ok(row.try_get("", "salt")?))
    }
}
