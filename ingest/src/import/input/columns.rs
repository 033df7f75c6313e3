//! The mapping from CSV columns to the fields of a fact, and from a record to the JSON of a fact, which is
//! then parsed like a line of NDJSON.

use std::collections::HashSet;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::rejection::Rejection;

/// The fields of a fact.
const FIELDS: [&str; 6] = [
    "eventType",
    "eventId",
    "id",
    "createdAt",
    "userId",
    "tenantId",
];
/// The properties whose columns need no prefix `properties.`.
const KNOWN_PROPERTIES: [&str; 12] = [
    "source",
    "utmSource",
    "referrer",
    "visitorId",
    "ticketTypeId",
    "ticketTypeName",
    "registrationId",
    "paymentId",
    "amountCents",
    "currency",
    "robot",
    "cancelledByOrganizer",
];

/// The target of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A field of the fact.
    Fact(&'static str),
    /// A property.
    Property(String),
    /// All properties, as a JSON object; properties with their own column take precedence.
    Properties,
}

/// The mapping of a field to a column with another name.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The field.
    pub field: Field,
    /// The name of the column.
    pub column: String,
}

/// The imported columns of a file.
#[derive(Debug)]
pub struct Columns {
    fields: Vec<(usize, Field)>,
    width: usize,
    /// The names of columns that are not imported.
    pub ignored: Vec<String>,
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
        KNOWN_PROPERTIES
            .contains(&name.as_str())
            .then_some(Self::Property(name))
    }

    fn name(&self) -> String {
        match self {
            Self::Fact(name) => (*name).to_owned(),
            Self::Property(name) => format!("properties.{name}"),
            Self::Properties => "properties".to_owned(),
        }
    }
}

impl Columns {
    /// Maps the columns of a header. Fails if a mapped or required column is missing, or if two columns map to
    /// one field.
    pub fn new(header: &[String], mappings: &[Mapping]) -> anyhow::Result<Self> {
        let names = header.iter().map(|name| name.trim());
        let index_of = |column: &str| names.clone().position(|name| name == column.trim());
        let mut fields = Vec::with_capacity(header.len());
        for Mapping { field, column } in mappings {
            let index = index_of(column).with_context(|| {
                format!("there is no column `{column}` among {}", header.join(", "))
            })?;
            fields.push((index, field.clone()));
        }
        let is_mapped = |field: &Field| mappings.iter().any(|mapping| mapping.field == *field);
        let by_name = names.clone().map(Field::from_name).enumerate();
        let by_name = by_name.filter_map(|(index, field)| Some((index, field?)));
        fields.extend(by_name.filter(|(_, field)| !is_mapped(field)));

        let mut seen = HashSet::new();
        for (_, field) in &fields {
            ensure!(seen.insert(field), "two columns map to `{}`", field.name());
        }
        let has = |name| seen.contains(&Field::Fact(name));
        for (exists, field) in [
            (has("eventType"), "eventType"),
            (has("createdAt") || has("id"), "createdAt"),
        ] {
            ensure!(
                exists,
                "no column maps to `{field}`: add --map {field}=COLUMN; the columns are {}",
                header.join(", ")
            );
        }
        let ignored = names
            .enumerate()
            .filter(|(index, _)| !fields.iter().any(|(mapped, _)| mapped == index));
        Ok(Self {
            ignored: ignored.map(|(_, name)| name.to_owned()).collect(),
            width: header.len(),
            fields,
        })
    }

    /// Converts a record to the JSON of a fact, with the rejection if a cell is invalid.
    pub fn to_json(&self, cells: &[&[u8]]) -> (Value, Option<Rejection>) {
        if cells.len() != self.width {
            let texts = cells
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).into());
            let message = format!(
                "has {} cells, but the header has {}",
                cells.len(),
                self.width
            );
            let rejection = Rejection::malformed("body", message);
            return (Value::Array(texts.collect()), Some(rejection));
        }
        let (mut fact, mut properties) = (Map::new(), Map::new());
        let (mut all_properties, mut rejection) = (Map::new(), None);
        for (index, field) in &self.fields {
            let cell = String::from_utf8_lossy(cells[*index]);
            if cell.trim().is_empty() {
                continue;
            }
            if matches!(cell, std::borrow::Cow::Owned(_)) {
                let not_utf8 = Rejection::malformed(field.name(), "is not UTF-8");
                rejection.get_or_insert(not_utf8);
            }
            match field {
                Field::Fact("createdAt") => drop(fact.insert("createdAt".into(), time(&cell))),
                Field::Fact(name) => drop(fact.insert((*name).into(), cell.trim().into())),
                Field::Property(name) => {
                    let value = value(name, &cell).unwrap_or_else(|invalid| {
                        rejection.get_or_insert(invalid);
                        cell.as_ref().into()
                    });
                    properties.insert(name.clone(), value);
                }
                Field::Properties => {
                    all_properties = serde_json::from_str(&cell).unwrap_or_else(|_| {
                        let message = "must be a JSON object";
                        rejection.get_or_insert(Rejection::invalid("properties", message));
                        fact.insert("properties".into(), cell.as_ref().into());
                        Map::new()
                    });
                }
            }
        }
        all_properties.extend(properties);
        if !all_properties.is_empty() {
            fact.entry("properties").or_insert(all_properties.into());
        }
        (fact.into(), rejection)
    }
}

/// The value of a property, with the type that it has in the HTTP API.
fn value(name: &str, cell: &str) -> Result<Value, Rejection> {
    let trimmed = cell.trim();
    match name {
        "amountCents" => Ok(trimmed.parse::<i64>().map_or(cell.into(), Value::from)),
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

/// The RFC 3339 form of a time. PostgreSQL writes the offset `+00`, which RFC 3339 does not allow.
fn time(cell: &str) -> Value {
    let cell = cell.trim();
    let complete = format!("{cell}:00");
    match complete.parse::<DateTime<Utc>>() {
        Ok(_) if cell.parse::<DateTime<Utc>>().is_err() => complete.into(),
        _ => cell.into(),
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
