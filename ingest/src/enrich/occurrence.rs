//! The id of a fact that a file tells without one: the same whenever the file is read again, and
//! another one for each of several equal rows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::Draft;

/// Rows without an id that one file has told so far, by what they say: 16 bytes each, and the slack
/// of the table.
///
/// The first eight bytes of a hash are remembered. Should two different rows ever share them, the
/// second has the id of a second occurrence, which is as good as that of a first.
#[derive(Debug, Default)]
pub struct Occurrences(HashMap<u64, u32>);

impl Occurrences {
    /// The id of the next row that tells `draft`, which happened at `time` to `tenant`.
    ///
    /// A UUIDv8 laid out like a UUIDv7, so that neighbours in time are neighbours in the index. It
    /// is no UUIDv7, because its bits are not random and its milliseconds are not the whole time of
    /// the fact: without `createdAt` it must not be enough to send the fact again.
    pub fn next_id(&mut self, draft: &Draft, tenant: Uuid, time: DateTime<Utc>) -> Uuid {
        let content = content(draft, tenant, time);
        let mut start = [0; 8];
        start.copy_from_slice(&content[..8]);
        let occurrence = self.0.entry(u64::from_be_bytes(start)).or_default();
        *occurrence += 1;
        let hash: [u8; 32] = Sha256::new()
            .chain_update(content)
            .chain_update(occurrence.to_be_bytes())
            .finalize()
            .into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        let milliseconds = u64::try_from(time.timestamp_millis()).unwrap_or_default();
        bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
        Builder::from_custom_bytes(bytes).into_uuid()
    }
}

/// A hash of all that is stored of a row. Personal data is not: it was dropped before.
fn content(draft: &Draft, tenant: Uuid, time: DateTime<Utc>) -> [u8; 32] {
    let id = |id: Option<Uuid>| id.unwrap_or_default();
    // What was read from JSON can be written as JSON.
    let properties = serde_json::to_vec(&draft.properties).unwrap_or_default();
    // Everything but the last two has a fixed length, and a type holds no blank.
    Sha256::new()
        .chain_update(tenant)
        .chain_update(time.timestamp_micros().to_be_bytes())
        .chain_update(id(draft.event_id))
        .chain_update(id(draft.user_id))
        .chain_update(draft.event_type.as_str())
        .chain_update(" ")
        .chain_update(properties)
        .finalize()
        .into()
}
