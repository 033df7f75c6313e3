//! The fields of a row, as they are named in columns, options and exports.

use std::str::FromStr;

use serde_json::Value;

use super::rejection::Rejection;
use crate::enrich::properties::allow_list;

/// The fields of a fact.
const FIELDS: [&str; 6] = [
    "eventType",
    "eventId",
    "id",
    "createdAt",
    "userId",
    "tenantId",
];

/// A field of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A field of the fact.
    Fact(&'static str),
    /// A property.
    Property(String),
    /// All properties, as a JSON object; properties with their own column take precedence.
    Properties,
}

/// The mapping of a field to a column with another name; several of one field are joined.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The field.
    pub field: Field,
    /// The name of the column.
    pub column: String,
}

/// The value of a field in rows that have none.
#[derive(Clone, Debug)]
pub struct FieldDefault {
    /// The field.
    pub field: Field,
    /// The value, as in a cell.
    pub value: String,
}

impl Field {
    /// Returns the field with this name, in `camelCase` or `snake_case`.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "properties" {
            return Some(Self::Properties);
        }
        if let Some(property) = name.strip_prefix("properties.") {
            return (!property.is_empty()).then(|| Self::Property(property.to_owned()));
        }
        let name = camel_case(name);
        if let Some(field) = FIELDS.into_iter().find(|field| *field == name) {
            return Some(Self::Fact(field));
        }
        // These need no prefix `properties.`.
        let is_known = allow_list::names().any(|known| known == name);
        is_known.then_some(Self::Property(name))
    }

    /// The text between the cells of several columns.
    pub fn separator(&self) -> &'static str {
        match self {
            Self::Property(name) if name.ends_with("Id") => "-",
            _ => " ",
        }
    }

    /// The name in messages.
    pub fn name(&self) -> String {
        match self {
            Self::Fact(name) => (*name).to_owned(),
            Self::Property(name) => format!("properties.{name}"),
            Self::Properties => "properties".to_owned(),
        }
    }

    fn parse(name: &str) -> Result<Self, String> {
        Self::from_name(name).ok_or_else(|| {
            format!("`{name}` is not a field; a custom property is `properties.{name}`")
        })
    }
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (field, column) = text
            .split_once('=')
            .ok_or("must be FIELD=COLUMN, for example `created_at=timestamp`")?;
        let (field, column) = (Field::parse(field)?, column.to_owned());
        Ok(Self { field, column })
    }
}

impl FromStr for FieldDefault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (field, value) = text
            .split_once('=')
            .ok_or("must be FIELD=VALUE, for example `eventType=registration.completed`")?;
        let (field, value) = (Field::parse(field)?, value.trim().to_owned());
        if value.is_empty() {
            return Err(format!("the value of `{}` is empty", field.name()));
        }
        if let Field::Property(name) = &field {
            property_value(name, &value).map_err(|rejection| rejection.message)?;
        }
        Ok(Self { field, value })
    }
}

/// The value of a property, with the type that it has in the HTTP API.
pub fn property_value(name: &str, cell: &str) -> Result<Value, Rejection> {
    let trimmed = cell.trim();
    match name {
        "robot" | "cancelledByOrganizer" => match trimmed.to_ascii_lowercase().as_str() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => {
                let field = format!("properties.{name}");
                Err(Rejection::invalid(field, "must be `true` or `false`"))
            }
        },
        _ => Ok(cell.into()),
    }
}

/// Converts `snake_case` to `camelCase`; `camelCase` is unchanged.
fn camel_case(name: &str) -> String {
    let mut words = name.trim().split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.extend(letters);
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_names_a_field_and_a_column() {
        let mapping: Mapping = "created_at=When, exactly".parse().unwrap();
        assert_eq!(mapping.field, Field::Fact("createdAt"));
        assert_eq!(mapping.column, "When, exactly");
        assert!("timestamp".parse::<Mapping>().is_err());
        let error = "seat=Seat".parse::<Mapping>().unwrap_err();
        assert!(error.contains("properties.seat"), "{error}");
    }

    #[test]
    fn a_default_names_a_field_and_a_value() {
        let default: FieldDefault = "event_type=page.view".parse().unwrap();
        assert_eq!(default.field, Field::Fact("eventType"));
        assert_eq!(default.value, "page.view");
        for text in ["eventType", "eventType= ", "seat=7", "robot=perhaps"] {
            assert!(text.parse::<FieldDefault>().is_err(), "{text}");
        }
    }
}
