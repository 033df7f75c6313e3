//! Which column of a CSV file is which field of a fact, and a record as the JSON of that fact: from
//! there on it goes the same way as a line of NDJSON.

use std::collections::HashSet;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::rejected::Rejection;

/// The fields of a fact.
const TOP: [&str; 6] = [
    "eventType",
    "eventId",
    "id",
    "createdAt",
    "userId",
    "tenantId",
];
/// Properties that need not be called `properties.…`.
const KNOWN: [&str; 12] = [
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

/// Where a cell goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A field of the fact.
    Top(&'static str),
    /// One of its properties.
    Property(String),
    /// All of its properties, as a JSON object; those with a column of their own win.
    Properties,
}

/// A field that is taken from a column of another name.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The field.
    pub field: Field,
    /// The name of the column.
    pub column: String,
}

/// The columns of a file that are imported.
#[derive(Debug)]
pub struct Columns {
    fields: Vec<(usize, Field)>,
    width: usize,
    /// Names of columns that are not imported.
    pub left_out: Vec<String>,
}

impl Field {
    /// The field of that name, in `camelCase` or `snake_case`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == "properties" {
            return Some(Self::Properties);
        }
        if let Some(property) = name.strip_prefix("properties.") {
            return (!property.is_empty()).then(|| Self::Property(property.to_owned()));
        }
        let name = camel_case(name);
        if let Some(field) = TOP.into_iter().find(|field| *field == name) {
            return Some(Self::Top(field));
        }
        KNOWN
            .contains(&name.as_str())
            .then_some(Self::Property(name))
    }

    fn name(&self) -> String {
        match self {
            Self::Top(name) => (*name).to_owned(),
            Self::Property(name) => format!("properties.{name}"),
            Self::Properties => "properties".to_owned(),
        }
    }
}

impl Columns {
    /// Finds the fields of a fact in the header of a file.
    ///
    /// # Errors
    /// When a column that was asked for is not there, or a field has two columns or none that it
    /// needs.
    pub fn of(header: &[String], mappings: &[Mapping]) -> anyhow::Result<Self> {
        let names = header.iter().map(|name| name.trim());
        let place = |column: &str| names.clone().position(|name| name == column.trim());
        let mut fields = Vec::with_capacity(header.len());
        for Mapping { field, column } in mappings {
            let place = place(column).with_context(|| {
                format!("there is no column `{column}` among {}", header.join(", "))
            })?;
            fields.push((place, field.clone()));
        }
        let is_mapped = |field: &Field| mappings.iter().any(|mapping| mapping.field == *field);
        let by_name = names.clone().map(Field::named).enumerate();
        let by_name = by_name.filter_map(|(place, field)| Some((place, field?)));
        fields.extend(by_name.filter(|(_, field)| !is_mapped(field)));

        let mut seen = HashSet::new();
        for (_, field) in &fields {
            ensure!(seen.insert(field), "two columns are `{}`", field.name());
        }
        let has = |name| seen.contains(&Field::Top(name));
        for (is_there, field) in [
            (has("eventType"), "eventType"),
            (has("createdAt") || has("id"), "createdAt"),
        ] {
            ensure!(
                is_there,
                "no column is `{field}`: name it with --map {field}=COLUMN; there are {}",
                header.join(", ")
            );
        }
        let left_out = names.enumerate().filter(|(place, _)| {
            let is_taken = fields.iter().any(|(taken, _)| taken == place);
            !is_taken
        });
        Ok(Self {
            left_out: left_out.map(|(_, name)| name.to_owned()).collect(),
            width: header.len(),
            fields,
        })
    }

    /// A record as the JSON of a fact, and what is wrong with it already.
    #[must_use]
    pub fn json(&self, cells: &[&[u8]]) -> (Value, Option<Rejection>) {
        if cells.len() != self.width {
            let texts = cells
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).into());
            let message = format!(
                "has {} cells where the header has {}",
                cells.len(),
                self.width
            );
            let wrong = Rejection::unreadable("body", message);
            return (Value::Array(texts.collect()), Some(wrong));
        }
        let (mut fact, mut properties) = (Map::new(), Map::new());
        let (mut given, mut wrong) = (Map::new(), None);
        for (place, field) in &self.fields {
            let cell = String::from_utf8_lossy(cells[*place]);
            if cell.trim().is_empty() {
                continue;
            }
            if matches!(cell, std::borrow::Cow::Owned(_)) {
                let rejection = Rejection::unreadable(field.name(), "is not UTF-8");
                wrong.get_or_insert(rejection);
            }
            match field {
                Field::Top("createdAt") => drop(fact.insert("createdAt".into(), time(&cell))),
                Field::Top(name) => drop(fact.insert((*name).into(), cell.trim().into())),
                Field::Property(name) => {
                    let value = value(name, &cell).unwrap_or_else(|rejection| {
                        wrong.get_or_insert(rejection);
                        cell.as_ref().into()
                    });
                    properties.insert(name.clone(), value);
                }
                Field::Properties => {
                    given = serde_json::from_str(&cell).unwrap_or_else(|_| {
                        let message = "must be a JSON object";
                        wrong.get_or_insert(Rejection::invalid("properties", message));
                        fact.insert("properties".into(), cell.as_ref().into());
                        Map::new()
                    });
                }
            }
        }
        given.extend(properties);
        if !given.is_empty() {
            fact.entry("properties").or_insert(given.into());
        }
        (fact.into(), wrong)
    }
}

/// The value of a property, of the type that it has over HTTP.
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

/// A time as JSON has it. PostgreSQL writes the offset `+00`, which RFC 3339 does not know.
fn time(cell: &str) -> Value {
    let cell = cell.trim();
    let complete = format!("{cell}:00");
    match complete.parse::<DateTime<Utc>>() {
        Ok(_) if cell.parse::<DateTime<Utc>>().is_err() => complete.into(),
        _ => cell.into(),
    }
}

/// `event_type` as `eventType`; what is in `camelCase` stays as it is.
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
