//! Reading the command line of a service.

use std::ffi::OsString;

use clap::Parser;

/// The command line, where a service that is told nothing serves: `analytics-query --listen-addr …`
/// means `analytics-query serve --listen-addr …`. Exits with a message where it cannot be read.
#[must_use]
pub fn parse_or_serve<C: Parser>() -> C {
    C::parse_from(with_serve(std::env::args_os().collect()))
}

fn with_serve(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let about_the_program = ["-h", "--help", "-V", "--version"];
    let names_no_command = arguments.get(1).is_none_or(|first| {
        first
            .to_str()
            .is_some_and(|first| first.starts_with('-') && !about_the_program.contains(&first))
    });
    if names_no_command {
        arguments.insert(arguments.len().min(1), "serve".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Vec<OsString> {
        with_serve(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn a_service_that_is_told_nothing_serves() {
        assert_eq!(read(&["program"]), ["program", "serve"]);
        assert_eq!(
            read(&["program", "--writers", "2"]),
            ["program", "serve", "--writers", "2"]
        );
    }

    #[test]
    fn a_command_and_a_call_for_help_are_left_alone() {
        for arguments in [
            ["program", "openapi"],
            ["program", "--help"],
            ["program", "-V"],
        ] {
            assert_eq!(read(&arguments), arguments);
        }
    }
}
