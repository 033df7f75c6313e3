//! Parses the JSON of a row. Beside the fields of `POST /track`, known properties may stand outside of
//! `properties`, as in exports.

use std::{borrow::Cow, collections::BTreeMap};

use analytics_shared::http::from_json;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    field::{Field, FieldDefault, Mapping, property_value},
    preset::Preset,
    rejection::Rejection,
    times::TimeOptions,
};
use crate::{
    enrich::{imported::ValidatedRow, incoming_fact::IncomingFact, properties::allow_list},
    http::track_request::TrackRequest,
};

/// The options for rows.
#[derive(Clone, Debug, Default)]
pub struct RowOptions {
    /// The mappings of columns.
    pub mappings: Vec<Mapping>,
    /// The tool that has written the columns.
    pub preset: Option<Preset>,
    /// The values of fields in rows that have none.
    pub defaults: Vec<FieldDefault>,
    /// The options for times.
    pub times: TimeOptions,
}

type Object<'a> = BTreeMap<String, Cow<'a, RawValue>>;

impl RowOptions {
    /// Parses and validates a row.
    ///
    /// # Errors
    /// If the row is not a fact.
    pub fn parse(&self, row: &[u8]) -> Result<ValidatedRow, Rejection> {
        if !self.defaults.is_empty() || !self.times.is_empty() {
            return validated(&self.complete(row)?);
        }
        // Most rows have the form of the API, and are parsed once.
        let parsed = validated(row);
        let is_flat = |rejection: &Rejection| {
            let field = rejection.field.as_deref();
            field.is_some_and(|field| allow_list::names().any(|known| known == field))
        };
        match parsed {
            Err(rejection) if is_flat(&rejection) => validated(&self.complete(row)?),
            parsed => parsed,
        }
    }

    /// Returns the row in the form of the API, with the defaults; a row that is not an object as it is.
    fn complete<'a>(&self, row: &'a [u8]) -> Result<Cow<'a, [u8]>, Rejection> {
        let Ok(mut fact) = serde_json::from_slice::<Object>(row) else {
            return Ok(row.into());
        };
        let properties = fact.remove("properties");
        let properties = properties.filter(|value| !is_absent(value));
        let parsed = match &properties {
            Some(value) => serde_json::from_str::<Object>(value.get()),
            None => Ok(Object::new()),
        };
        let Ok(mut parsed) = parsed else {
            return Ok(row.into());
        };
        for name in allow_list::names() {
            if let Some(value) = fact.remove(name).filter(|value| !is_absent(value)) {
                parsed.insert(name.to_owned(), value);
            }
        }
        for default in &self.defaults {
            default.apply(&mut fact, &mut parsed)?;
        }
        if let Some(time) = fact.get_mut("createdAt")
            && let Ok(text) = serde_json::from_str::<String>(time.get())
        {
            *time = Cow::Owned(raw(&self.times.normalize(&text)?)?);
        }
        if !parsed.is_empty() {
            fact.insert("properties".to_owned(), Cow::Owned(raw(&parsed)?));
        }
        serde_json::to_vec(&fact)
            .map(Cow::Owned)
            .map_err(|error| not_json(&error))
    }
}

impl FieldDefault {
    fn apply<'a>(
        &self,
        fact: &mut Object<'a>,
        properties: &mut Object<'a>,
    ) -> Result<(), Rejection> {
        let (object, name, value) = match &self.field {
            Field::Fact(name) => (fact, (*name).to_owned(), raw(&self.value)?),
            Field::Property(name) => {
                let value = raw(&property_value(name, &self.value)?)?;
                (properties, name.clone(), value)
            }
            Field::Properties => {
                let all = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(&self.value);
                for (name, value) in all.map_err(|error| not_json(&error))? {
                    properties.entry(name).or_insert(Cow::Owned(value));
                }
                return Ok(());
            }
        };
        if object.get(&name).is_none_or(|value| is_absent(value)) {
            object.insert(name, Cow::Owned(value));
        }
        Ok(())
    }
}

fn validated(row: &[u8]) -> Result<ValidatedRow, Rejection> {
    let request: TrackRequest = from_json(row)?;
    Ok(ValidatedRow::new(IncomingFact::try_from(request)?)?)
}

fn raw(value: &impl serde::Serialize) -> Result<Box<RawValue>, Rejection> {
    to_raw_value(value).map_err(|error| not_json(&error))
}

fn not_json(error: &serde_json::Error) -> Rejection {
    Rejection::malformed("body", format!("is not JSON: {error}"))
}

/// Returns whether a value stands for none.
fn is_absent(value: &RawValue) -> bool {
    let text = value.get();
    text == "null" || serde_json::from_str::<&str>(text).is_ok_and(|text| text.trim().is_empty())
}
