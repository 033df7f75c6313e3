//! Findings of a tab: errors of the console, violations of its policy, exceptions, and requests to other origins.

use std::sync::{Arc, Mutex};

use chromiumoxide::{
    Page,
    cdp::{
        browser_protocol::{
            log::{EventEntryAdded, LogEntryLevel},
            network::EventRequestWillBeSent,
        },
        js_protocol::runtime::{ConsoleApiCalledType, EventConsoleApiCalled, EventExceptionThrown},
    },
};
use futures_util::StreamExt;

/// The findings so far.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    /// Follows the events of a tab.
    pub async fn of(page: &Page, origin: String) -> Self {
        let journal = Self::default();
        page.enable_log().await.expect("its log");
        journal
            .follow(page, |event: &EventEntryAdded| {
                let entry = &event.entry;
                let is_bad = matches!(entry.level, LogEntryLevel::Error | LogEntryLevel::Warning);
                is_bad.then(|| format!("{:?}: {} {:?}", entry.source, entry.text, entry.url))
            })
            .await;
        journal
            .follow(page, |event: &EventConsoleApiCalled| {
                let kinds = [ConsoleApiCalledType::Error, ConsoleApiCalledType::Warning];
                kinds
                    .contains(&event.r#type)
                    .then(|| format!("console: {:?}", event.args))
            })
            .await;
        journal
            .follow(page, |event: &EventExceptionThrown| {
                Some(format!("exception: {:?}", event.exception_details))
            })
            .await;
        journal
            .follow(page, move |event: &EventRequestWillBeSent| {
                let url = &event.request.url;
                let is_own = url.starts_with(&origin) || url.starts_with("data:");
                (!is_own).then(|| format!("request to {url}"))
            })
            .await;
        journal
    }

    /// The findings since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    async fn follow<T>(&self, page: &Page, finding: impl Fn(&T) -> Option<String> + Send + 'static)
    where
        T: chromiumoxide::cdp::IntoEventKind + Unpin + Send + Sync + 'static,
    {
        let mut events = page.event_listener::<T>().await.expect("its events");
        let findings = Arc::clone(&self.0);
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if let Some(text) = finding(&event) {
                    findings.lock().expect("no panic").push(text);
                }
            }
        });
    }
}
