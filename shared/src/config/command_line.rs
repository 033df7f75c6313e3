//! Parsing the command line of a service.

use std::{env, ffi::OsString};

use clap::{Arg, Command, Parser, builder::Resettable};

/// Environment variables whose empty text has a meaning of its own: no role.
const MEANINGFUL_IF_EMPTY: [&str; 1] = ["WRITE_ROLES"];

/// Parses the command line of a program. An empty environment variable is like none, because compose files and
/// charts have no other way to leave it out. Exits with a message if the command line is invalid.
#[must_use]
pub fn parse<C: Parser>() -> C {
    parse_arguments(env::args_os().collect())
}

/// Parses the command line of a service, as [`parse`]. The default command is `serve`: `analytics-query
/// --listen-addr …` means `analytics-query serve --listen-addr …`.
#[must_use]
pub fn parse_or_serve<C: Parser>() -> C {
    parse_arguments(with_serve(env::args_os().collect()))
}

fn parse_arguments<C: Parser>(arguments: Vec<OsString>) -> C {
    let is_empty = |name: &str| env::var_os(name).is_some_and(|value| is_blank(&value));
    let mut matches = without_empty(C::command(), &is_empty).get_matches_from(arguments);
    C::from_arg_matches_mut(&mut matches)
        .unwrap_or_else(|error| error.format(&mut C::command()).exit())
}

/// Returns the command, in which empty environment variables have no effect.
fn without_empty(command: Command, is_empty: &dyn Fn(&str) -> bool) -> Command {
    let names = command
        .get_subcommands()
        .map(|one| one.get_name().to_owned());
    let names: Vec<String> = names.collect();
    let command = command.mut_args(|argument: Arg| {
        let name = argument.get_env().and_then(|name| name.to_str());
        if name.is_some_and(|name| !MEANINGFUL_IF_EMPTY.contains(&name) && is_empty(name)) {
            argument.env(Resettable::Reset)
        } else {
            argument
        }
    });
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |one| without_empty(one, is_empty))
    })
}

fn is_blank(value: &OsString) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
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
    use clap::CommandFactory;

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

    #[derive(Debug, Parser)]
    struct Sample {
        #[arg(long, env = "SAMPLE_NUMBER", default_value_t = 7)]
        number: u8,
        #[command(subcommand)]
        command: Option<SampleCommand>,
    }

    #[derive(Debug, clap::Subcommand)]
    enum SampleCommand {
        Serve {
            #[arg(long, env = "SAMPLE_URL")]
            url: Option<String>,
            #[arg(long, env = "WRITE_ROLES")]
            roles: Option<String>,
        },
    }

    #[test]
    fn an_empty_variable_has_no_effect_at_any_level_unless_it_means_no_role() {
        let env_of = |command: &Command, id: &str| {
            let argument = command.get_arguments().find(|one| one.get_id() == id);
            argument.unwrap().get_env().is_some()
        };
        let command = without_empty(Sample::command(), &|_| true);
        let serve = command.find_subcommand("serve").unwrap();
        assert!(!env_of(&command, "number") && !env_of(serve, "url") && env_of(serve, "roles"));
        let command = without_empty(Sample::command(), &|_| false);
        assert!(env_of(&command, "number"));
        for (value, expected) in [("", true), (" \t", true), ("0", false)] {
            assert_eq!(is_blank(&value.into()), expected, "{value:?}");
        }
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
