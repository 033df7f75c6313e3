//! The scripts of `dev` that start servers for one test.

use std::{path::Path, process::Command};

use url::Url;

/// Runs a script of `dev`.
///
/// # Errors
/// When it fails, with its output.
pub fn run(name: &str, arguments: &[&str]) -> Result<(), String> {
    run_with(name, arguments, &[])
}

/// The same with environment variables.
///
/// # Errors
/// When it fails, with its output.
pub fn run_with(
    name: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<(), String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../dev")
        .join(name);
    let output = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&said).into_owned())
}

/// The URL of the same database and login at another port.
///
/// # Panics
/// When it is no URL.
#[must_use]
pub fn at_port(url: &str, port: u16) -> String {
    let mut url = Url::parse(url).expect("a URL");
    url.set_port(Some(port)).expect("a port");
    url.into()
}
