//! The ids of imported rows without an id: the same each time the file is imported, and a different
//! one for each of several equal rows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::enrich::{identity::derived::time_ordered, incoming_fact::IncomingFact};

/// The number of rows without an id that one file contains so far, by content: 16 bytes each, plus the
/// free space of the table.
///
/// The key is the first eight bytes of a hash. If two different rows share them, the second gets the
/// id of a second occurrence, which is just as unique.
#[derive(Debug, Default)]
pub struct Occurrences(HashMap<u64, u32>);

impl Occurrences {
    /// Returns the id of the next row with this content, tenant and time.
    pub fn next_id(&mut self, incoming: &IncomingFact, tenant: Uuid, time: DateTime<Utc>) -> Uuid {
        let content = content_hash(incoming, tenant, time);
        let mut start = [0; 8];
        start.copy_from_slice(&content[..8]);
        let occurrence = self.0.entry(u64::from_be_bytes(start)).or_default();
        *occurrence += 1;
        let hash = Sha256::new()
            .chain_update(content)
            .chain_update(occurrence.to_be_bytes())
            .finalize();
        time_ordered(hash.into(), time)
    }
}

/// A hash of all stored data of a row. Personal data has been dropped before.
fn content_hash(incoming: &IncomingFact, tenant: Uuid, time: DateTime<Utc>) -> [u8; 32] {
    let id = |id: Option<Uuid>| id.unwrap_or_default();
    // Cannot fail: the value was parsed from JSON.
    let properties = serde_json::to_vec(&incoming.properties).unwrap_or_default();
    // All but the last two have a fixed length, and an event type contains no space.
    Sha256::new()
        .chain_update(tenant)
        .chain_update(time.timestamp_micros().to_be_bytes())
        .chain_update(id(incoming.event_id))
        .chain_update(id(incoming.user_id))
        .chain_update(incoming.event_type.as_str())
        .chain_update(" ")
        .chain_update(properties)
        .finalize()
        .into()
}
