//! The properties of a fact: brings the known ones into the form in which they are stored, and drops personal
//! data.

pub mod allow_list;
pub mod changes;
mod personal;
pub mod untrusted;

use std::io;

use analytics_shared::{
    event_type::{EventType, PAYMENT_ID, REGISTRATION_ID},
    parse::{
        amount::{self, InvalidAmount},
        currency::{self, InvalidCurrency},
        id::{self, InvalidId},
        source,
        text::{self, MAX_CHARS},
    },
};
use serde::Serialize;
use serde_json::{Map, Value};

use self::changes::PropertyChanges;
use super::error::FactError;

/// The maximum size of `properties`, in bytes of JSON.
const MAX_BYTES: usize = 32 * 1024;

/// Known properties that identify something. Cut, they would identify something else.
const IDS: [&str; 4] = [REGISTRATION_ID, PAYMENT_ID, "ticketTypeId", "visitorId"];
/// Known properties that describe the fact. Too long, they are cut, and the fact is stored.
const DESCRIPTIONS: [&str; 7] = [
    "ticketTypeName",
    "source",
    "utmSource",
    "utmMedium",
    "utmCampaign",
    "utmTerm",
    "currency",
];
/// The property with the URL, and in facts the host, of the page before.
pub const REFERRER: &str = "referrer";
/// The property with the amount of a payment.
pub const AMOUNT: &str = "amountCents";

/// Brings known properties into their stored form, drops personal data and known properties that are `null` or
/// an empty text, and cuts texts that are too long. Fails if the properties are too large, or if a known
/// property has no meaning.
pub fn normalize(
    event_type: &EventType,
    properties: &mut Map<String, Value>,
) -> Result<PropertyChanges, FactError> {
    let mut changes = PropertyChanges::default();
    personal::drop_personal(properties, &mut changes.dropped);
    for name in IDS {
        if let Some(text) = present_text(name, properties)? {
            let id =
                id::parse(&text).map_err(|error: InvalidId| invalid(name, error.to_string()))?;
            properties.insert(name.to_owned(), id.into());
        }
    }
    for name in DESCRIPTIONS {
        if let Some(text) = present_text(name, properties)? {
            let kept = text::cut(text.trim(), MAX_CHARS);
            if kept.len() < text.trim().len() {
                changes.cut.push(name.to_owned());
            }
            properties.insert(name.to_owned(), kept.into());
        }
    }
    normalize_referrer(properties, &mut changes);
    if event_type.is_payment() {
        normalize_money(properties)?;
    }
    check_size(&*properties, MAX_BYTES)?;
    Ok(changes)
}

/// Removes a known text, and returns it unless it is empty.
fn present_text(
    name: &str,
    properties: &mut Map<String, Value>,
) -> Result<Option<String>, FactError> {
    match properties.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| text::present(text).is_some())),
        Some(_) => Err(invalid(name, "must be a text")),
    }
}

/// Reduces the referrer to its host: the rest of a URL may contain personal data.
fn normalize_referrer(properties: &mut Map<String, Value>, changes: &mut PropertyChanges) {
    let referrer = match properties.remove(REFERRER) {
        None | Some(Value::Null) => return,
        Some(Value::String(url)) if text::present(&url).is_none() => return,
        Some(value) => value.as_str().and_then(source::of_url),
    };
    match referrer {
        Some(host) => drop(properties.insert(REFERRER.to_owned(), host.into())),
        None => changes.dropped.push(REFERRER.to_owned()),
    }
}

fn normalize_money(properties: &mut Map<String, Value>) -> Result<(), FactError> {
    let amount = match properties.remove(AMOUNT) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text::present(&text).is_none() => None,
        Some(value) => {
            let amount = amount::parse(&value);
            Some(amount.map_err(|error: InvalidAmount| invalid(AMOUNT, error.to_string()))?)
        }
    };
    let code = properties.get("currency").and_then(Value::as_str);
    match (code.map(currency::parse).transpose(), amount) {
        (Ok(Some(code)), _) => drop(properties.insert("currency".to_owned(), code.into())),
        (Ok(None), None) => {}
        (Ok(None), Some(_)) | (Err(InvalidCurrency), _) => {
            return Err(invalid(
                "currency",
                format!("{InvalidCurrency}, if `{AMOUNT}` is set"),
            ));
        }
    }
    if let Some(amount) = amount {
        properties.insert(AMOUNT.to_owned(), amount.into());
    }
    Ok(())
}

fn check_size(properties: &impl Serialize, max_bytes: usize) -> Result<(), FactError> {
    let mut counter = ByteCounter(0);
    // Counting does not fail.
    let _ = serde_json::to_writer(&mut counter, properties);
    if counter.0 > max_bytes {
        let message = format!("must be at most {max_bytes} bytes of JSON");
        return Err(FactError::invalid("properties", message));
    }
    Ok(())
}

/// Counts the bytes that are written.
struct ByteCounter(usize);

impl io::Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn invalid(name: &str, message: impl Into<String>) -> FactError {
    FactError::invalid(format!("properties.{name}"), message)
}

#[cfg(test)]
mod tests;
