//! The commit that release binaries were built from.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Printed if the commit is unknown.
const UNKNOWN: &str = "unknown";
/// A file with the commit of baseline binaries, in their directory.
const COMMIT_FILE: &str = "COMMIT";

/// The commit of the working tree, with `-dirty` if tracked files have changed since.
#[must_use]
pub fn current() -> String {
    describe(Path::new(".")).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The commit of binaries in another directory: the first line of a file `COMMIT` beside them, or the
/// commit of the working tree that contains them, unless it is that of the bench.
#[must_use]
pub fn of_binaries(directory: &Path) -> String {
    let file = fs::read_to_string(directory.join(COMMIT_FILE)).ok();
    let from_file = file.as_deref().and_then(first_line).map(str::to_owned);
    let of_tree = || {
        let is_ours = working_tree(directory) == working_tree(Path::new("."));
        (!is_ours).then(|| describe(directory)).flatten()
    };
    from_file
        .or_else(of_tree)
        .unwrap_or_else(|| UNKNOWN.to_owned())
}

fn describe(directory: &Path) -> Option<String> {
    // A tag would hide the commit, so none may match.
    let arguments = [
        "describe",
        "--always",
        "--dirty",
        "--abbrev=12",
        "--exclude=*",
    ];
    git(directory, &arguments)
}

fn working_tree(directory: &Path) -> Option<PathBuf> {
    git(directory, &["rev-parse", "--show-toplevel"]).map(PathBuf::from)
}

/// The first line that git prints; `None` if it fails or is not installed.
fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .output()
        .ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    let line = first_line(&printed).map(str::to_owned);
    line.filter(|_| output.status.success())
}

fn first_line(text: &str) -> Option<&str> {
    text.lines()
        .next()
        .map(str::trim)
        .filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_file_beside_the_binaries_names_their_commit() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(of_binaries(directory.path()), UNKNOWN);
        fs::write(directory.path().join(COMMIT_FILE), "86f7b08\nbuilt today\n").unwrap();
        assert_eq!(of_binaries(directory.path()), "86f7b08");
    }

    #[test]
    fn an_empty_line_names_nothing() {
        assert_eq!(first_line(" \n86f7b08"), None);
        assert_eq!(first_line("86f7b08\n"), Some("86f7b08"));
    }
}
