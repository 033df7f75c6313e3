//! Connection URLs, validated before a library parses them: errors of clap and of the client libraries
//! quote the whole URL, including the password.

use std::ffi::OsStr;

use clap::{Arg, Command, builder::TypedValueParser, error::Error};
use sea_orm::sqlx::postgres::PgConnectOptions;
use url::Url;

use super::secret::{Secret, hidden_error};

/// A clap parser of connection URLs. Its errors name the environment variable and the defect, but no
/// part of the value.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionUrl {
    scheme: &'static str,
    other_scheme: &'static str,
    is_accepted: fn(&str) -> bool,
}

/// The reason why a text is not a connection URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Defect {
    #[error("is not valid UTF-8")]
    Encoding,
    #[error("is not a URL: {0}")]
    Syntax(url::ParseError),
    #[error("must begin with `{0}://` or `{1}://`")]
    Scheme(&'static str, &'static str),
    #[error("has a `%` without two hexadecimal digits: a literal `%` is `%25`")]
    Percent,
    #[error(
        "has an `@` after the host: `/`, `?`, `#` and `@` in a password must be percent-encoded"
    )]
    AfterHost,
    #[error("has an invalid parameter or percent-encoding")]
    Part,
}

impl ConnectionUrl {
    /// The parser of `DATABASE_URL`.
    pub const POSTGRES: Self = Self::new("postgres", "postgresql", |text| {
        text.parse::<PgConnectOptions>().is_ok()
    });

    /// A parser of URLs with one of two schemes that the client library accepts.
    #[must_use]
    pub const fn new(
        scheme: &'static str,
        other_scheme: &'static str,
        is_accepted: fn(&str) -> bool,
    ) -> Self {
        Self {
            scheme,
            other_scheme,
            is_accepted,
        }
    }

    fn check(self, text: &str) -> Result<(), Defect> {
        let url = Url::parse(text).map_err(Defect::Syntax)?;
        if url.cannot_be_a_base() || ![self.scheme, self.other_scheme].contains(&url.scheme()) {
            return Err(Defect::Scheme(self.scheme, self.other_scheme));
        }
        // For the client libraries a raw `/`, `?` or `#` ends the password: they would send the rest as
        // the database name, or log it as an unknown parameter.
        let after_host = [Some(url.path()), url.query(), url.fragment()];
        if after_host.into_iter().flatten().any(|it| it.contains('@')) {
            return Err(Defect::AfterHost);
        }
        let is_encoded_byte = |after: &str| {
            let digits = after.bytes().take(2);
            digits.filter(u8::is_ascii_hexdigit).count() == 2
        };
        if !text.split('%').skip(1).all(is_encoded_byte) {
            return Err(Defect::Percent);
        }
        if !(self.is_accepted)(text) {
            return Err(Defect::Part);
        }
        Ok(())
    }
}

impl TypedValueParser for ConnectionUrl {
    type Value = Secret;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Secret, Error> {
        let text = value.to_str().ok_or(Defect::Encoding);
        let checked = text.and_then(|text| self.check(text).map(|()| Secret::new(text)));
        checked.map_err(|defect| hidden_error(command, argument, defect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), Defect> {
        ConnectionUrl::POSTGRES.check(text)
    }

    #[test]
    fn a_valid_url_is_accepted() {
        for url in [
            "postgres://user:p%40ss@db.example:5432/analytics?sslmode=verify-full",
            "postgresql://user@[::1]/analytics",
            "postgres:///analytics?host=/run/postgresql",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn a_malformed_url_is_rejected_with_its_defect() {
        let scheme = Defect::Scheme("postgres", "postgresql");
        for (url, defect) in [
            ("", Defect::Syntax(url::ParseError::RelativeUrlWithoutBase)),
            (
                "//u:secret@h/d",
                Defect::Syntax(url::ParseError::RelativeUrlWithoutBase),
            ),
            (
                "postgres://u:secret@h:54x/d",
                Defect::Syntax(url::ParseError::InvalidPort),
            ),
            ("u:secret@h/d", scheme),
            ("mysql://u:secret@h/d", scheme),
            ("postgres:u:secret@h/d", scheme),
            ("postgres://u:12/secret@h/d", Defect::AfterHost),
            ("postgres://u:12?secret@h/d", Defect::AfterHost),
            ("postgres://u:12#secret@h/d", Defect::AfterHost),
            ("postgres://u:secret%@h/d", Defect::Percent),
            ("postgres://u:secret%4@h/d", Defect::Percent),
            ("postgres://u:secret%ff@h/d", Defect::Part),
            ("postgres://u:secret@h/d?port=many", Defect::Part),
        ] {
            assert_eq!(check(url), Err(defect), "{url}");
        }
    }
}
