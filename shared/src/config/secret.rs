//! Values that must not be printed.

use std::{
    convert::Infallible,
    ffi::OsStr,
    fmt::{self, Display},
    str::FromStr,
};

use clap::{
    Arg, Command,
    builder::TypedValueParser,
    error::{Error, ErrorKind},
};

/// A text that is hidden in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// A clap parser of a value that must not be printed. Its errors name the environment variable and the
/// defect, but no part of the value.
#[derive(Clone, Copy)]
pub struct HiddenValue<T>(pub fn(&str) -> Result<T, String>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for HiddenValue<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, Error> {
        let text = value.to_str().ok_or("is not valid UTF-8".to_owned());
        text.and_then(self.0)
            .map_err(|defect| hidden_error(command, argument, defect))
    }
}

/// The error of a setting that must not be printed.
pub(super) fn hidden_error(
    command: &Command,
    argument: Option<&Arg>,
    defect: impl Display,
) -> Error {
    let variable = argument.and_then(Arg::get_env).unwrap_or_default();
    let message = format!("{} {defect}\n", variable.display());
    Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
}
