//! Parsing the command line of a service.

use std::ffi::OsString;

use clap::Parser;

/// Parses the command line. The default command is `serve`: `analytics-query --listen-addr …` means
/// `analytics-query serve --listen-addr …`. Exits with a message if it is invalid.
#[must_use]
pub fn parse_or_serve<C: Parser>() -> C {
    C::parse_from(with_serve(std::env::args_os().collect()))
}

fn with_serve(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let global_flags = ["-h", "--help", "-V", "--version"];
    let has_no_command = arguments.get(1).is_none_or(|first| {
        first
            .to_str()
            .is_some_and(|first| first.starts_with('-') && !global_flags.contains(&first))
    });
    if has_no_command {
        arguments.insert(arguments.len().min(1), "serve".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Vec<OsString> {
        with_serve(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn the_default_command_is_serve() {
        assert_eq!(parsed(&["program"]), ["program", "serve"]);
        assert_eq!(
            parsed(&["program", "--writers", "2"]),
            ["program", "serve", "--writers", "2"]
        );
    }

    #[test]
    fn a_command_and_a_global_flag_are_kept() {
        for arguments in [
            ["program", "openapi"],
            ["program", "--help"],
            ["program", "-V"],
        ] {
            assert_eq!(parsed(&arguments), arguments);
        }
    }
}
