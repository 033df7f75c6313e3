//! The images of the Dockerfile, built and run by `dev/images` without a Docker engine.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::binary;

/// The images of this workspace, in a folder that is deleted with this value.
pub struct Images {
    folder: TempDir,
}

impl Images {
    /// Builds the images with the programs that are tested.
    ///
    /// # Panics
    /// When they cannot be built; `dev/images` prints the requirements.
    #[must_use]
    pub fn with_built_programs() -> Self {
        let program = binary("analytics-ingest");
        let programs = program.parent().expect("its folder");
        Self::build(&[programs.to_str().expect("a path")])
    }

    /// Builds the images with programs that the Dockerfile compiles, which takes half an hour.
    ///
    /// # Panics
    /// When they cannot be built.
    #[must_use]
    pub fn from_sources() -> Self {
        Self::build(&[])
    }

    fn build(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let images = Self { folder };
        print!("{}", images.script("build", arguments));
        images
    }

    /// The program that runs the image `name`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The configuration of an image: user, entry point, labels.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn configuration(&self, image: &str) -> Value {
        let all: Value = serde_json::from_str(&self.script("inspect", &[image])).expect("JSON");
        all["OCIv1"]["config"].clone()
    }

    /// The path of each regular file of an image, and whether it is executable.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn files(&self, image: &str) -> BTreeMap<String, bool> {
        let root = self.script("root", &[image]);
        let root = Path::new(root.trim());
        let (mut files, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let metadata = path.symlink_metadata().expect("its metadata");
                if metadata.is_dir() {
                    folders.push(path);
                } else if metadata.is_file() {
                    let inside = path.strip_prefix(root).expect("a path below the root");
                    let is_executable = metadata.permissions().mode() & 0o111 != 0;
                    files.insert(format!("/{}", inside.display()), is_executable);
                }
            }
        }
        files
    }

    /// The size of each image and of their base, as text.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn sizes(&self) -> String {
        self.script("sizes", &[])
    }

    /// Runs a command of `dev/images` on the folder, and returns its output.
    fn script(&self, command: &str, arguments: &[&str]) -> String {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/images");
        let output = Command::new(program)
            .arg(command)
            .arg(self.folder.path())
            .args(arguments)
            .output()
            .expect("dev/images runs");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {printed}{error}");
        printed
    }
}
