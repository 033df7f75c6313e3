//! The examples of parameters in the OpenAPI document.
#![expect(
    clippy::unnecessary_wraps,
    reason = "an example has the type of its parameter"
)]

use uuid::{Uuid, uuid};

/// The tenant in examples.
pub const TENANT: Uuid = uuid!("9b1d7d1e-8f57-4f5e-bb57-6a2a54d0c7a3");
/// The id of the write key in examples.
pub const WRITE_KEY_ID: &str = "9f86d081884c";

pub fn write_key() -> Option<String> {
    Some(format!("awk_{}", "0".repeat(64)))
}

pub fn write_key_id() -> String {
    WRITE_KEY_ID.to_owned()
}

pub fn tenant() -> Option<Uuid> {
    Some(TENANT)
}
