//! The request to create a share link.

use analytics_shared::{auth::Section, parse::time, problem::Problem};
use chrono::{DateTime, Duration, Utc};
use poem_openapi::{Object, types::Example};
use serde::Deserialize;

use crate::api::responses::examples;

/// The maximum length of a name, in characters.
const MAX_NAME_CHARS: usize = 100;
/// The lengths of a password, in characters: the lower one as NIST SP 800-63B.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// The validity of a link without `expiresAt`.
const DEFAULT_VALIDITY: Duration = Duration::days(30);
/// The maximum validity of a link.
const MAX_VALIDITY: Duration = Duration::days(366);

/// A share link to create. Unknown fields are rejected.
#[derive(Deserialize, Object)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ShareRequest {
    /// A description, for example the recipient.
    #[oai(nullable, validator(max_length = 100))]
    name: Option<String>,
    /// The sections of the figures that the link shows.
    #[oai(validator(min_items = 1, max_items = 7, unique_items))]
    sections: Vec<Section>,
    /// Whether the link shows payments and refunds, with the section `metrics`. Default: no.
    #[oai(nullable)]
    revenue: Option<bool>,
    /// The time from which the link opens nothing, at most 366 days ahead. Default: in 30 days.
    #[oai(nullable)]
    #[serde(default, deserialize_with = "time::deserialize")]
    expires_at: Option<DateTime<Utc>>,
    /// A password that recipients must enter, from 8 to 128 characters.
    #[oai(nullable, validator(min_length = 8, max_length = 128))]
    password: Option<String>,
}

/// The valid settings of a link.
pub struct ShareSettings {
    pub name: String,
    pub sections: Vec<Section>,
    pub shows_revenue: bool,
    pub expires_at: DateTime<Utc>,
    pub password: Option<String>,
}

impl ShareRequest {
    /// Returns the settings of the link.
    ///
    /// # Errors
    /// Fails with a problem that names the invalid field.
    pub fn settings(self, now: DateTime<Utc>) -> Result<ShareSettings, Problem> {
        let name = self.name.unwrap_or_default();
        if name.chars().count() > MAX_NAME_CHARS || name.contains('\0') {
            let message = format!("must be a text of at most {MAX_NAME_CHARS} characters");
            return Err(Problem::invalid("name", message));
        }
        let is_shown = |section: &Section| self.sections.contains(section);
        let sections: Vec<_> = Section::ALL.into_iter().filter(is_shown).collect();
        if sections.is_empty() {
            let message = "must name at least one section";
            return Err(Problem::invalid("sections", message));
        }
        if sections.len() != self.sections.len() {
            let message = "must name each section once";
            return Err(Problem::invalid("sections", message));
        }
        let expires_at = self.expires_at.unwrap_or(now + DEFAULT_VALIDITY);
        if expires_at <= now || expires_at > now + MAX_VALIDITY {
            let days = MAX_VALIDITY.num_days();
            let message = format!("must be in the future, and at most {days} days ahead");
            return Err(Problem::invalid("expiresAt", message));
        }
        let chars = self
            .password
            .as_ref()
            .map(|password| password.chars().count());
        if chars.is_some_and(|chars| !PASSWORD_CHARS.contains(&chars)) {
            let (min, max) = PASSWORD_CHARS.into_inner();
            let message = format!("must have from {min} to {max} characters");
            return Err(Problem::invalid("password", message));
        }
        Ok(ShareSettings {
            name,
            sections,
            shows_revenue: self.revenue.unwrap_or_default(),
            expires_at,
            password: self.password,
        })
    }
}

impl Example for ShareRequest {
    fn example() -> Self {
        Self {
            name: Some("Venue partner".to_owned()),
            sections: vec![Section::Metrics, Section::Series, Section::CheckIns],
            revenue: Some(false),
            expires_at: Some(examples::time() + DEFAULT_VALIDITY),
            password: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;
    use serde_json::{Value, json};

    use super::*;

    fn settings(request: Value) -> Result<ShareSettings, String> {
        let request: ShareRequest = serde_json::from_value(request).unwrap();
        let settings = request.settings("2026-11-23T10:00:00Z".parse().unwrap());
        settings.map_err(|problem| problem.to_json().unwrap()["errors"][0]["field"].to_string())
    }

    #[test]
    fn a_link_ends_in_30_days_hides_revenue_and_has_no_password_by_default() {
        let settings = settings(json!({"sections": ["funnel", "metrics"]})).unwrap();
        let expected: DateTime<Utc> = "2026-12-23T10:00:00Z".parse().unwrap();
        assert_eq!(settings.expires_at, expected);
        assert_eq!(settings.sections, [Section::Metrics, Section::Funnel]);
        assert!(!settings.shows_revenue && settings.password.is_none() && settings.name.is_empty());
    }

    #[test]
    fn an_invalid_field_is_named() {
        let with = |name: &str, value: Value| {
            let mut request = json!({"sections": ["metrics"]});
            request[name] = value;
            settings(request).map(drop)
        };
        for (name, invalid) in [
            ("name", json!("n".repeat(101))),
            ("sections", json!([])),
            ("sections", json!(["metrics", "metrics"])),
            ("expiresAt", json!("2026-11-23T10:00:00Z")),
            ("expiresAt", json!("2027-11-24T10:00:01Z")),
            ("password", json!("seven77")),
            ("password", json!("")),
            ("password", json!("p".repeat(129))),
        ] {
            assert_eq!(
                with(name, invalid.clone()),
                Err(format!("{name:?}")),
                "{invalid}"
            );
        }
        for (name, valid) in [
            ("name", json!("й".repeat(100))),
            ("expiresAt", json!("2027-11-24T13:00:00+03:00")),
            ("password", json!("й".repeat(8))),
        ] {
            assert_eq!(with(name, valid.clone()), Ok(()), "{valid}");
        }
    }
}
