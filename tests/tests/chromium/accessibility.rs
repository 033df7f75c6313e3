//! Checks of accessibility by axe-core, injected by the debugger, since the policy of the page refuses scripts.

use std::fs;

use super::{Tab, npm_file};

/// Runs all rules and returns the violations as texts.
const RUN: &str = "axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any, all, none }) =>
        `${id}: ${target} ${[...any, ...all, ...none].map(({ message }) => message).join('; ')}`)))";

impl Tab {
    /// The violations of the rules of axe-core in the present state of the page.
    ///
    /// # Panics
    /// When axe-core does not run.
    pub async fn accessibility_violations(&self) -> Vec<String> {
        if !self.value::<bool>("'axe' in window").await {
            let script = fs::read_to_string(npm_file("axe-core/axe.min.js")).expect("axe-core");
            let _: Option<bool> = self.value(&format!("{script}; true")).await;
        }
        self.value(RUN).await
    }
}
