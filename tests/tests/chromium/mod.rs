//! Chromium, driven over its debugging protocol (CDP). Tests open the page of the organizer in it.

mod accessibility;
mod frame;
mod input;
mod journal;
mod look;
mod tab;

use std::{path::PathBuf, process::Command};

use chromiumoxide::{Browser, BrowserConfig};
use futures_util::StreamExt;
use tempfile::TempDir;

pub use look::Look;
pub use tab::{IS_SHOWN, Tab};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A running Chromium with an empty profile.
pub struct Chromium {
    browser: Browser,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it; `dev/chromium` installs it if it is missing.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let config = BrowserConfig::builder()
            .chrome_executable(output("dev/chromium", &[]))
            .user_data_dir(profile.path())
            .new_headless_mode()
            .viewport(None)
            // Tests may run as root, and a container has a small /dev/shm.
            .no_sandbox()
            .arg("--disable-dev-shm-usage")
            .arg("--force-color-profile=srgb")
            .build()
            .expect("a configuration");
        let (browser, mut handler) = Browser::launch(config).await.expect("Chromium starts");
        tokio::spawn(async move { while handler.next().await.is_some() {} });
        Self {
            browser,
            _profile: profile,
        }
    }

    /// Opens an empty tab, whose requests to another origin than `origin` are noted.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn tab(&self, origin: &str) -> Tab {
        let page = self.browser.new_page("about:blank").await.expect("a tab");
        Tab::new(page, origin).await
    }

    /// Ends it.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn end(mut self) {
        self.browser.close().await.expect("it closes");
        self.browser.wait().await.expect("it ends");
    }
}

/// The path of a file of an npm package.
///
/// # Panics
/// When the packages cannot be installed.
#[must_use]
pub fn npm_file(path: &str) -> PathBuf {
    output("dev/page", &["--packages"]).join(path)
}

/// The path that a command of `dev/` prints.
fn output(command: &str, arguments: &[&str]) -> PathBuf {
    let output = Command::new(format!("{ROOT}/{command}"))
        .args(arguments)
        .output()
        .expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {errors}");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}
