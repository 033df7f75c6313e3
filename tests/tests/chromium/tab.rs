//! A tab: opening, waiting, reading and operating a page.

use std::time::{Duration, Instant};

use chromiumoxide::{
    Page,
    cdp::js_protocol::runtime::{EvaluateParams, ExecutionContextId},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{journal::Journal, look::Look};

/// The maximum time until a page shows what is expected.
const WAIT_TIMEOUT: Duration = Duration::from_secs(15);
/// The time between two looks at a page.
const INTERVAL: Duration = Duration::from_millis(20);
/// True when the page has figures, or a message in their place.
pub const IS_SHOWN: &str = "document.querySelector('#figures > :not(.skeleton), .message') !== null \
                        && document.querySelector('.skeleton, [aria-busy=true]') === null";

/// A tab.
pub struct Tab {
    /// The page of the driver.
    pub page: Page,
    origin: String,
    journal: Journal,
}

impl Tab {
    pub(super) async fn new(page: Page, origin: &str) -> Self {
        let journal = Journal::of(&page, origin.to_owned()).await;
        let tab = Self {
            page,
            origin: origin.to_owned(),
            journal,
        };
        tab.look(Look::DESKTOP).await;
        tab
    }

    /// Opens a path of the origin and waits until it has loaded its figures.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn open(&self, path: &str) {
        self.goto(&format!("{}{path}", self.origin)).await;
        self.shown().await;
    }

    /// Opens a URL. The driver's own navigation waits for an event that it may miss on a busy machine.
    pub async fn goto(&self, url: &str) {
        let leave = format!(
            "(window.isLeft = true, location.assign({}), true)",
            json!(url)
        );
        let _: bool = self.value(&leave).await;
        self.until("!window.isLeft && document.readyState === 'complete'")
            .await;
    }

    /// Runs a script in each document that is opened from now on, before those of the page.
    ///
    /// # Panics
    /// When Chromium refuses.
    pub async fn run_in_each_document(&self, script: &str) {
        let script = self.page.evaluate_on_new_document(script.to_owned());
        script.await.expect("a script");
    }

    /// Waits until the page has loaded its figures.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn shown(&self) {
        self.until(IS_SHOWN).await;
    }

    /// Waits until an expression is true, also while the page is replaced by another one.
    ///
    /// # Panics
    /// When it is not in time.
    pub async fn until(&self, expression: &str) {
        self.until_true(expression, async || self.evaluate(expression).await)
            .await;
    }

    /// Waits until `evaluate` returns true for the expression.
    pub(super) async fn until_true(
        &self,
        expression: &str,
        evaluate: impl AsyncFn() -> Result<bool, String>,
    ) {
        let deadline = Instant::now() + WAIT_TIMEOUT;
        while !evaluate().await.unwrap_or(false) {
            if Instant::now() > deadline {
                let text: String = self.value("document.body.innerText").await;
                panic!(
                    "never true: {expression}\n{:?}\n{text}",
                    self.journal.take()
                );
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// The value of an expression, or of its promise.
    ///
    /// # Panics
    /// When it throws.
    pub async fn value<T: DeserializeOwned>(&self, expression: &str) -> T {
        let value = self.evaluate(expression).await;
        value.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    async fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T, String> {
        self.evaluate_in(None, expression).await
    }

    /// Evaluates an expression, by default in the main frame.
    pub(super) async fn evaluate_in<T: DeserializeOwned>(
        &self,
        context: Option<ExecutionContextId>,
        expression: &str,
    ) -> Result<T, String> {
        let mut parameters = EvaluateParams::builder()
            .expression(expression)
            .await_promise(true)
            .return_by_value(true)
            .build()?;
        parameters.context_id = context;
        let result = self.page.evaluate_expression(parameters).await;
        let result = result.map_err(|error| error.to_string())?;
        result.into_value().map_err(|error| error.to_string())
    }

    /// The text of an element, as a reader sees it.
    pub async fn text(&self, selector: &str) -> String {
        self.value(&format!(
            "document.querySelector({}).innerText",
            json!(selector)
        ))
        .await
    }

    /// The cells of a table by row, header included.
    pub async fn table(&self, selector: &str) -> Vec<Vec<String>> {
        let rows = format!(
            "[...document.querySelectorAll({})].flatMap((table) => [...table.rows])
               .map((row) => [...row.cells].map((cell) => cell.innerText.trim()))",
            json!(selector)
        );
        self.value(&rows).await
    }

    /// Names and figures of the tiles.
    pub async fn tiles(&self) -> Vec<(String, String)> {
        let tiles = "[...document.querySelectorAll('.tile')].map((tile) => \
                     ['.name', '.figure'].map((part) => tile.querySelector(part).innerText))";
        self.value(tiles).await
    }

    /// The findings since the last call: errors, violations of the policy, requests to other origins.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        self.journal.take()
    }

    /// The URL.
    pub async fn url(&self) -> String {
        self.value("location.href").await
    }

    /// Goes back in the history.
    pub async fn back(&self) {
        let _: bool = self.value("(history.back(), true)").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.shown().await;
    }
}
