//! The release binaries that are measured: those built with the bench, and those of a baseline.

use std::path::{Path, PathBuf};

use anyhow::ensure;

use super::commit;
use crate::process::binary;

/// The binaries of one commit.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The commit that they were built from.
    pub commit: String,
    /// Their directory; `None` is that of the bench.
    directory: Option<PathBuf>,
    is_baseline: bool,
}

impl Programs {
    /// The binaries beside the bench.
    #[must_use]
    pub fn current() -> Self {
        Self {
            commit: commit::current(),
            directory: None,
            is_baseline: false,
        }
    }

    /// The binaries of the current commit in another directory than that of the bench.
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> Self {
        Self {
            directory: Some(directory),
            ..Self::current()
        }
    }

    /// The binaries of a baseline.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn baseline(directory: &Path) -> anyhow::Result<Self> {
        for name in ["analytics-ingest", "analytics-query", "analytics-migration"] {
            let path = directory.join(name);
            ensure!(
                path.is_file(),
                "--baseline: {} does not exist",
                path.display()
            );
        }
        Ok(Self {
            commit: commit::of_binaries(directory),
            directory: Some(directory.to_owned()),
            is_baseline: true,
        })
    }

    /// Whether they are a baseline.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        self.is_baseline
    }

    /// The path of a binary.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        match &self.directory {
            Some(directory) => directory.join(name),
            None => binary(name),
        }
    }

    /// A label for progress lines, marked for the baseline.
    #[must_use]
    pub fn label(&self, text: &str) -> String {
        if self.is_baseline() {
            format!("{text} (baseline)")
        } else {
            text.to_owned()
        }
    }
}

/// The binaries to measure, in this order: the baseline if there is one, then the current ones.
///
/// # Errors
/// When a binary of the baseline is missing.
pub fn all(baseline: Option<&Path>) -> anyhow::Result<Vec<Programs>> {
    let baseline = baseline.map(Programs::baseline).transpose()?;
    Ok(baseline.into_iter().chain([Programs::current()]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_without_a_binary_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("analytics-ingest"), "").unwrap();
        let error = all(Some(directory.path())).unwrap_err().to_string();
        assert!(error.contains("analytics-query does not exist"), "{error}");
    }

    #[test]
    fn the_baseline_is_measured_first() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["analytics-ingest", "analytics-query", "analytics-migration"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let all = all(Some(directory.path())).unwrap();
        assert_eq!(all.len(), 2);
        assert!(all[0].is_baseline() && !all[1].is_baseline());
        let path = all[0].path("analytics-query");
        assert_eq!(path, directory.path().join("analytics-query"));
    }
}
