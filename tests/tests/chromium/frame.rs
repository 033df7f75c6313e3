//! The page in a frame of a tab.

use chromiumoxide::cdp::js_protocol::runtime::ExecutionContextId;
use serde::de::DeserializeOwned;

use super::Tab;

impl Tab {
    /// Waits until an expression is true in the only frame of the page.
    ///
    /// # Panics
    /// When it is not in time.
    pub async fn until_in_frame(&self, expression: &str) {
        self.until_true(expression, async || {
            let context = self.context_of_frame().await.ok_or("no frame")?;
            self.evaluate_in(Some(context), expression).await
        })
        .await;
    }

    /// The value of an expression in the only frame of the page.
    ///
    /// # Panics
    /// When there is no frame, or when it throws.
    pub async fn value_in_frame<T: DeserializeOwned>(&self, expression: &str) -> T {
        let context = self.context_of_frame().await;
        let value = self.evaluate_in(context, expression).await;
        value.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    async fn context_of_frame(&self) -> Option<ExecutionContextId> {
        let main = self.page.mainframe().await.ok()?;
        let frames = self.page.frames().await.ok()?;
        let frame = frames
            .into_iter()
            .find(|frame| Some(frame) != main.as_ref());
        let context = self.page.frame_execution_context(frame?).await;
        context.ok().flatten()
    }
}
