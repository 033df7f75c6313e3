//! `dev/bench-page`: the time until the page of the organizer shows an event with many facts in Chromium.
//!
//! All times are those of the browser (`performance.now()`). An opening begins with the navigation, the change of a filter
//! with the event of its menu. Both end with the frame after the last figure.

#[path = "../tests/chromium/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "tests look at more than the bench does"
)]
mod chromium;

use std::time::Duration;

use analytics_tests::bench::{Latency, PageOptions, PageSite, milliseconds, number, table, title};
use chromium::{Chromium, IS_SHOWN, Tab};
use clap::Parser;

/// Measures the page of the organizer in Chromium.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: PageOptions,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The menu of the sources, in JavaScript.
const MENU: &str = "[...document.querySelectorAll('label')]
    .find((label) => label.innerText.trim().startsWith('Source')).querySelector('select')";

/// The times of an action.
struct Measured {
    action: &'static str,
    times: Vec<Duration>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Arguments::parse().options;
    let site = PageSite::open(&options).await?;
    let mut rows = vec![first_openings(&site, options.rounds).await];
    rows.extend(openings_and_filters(&site, options.rounds).await);
    let facts = number((options.facts / 10) as u64);
    title(&format!(
        "Page of an event of {facts} facts, in milliseconds"
    ));
    let header = ["action", "number", "p50", "p99", "slowest"];
    let numbers = [false, true, true, true, true];
    table(header, numbers, rows.into_iter().map(Measured::row));
    Ok(())
}

/// Openings by a token in the fragment, with a new process of the service and a new profile of the browser.
async fn first_openings(site: &PageSite, rounds: u32) -> Measured {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let mut query = site.query().await;
        let (chromium, origin) = (Chromium::start().await, origin(&query.url("")));
        let tab = chromium.tab(&origin).await;
        times.push(
            opening(
                &tab,
                &format!("{origin}{}#token={}", path(site), site.reader),
            )
            .await,
        );
        chromium.end().await;
        query.terminate().await;
    }
    Measured {
        action: "opening, empty caches of service and browser",
        times,
    }
}

/// Openings of a browser that is signed in, and changes of a filter.
async fn openings_and_filters(site: &PageSite, rounds: u32) -> [Measured; 2] {
    let mut query = site.query().await;
    let (chromium, origin) = (Chromium::start().await, origin(&query.url("")));
    let tab = chromium.tab(&origin).await;
    let url = format!("{origin}{}", path(site));
    opening(&tab, &format!("{url}#token={}", site.reader)).await;
    let (mut openings, mut filters) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        openings.push(opening(&tab, &url).await);
    }
    // The page keeps the figures of a source that was selected before.
    let sources: u32 = tab.value(&format!("{MENU}.options.length - 1")).await;
    for _ in 0..rounds.min(sources) {
        filters.push(of_milliseconds(tab.value(&next_source()).await));
    }
    chromium.end().await;
    query.terminate().await;
    [
        Measured {
            action: "opening again",
            times: openings,
        },
        Measured {
            action: "next source",
            times: filters,
        },
    ]
}

fn path(site: &PageSite) -> String {
    format!("/app/events/{}?lang=en", site.event)
}

/// Browsers accept cookies with `Secure` of `localhost` without TLS.
fn origin(url: &str) -> String {
    url.replace("127.0.0.1", "localhost")
}

/// Opens a URL, and returns the time until it is shown.
async fn opening(tab: &Tab, url: &str) -> Duration {
    tab.run_in_each_document(&format!(
        "new MutationObserver((_, observer) => {{
           if (!({IS_SHOWN})) return;
           observer.disconnect();
           requestAnimationFrame(() => window.shownAt = performance.now());
         }}).observe(document, {{ subtree: true, childList: true, attributes: true }})"
    ))
    .await;
    tab.goto(url).await;
    tab.until("window.shownAt !== undefined").await;
    of_milliseconds(tab.value("window.shownAt").await)
}

/// A script that selects the next source, and returns the time until its figures are shown.
fn next_source() -> String {
    format!(
        "new Promise((resolve) => {{
           const menu = {MENU};
           const begun = performance.now();
           let hasBegun = false;
           new MutationObserver((_, observer) => {{
             const isShown = {IS_SHOWN};
             hasBegun ||= !isShown;
             if (!hasBegun || !isShown) return;
             observer.disconnect();
             requestAnimationFrame(() => resolve(performance.now() - begun));
           }}).observe(document, {{ subtree: true, childList: true, attributes: true }});
           menu.selectedIndex = (menu.selectedIndex + 1) % menu.options.length;
           menu.dispatchEvent(new Event('change', {{ bubbles: true }}));
         }})"
    )
}

fn of_milliseconds(time: f64) -> Duration {
    Duration::from_secs_f64(time / 1_000.0)
}

impl Measured {
    fn row(self) -> [String; 5] {
        let (number, latency) = (self.times.len(), Latency::of(self.times));
        let time = |time| format!("{:.0}", milliseconds(time));
        [
            self.action.to_owned(),
            number.to_string(),
            time(latency.median()),
            time(latency.p99()),
            time(latency.slowest()),
        ]
    }
}
