//! Personal data, which is dropped from every source and at every depth.

use serde_json::{Map, Value};

/// Names of personal data, reduced to lower-case letters and digits.
const PERSONAL_PROPERTIES: [&str; 9] = [
    "firstname",
    "lastname",
    "fullname",
    "attendeename",
    "email",
    "emailaddress",
    "phone",
    "phonenumber",
    "confirmationcode",
];

/// Drops personal data, and adds its names to `dropped`.
pub fn drop_personal(properties: &mut Map<String, Value>, dropped: &mut Vec<String>) {
    properties.retain(|name, _| {
        let plain = name.chars().filter(char::is_ascii_alphanumeric);
        let plain: String = plain
            .map(|character| character.to_ascii_lowercase())
            .collect();
        let is_personal = PERSONAL_PROPERTIES.contains(&plain.as_str());
        if is_personal {
            dropped.push(name.clone());
        }
        !is_personal
    });
    for value in properties.values_mut() {
        drop_personal_in(value, dropped);
    }
}

fn drop_personal_in(value: &mut Value, dropped: &mut Vec<String>) {
    match value {
        Value::Object(map) => drop_personal(map, dropped),
        Value::Array(values) => {
            for value in values {
                drop_personal_in(value, dropped);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
