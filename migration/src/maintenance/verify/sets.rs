//! Sets of distinct visitors: the same people, not only as many.

use std::collections::BTreeMap;

use analytics_shared::visitor_set::VisitorSet;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use super::difference::{Difference, Key};
use crate::maintenance::events::Event;

const PARTS: &str = "
    SELECT tenant_id, day, event_type, source, ticket_type, ordinals, bitmap, 0::BIGINT AS unknown
    FROM event_daily_visitors
    WHERE event_id = $1 AND tenant_id = ANY ($2)";
const FACTS: &str = include_str!("sets.sql");

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    day: NaiveDate,
    event_type: String,
    source: String,
    ticket_type: String,
    ordinals: Option<Vec<i64>>,
    bitmap: Option<Vec<u8>>,
    unknown: i64,
}

/// Both sides of one set.
#[derive(Default)]
struct Sides {
    rollup: VisitorSet,
    facts: VisitorSet,
    /// Visitors of facts who have no ordinal, so that no set can hold them.
    unknown: u64,
}

/// What differs in the snapshot of `database`.
pub async fn compare<C: ConnectionTrait>(
    database: &C,
    event: &Event,
    default_zone: &str,
) -> Result<Vec<Difference>, DbErr> {
    let id = event.event_id;
    let parts = Statement::from_sql_and_values(
        DbBackend::Postgres,
        PARTS,
        [id.into(), event.tenants.clone().into()],
    );
    let facts = Statement::from_sql_and_values(
        DbBackend::Postgres,
        FACTS,
        [id.into(), default_zone.into()],
    );
    let mut sets: BTreeMap<Key, Sides> = BTreeMap::new();
    for row in Row::find_by_statement(parts).all(database).await? {
        let (key, set, _) = row.split()?;
        sets.entry(key).or_default().rollup.unite(&set);
    }
    for row in Row::find_by_statement(facts).all(database).await? {
        let (key, set, unknown) = row.split()?;
        let sides = sets.entry(key).or_default();
        sides.facts.unite(&set);
        sides.unknown += unknown;
    }
    Ok(sets
        .into_iter()
        .filter_map(|(key, sides)| sides.difference(id, key))
        .collect())
}

impl Row {
    fn split(self) -> Result<(Key, VisitorSet, u64), DbErr> {
        let mut set = match &self.bitmap {
            Some(bitmap) => VisitorSet::from_bytes(bitmap)
                .map_err(|corrupt| DbErr::Custom(corrupt.to_string()))?,
            None => VisitorSet::default(),
        };
        set.extend(self.ordinals.unwrap_or_default());
        let key = Key {
            tenant_id: self.tenant_id,
            day: self.day,
            event_type: self.event_type,
            source: self.source,
            ticket_type: self.ticket_type,
        };
        Ok((key, set, self.unknown.cast_unsigned()))
    }
}

impl Sides {
    fn difference(&self, event_id: Uuid, key: Key) -> Option<Difference> {
        if self.rollup == self.facts && self.unknown == 0 {
            return None;
        }
        let mut all = self.rollup.clone();
        all.unite(&self.facts);
        let (rollup, facts) = (self.rollup.count(), self.facts.count());
        Some(Difference {
            event_id,
            key,
            figure: "visitors".to_owned(),
            rollup: side(rollup, all.count() - facts),
            facts: side(facts + self.unknown, all.count() - rollup + self.unknown),
        })
    }
}

/// How many visitors one side has, and how many of them the other has not.
fn side(visitors: u64, alone: u64) -> String {
    format!("{visitors} ({alone} only here)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sets_of_one_size_are_not_the_same_set() {
        let key = Key {
            tenant_id: Uuid::nil(),
            day: NaiveDate::default(),
            event_type: "page.view".to_owned(),
            source: "direct".to_owned(),
            ticket_type: String::new(),
        };
        let mut sides = Sides {
            rollup: [1, 2].into_iter().collect(),
            facts: [2, 3].into_iter().collect(),
            unknown: 0,
        };
        let difference = sides.difference(Uuid::nil(), key.clone()).unwrap();
        assert_eq!(
            (difference.rollup.as_str(), difference.facts.as_str()),
            ("2 (1 only here)", "2 (1 only here)")
        );
        sides.facts = [1, 2].into_iter().collect();
        assert!(sides.difference(Uuid::nil(), key).is_none());
    }
}
