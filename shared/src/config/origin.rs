//! Origins of web pages (RFC 6454).

use std::{str::FromStr, sync::Arc};

use url::Url;

/// An origin in the form that browsers send: `https://host`, with the port unless it is the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).ok();
        let origin = url.map(|url| url.origin().ascii_serialization());
        // Only the form that browsers send would ever match.
        origin
            .filter(|origin| origin == text && origin.starts_with("http") && !origin.contains('*'))
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not an origin, for example https://example.org"))
    }
}

/// Origins, separated by commas; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Arc<[Origin]>);

impl Origins {
    /// Returns whether an origin, in the form that browsers send, is one of them.
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|one| one.as_str() == origin)
    }

    /// The texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Origin::as_str)
    }
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim);
        let origins = names.filter(|name| !name.is_empty()).map(str::parse);
        origins.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_separated_by_commas() {
        let origins: Origins = "https://a.example, http://localhost:3000,".parse().unwrap();
        assert!(origins.contains("https://a.example"));
        assert!(origins.contains("http://localhost:3000"));
        assert!(!origins.contains("https://b.example"));
        assert_eq!("".parse(), Ok(Origins::default()));
        assert!("https://a.example,*".parse::<Origins>().is_err());
    }

    #[test]
    fn an_origin_has_the_form_that_browsers_send() {
        for valid in [
            "https://a.example",
            "http://localhost:3000",
            "https://xn--bcher-kva.example",
        ] {
            assert_eq!(valid.parse(), Ok(Origin(valid.to_owned())));
        }
        for invalid in [
            "",
            "*",
            "null",
            "https://a.example/",
            "https://A.example",
            "https://a.example:443",
            "https://*.example",
            "a.example",
            "ftp://a.example",
        ] {
            let error = invalid.parse::<Origin>().unwrap_err();
            assert!(error.contains(invalid), "{error}");
        }
    }
}
