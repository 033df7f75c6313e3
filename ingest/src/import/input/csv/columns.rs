//! The mapping from CSV columns to the fields of a fact, and from a record to the JSON of a fact, which is
//! then parsed like a line of NDJSON.

use std::borrow::Cow;

use anyhow::{Context, ensure};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::super::{
    field::{Field, FieldDefault, property_value},
    preset::StatusColumn,
    rejection::Rejection,
    row::RowOptions,
    times::TimeOptions,
};

/// The imported columns of a file.
#[derive(Debug)]
pub struct Columns {
    fields: Vec<FieldColumns>,
    /// The options for the times of the file.
    times: TimeOptions,
    /// The column of the status, with the accepted values.
    status: Option<(usize, StatusColumn)>,
    /// The number of columns.
    pub width: usize,
    /// The names of columns that are not imported.
    pub ignored: Vec<String>,
}

/// A field and the columns whose cells are its value.
#[derive(Debug)]
struct FieldColumns {
    field: Field,
    columns: Vec<usize>,
}

/// The names of the columns.
struct Header<'a>(&'a [String]);

impl Header<'_> {
    fn find(&self, column: &str) -> Option<usize> {
        let column = column.trim();
        let names = || self.0.iter().map(|name| name.trim());
        names()
            .position(|name| name == column)
            .or_else(|| names().position(|name| name.eq_ignore_ascii_case(column)))
    }

    fn index(&self, column: &str) -> anyhow::Result<usize> {
        self.find(column)
            .with_context(|| format!("there is no column `{column}` among {}", self.0.join(", ")))
    }

    /// The column of a field, or the name of a field and a time zone, as in workbooks: `createdAt (Europe/Berlin)`.
    fn by_name(&self) -> impl Iterator<Item = (usize, Field, Option<Tz>)> {
        self.0.iter().enumerate().filter_map(|(index, name)| {
            let name = name.trim();
            if let Some(field) = Field::from_name(name) {
                return Some((index, field, None));
            }
            let (name, zone) = name.strip_suffix(')')?.split_once(" (")?;
            let field =
                Field::from_name(name).filter(|field| *field == Field::Fact("createdAt"))?;
            Some((index, field, Some(zone.parse().ok()?)))
        })
    }
}

impl Columns {
    /// Maps the columns of a header. Fails if a mapped or required column is missing, or if two columns have
    /// the name of one field.
    pub fn new(header: &[String], options: &RowOptions) -> anyhow::Result<Self> {
        let header = Header(header);
        let mut fields: Vec<FieldColumns> = Vec::new();
        let mut times = options.times.clone();
        for mapping in &options.mappings {
            let index = header.index(&mapping.column)?;
            match fields.iter_mut().find(|it| it.field == mapping.field) {
                Some(mapped) => mapped.columns.push(index),
                None => fields.push(FieldColumns {
                    field: mapping.field.clone(),
                    columns: vec![index],
                }),
            }
        }
        let is_mapped = |fields: &[FieldColumns], field| fields.iter().any(|it| it.field == field);
        let mut by_name = Vec::new();
        for (index, field, zone) in header.by_name() {
            if !is_mapped(&fields, field.clone()) {
                ensure!(
                    !is_mapped(&by_name, field.clone()),
                    "two columns map to `{}`",
                    field.name()
                );
                times.zone = zone.or(times.zone);
                let columns = vec![index];
                by_name.push(FieldColumns { field, columns });
            }
        }
        fields.append(&mut by_name);
        for (field, alternatives) in options.preset.iter().flat_map(|preset| preset.columns()) {
            let mut found = alternatives.iter().filter_map(|names| {
                let columns = names.iter().map(|name| header.find(name));
                columns.collect::<Option<Vec<_>>>()
            });
            if let Some(columns) = found.next().filter(|_| !is_mapped(&fields, field.clone())) {
                fields.push(FieldColumns { field, columns });
            }
        }
        let status = options.preset.map(|preset| {
            let status = preset.status();
            Ok::<_, anyhow::Error>((header.index(status.name)?, status))
        });
        let has = |name| {
            let is_default = |default: &FieldDefault| default.field == Field::Fact(name);
            is_mapped(&fields, Field::Fact(name)) || options.defaults.iter().any(is_default)
        };
        for (exists, field) in [
            (has("eventType"), "eventType"),
            (has("createdAt") || has("id"), "createdAt"),
        ] {
            ensure!(
                exists,
                "no column maps to `{field}`: add --map {field}=COLUMN or --set {field}=VALUE; the columns are {}",
                header.0.join(", ")
            );
        }
        let is_used = |index| fields.iter().any(|it| it.columns.contains(&index));
        let ignored = header
            .0
            .iter()
            .enumerate()
            .filter(|(index, _)| !is_used(*index));
        Ok(Self {
            ignored: ignored.map(|(_, name)| name.trim().to_owned()).collect(),
            status: status.transpose()?,
            width: header.0.len(),
            times,
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
        let mut all_properties = Map::new();
        let mut rejection = self.status_rejection(cells);
        for FieldColumns { field, columns } in &self.fields {
            let cell = joined(cells, columns, field.separator());
            if cell.trim().is_empty() {
                continue;
            }
            if columns
                .iter()
                .any(|column| str::from_utf8(cells[*column]).is_err())
            {
                let not_utf8 = Rejection::malformed(field.name(), "is not UTF-8");
                rejection.get_or_insert(not_utf8);
            }
            match field {
                Field::Fact(name) => {
                    let value = match *name {
                        "createdAt" => self.times.normalize(&cell),
                        _ => Ok(cell.trim().to_owned()),
                    };
                    let value = value.unwrap_or_else(|invalid| {
                        rejection.get_or_insert(invalid);
                        cell.trim().to_owned()
                    });
                    fact.insert((*name).into(), value.into());
                }
                Field::Property(name) => {
                    let value = property_value(name, unescaped(&cell)).unwrap_or_else(|invalid| {
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

    /// Returns the rejection of a row that is no registration.
    fn status_rejection(&self, cells: &[&[u8]]) -> Option<Rejection> {
        let (index, status) = self.status.as_ref()?;
        let cell = cells[*index].trim_ascii();
        let mut accepted = status.accepted.iter();
        if accepted.any(|value| value.as_bytes().eq_ignore_ascii_case(cell)) {
            return None;
        }
        let message = format!(
            "is not one of {}: no registration",
            status.accepted.join(", ")
        );
        Some(Rejection::invalid(status.name, message))
    }
}

/// Returns the text of a cell, or of several, without empty ones.
fn joined<'a>(cells: &[&'a [u8]], columns: &[usize], separator: &str) -> Cow<'a, str> {
    let text = |column: &usize| String::from_utf8_lossy(cells[*column]);
    if let [column] = columns {
        return text(column);
    }
    let texts = columns.iter().map(text);
    let texts: Vec<String> = texts.map(|text| text.trim().to_owned()).collect();
    let texts: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|it| !it.is_empty())
        .collect();
    texts.join(separator).into()
}

/// Returns a text without the apostrophe by which an export prevents that a spreadsheet evaluates it.
fn unescaped(cell: &str) -> &str {
    let is_formula = |text: &&str| {
        let text = text.trim_start_matches('\'');
        text.starts_with(['=', '+', '-', '@', '\t', '\r'])
    };
    cell.strip_prefix('\'').filter(is_formula).unwrap_or(cell)
}
