//! Counts by the hour of the day, as statements find them.

use sea_orm::QueryResult;

use super::{
    StoreError,
    rows::{count, kind},
};
use crate::figures::HourCount;

pub(super) fn hour_count(found: &QueryResult) -> Result<HourCount, StoreError> {
    let hour = u8::try_from(found.try_get::<i16>("", "hour")?);
    Ok(HourCount {
        day: found.try_get("", "day")?,
        hour: hour.map_err(|_| StoreError::UnexpectedRow("no hour of the day"))?,
        kind: kind(found)?,
        count: count(found)?,
    })
}
