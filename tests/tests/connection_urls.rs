//! A connection URL that cannot be used ends the program at once, and is never printed.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStringExt,
    process::Stdio,
    time::Duration,
};

use analytics_tests::process::{JWT_SECRET, SESSION_SECRET, binary};
use tokio::{process::Command, time::timeout};

const PASSWORD: &str = "correct-horse";
/// The start-up time-out.
const START: Duration = Duration::from_secs(20);
/// Every command that takes a connection URL, with the variable and the flag of the URL.
const COMMANDS: [(&str, &[&str], &str, &str); 7] = [
    (
        "analytics-ingest",
        &["serve"],
        "DATABASE_URL",
        "--database-url",
    ),
    ("analytics-ingest", &["serve"], "AMQP_URL", "--amqp-url"),
    (
        "analytics-ingest",
        &["import", "-"],
        "DATABASE_URL",
        "--database-url",
    ),
    (
        "analytics-ingest",
        &["dead-letters"],
        "AMQP_URL",
        "--amqp-url",
    ),
    (
        "analytics-query",
        &["serve"],
        "DATABASE_URL",
        "--database-url",
    ),
    (
        "analytics-migration",
        &["up"],
        "DATABASE_URL",
        "--database-url",
    ),
    (
        "analytics-migration",
        &["verify"],
        "DATABASE_URL",
        "--database-url",
    ),
];

#[tokio::test]
async fn a_malformed_url_is_an_error_that_names_the_variable_and_hides_the_password() {
    for (program, arguments, variable, flag) in COMMANDS {
        let scheme = if variable == "AMQP_URL" {
            "amqp"
        } else {
            "postgres"
        };
        for url in malformed(scheme) {
            let mut by_variable = command(program, arguments);
            by_variable.env(variable, &url);
            let mut by_flag = command(program, arguments);
            by_flag.arg(flag).arg(&url);
            for mut command in [by_variable, by_flag] {
                // Its flags stand before its action.
                if arguments == ["dead-letters"] {
                    command.arg("list");
                }
                refuses(command, variable, &url).await;
            }
        }
    }
}

/// Runs a command until it fails, and looks for the password in its output.
async fn refuses(mut command: Command, variable: &str, url: &OsStr) {
    let program = command.as_std().get_program().display().to_string();
    let context = format!("{program} with {}", url.display());
    let ended = timeout(START, command.output()).await;
    let output = ended
        .unwrap_or_else(|_| panic!("{context}: keeps running"))
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(!output.status.success(), "{context}: {printed}");
    assert!(printed.contains(variable), "{context}: {printed}");
    assert!(!printed.contains(PASSWORD), "{context}: {printed}");
    assert!(!printed.contains("panicked"), "{context}: {printed}");
}

/// A command whose other settings are good, and which logs as much as it can.
fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary(program));
    command
        .args(arguments)
        .env("DATABASE_URL", "postgres://user@127.0.0.1:1/analytics")
        .env("AMQP_URL", "amqp://127.0.0.1:1")
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("MANAGEMENT_ADDR", "127.0.0.1:0")
        .env("JWT_SECRET", JWT_SECRET)
        .env("SESSION_SECRET", SESSION_SECRET)
        .env("LOG_FILTER", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// URLs that are no connection URL of `scheme`, each with the password.
fn malformed(scheme: &str) -> Vec<OsString> {
    let mut urls: Vec<_> = [
        format!("{scheme}://user:{PASSWORD}@localhost:54x/name"),
        format!("{scheme}://user:{PASSWORD}@localhost:99999/name"),
        format!("user:{PASSWORD}@localhost/name"),
        format!("//user:{PASSWORD}@localhost/name"),
        format!("{scheme}:user:{PASSWORD}@localhost/name"),
        format!("{scheme}:/user:{PASSWORD}@localhost/name"),
        format!("{scheme}://user:{PASSWORD}@local host/name"),
        format!("{scheme}: //user:{PASSWORD}@localhost/name"),
        format!("{scheme}://user:{PASSWORD}%zz@localhost/name"),
        format!("{scheme}://user:{PASSWORD}%ff@localhost/name"),
        format!("{scheme}://user:12/{PASSWORD}@localhost/name"),
        format!("{scheme}://user:12?{PASSWORD}@localhost/name"),
        format!("{scheme}://user:12#{PASSWORD}@localhost/name"),
        format!("http://user:{PASSWORD}@localhost/name"),
        format!("{scheme}x://user:{PASSWORD}@localhost/name"),
    ]
    .map(OsString::from)
    .into();
    let mut not_utf8 = format!("{scheme}://user:{PASSWORD}").into_bytes();
    not_utf8.extend(b"\xff@localhost/name");
    urls.push(OsString::from_vec(not_utf8));
    urls
}
