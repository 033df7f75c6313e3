//! `dev/bench-page`: the time until the page of the organizer shows an event with many facts in Chromium.
//!
//! All times are those of a running browser (`performance.now()`). An opening begins with the navigation, the change of a
//! filter with the event of its menu. They end with the frame that shows the first or the last figure.

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
use chromiumoxide::cdp::browser_protocol::network::ClearBrowserCacheParams;
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
/// True when the page has its key figures, in JavaScript.
const HAS_FIGURES: &str = "document.querySelector('#figures > :not(.skeleton)') !== null";

/// The times of an action.
struct Measured {
    action: &'static str,
    times: Vec<Duration>,
}

/// The times of openings: until the first figures, and until all of them are shown.
#[derive(Default)]
struct Openings {
    first: Vec<Duration>,
    all: Vec<Duration>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Arguments::parse().options;
    let site = PageSite::open(&options).await?;
    let chromium = Chromium::start().await;
    let tab = chromium.tab("").await;
    tab.run_in_each_document(&note_times()).await;
    let mut rows = first_openings(&site, &tab, options.rounds).await;
    rows.extend(openings_and_filters(&site, &tab, options.rounds).await?);
    chromium.end().await;
    let facts = number((options.facts / 10) as u64);
    title(&format!(
        "Page of an event of {facts} facts, in milliseconds"
    ));
    let header = ["action", "number", "p50", "p99", "slowest"];
    let numbers = [false, true, true, true, true];
    table(header, numbers, rows.into_iter().map(Measured::row));
    Ok(())
}

/// Openings by a token in the fragment, with a new process of the service. It has another port, so that the browser has
/// nothing of the page in its caches.
async fn first_openings(site: &PageSite, tab: &Tab, rounds: u32) -> Vec<Measured> {
    let mut openings = Openings::default();
    for _ in 0..rounds {
        let mut query = site.query().await;
        let origin = origin(&query.url(""));
        let url = format!("{origin}{}#token={}", path(site), site.reader);
        openings.measure(tab, &url).await;
        query.terminate().await;
    }
    openings.rows([
        "opening, empty caches of service and browser: first figures",
        "opening, empty caches of service and browser: all figures",
    ])
}

/// Openings by a token and with an empty cache of the browser, of an event that the service has read; openings of a browser
/// that is signed in, and changes of a filter.
async fn openings_and_filters(
    site: &PageSite,
    tab: &Tab,
    rounds: u32,
) -> anyhow::Result<Vec<Measured>> {
    let mut query = site.query().await;
    let origin = origin(&query.url(""));
    let url = format!("{origin}{}", path(site));
    let signing_in = format!("{url}#token={}", site.reader);
    Openings::default().measure(tab, &signing_in).await;
    let (mut first_openings, mut openings) = (Openings::default(), Openings::default());
    for _ in 0..rounds {
        // From another page: a URL that differs in its fragment alone is not loaded.
        tab.goto("about:blank").await;
        tab.page.execute(ClearBrowserCacheParams {}).await?;
        first_openings.measure(tab, &signing_in).await;
    }
    for _ in 0..rounds {
        openings.measure(tab, &url).await;
    }
    let mut filters = Vec::new();
    // The page keeps the figures of a source that was selected before.
    let sources: u32 = tab.value(&format!("{MENU}.options.length - 1")).await;
    for _ in 0..rounds.min(sources) {
        filters.push(of_milliseconds(tab.value(&next_source()).await));
    }
    query.terminate().await;
    let mut rows = first_openings.rows([
        "opening, empty cache of the browser: first figures",
        "opening, empty cache of the browser: all figures",
    ]);
    rows.extend(openings.rows(["opening again: first figures", "opening again: all figures"]));
    rows.push(Measured {
        action: "next source",
        times: filters,
    });
    Ok(rows)
}

fn path(site: &PageSite) -> String {
    format!("/app/events/{}?lang=en", site.event)
}

/// Browsers accept cookies with `Secure` of `localhost` without TLS.
fn origin(url: &str) -> String {
    url.replace("127.0.0.1", "localhost")
}

/// A script that notes when the first and when all figures are shown.
fn note_times() -> String {
    format!(
        "new MutationObserver((_, observer) => {{
           const shown = (name) => requestAnimationFrame(() => window[name] ??= performance.now());
           if ({HAS_FIGURES}) shown('firstShownAt');
           if (!({IS_SHOWN})) return;
           observer.disconnect();
           shown('allShownAt');
         }}).observe(document, {{ subtree: true, childList: true, attributes: true }})"
    )
}

impl Openings {
    /// Opens a URL.
    async fn measure(&mut self, tab: &Tab, url: &str) {
        tab.goto(url).await;
        tab.until("window.allShownAt !== undefined").await;
        let [first, all] = ["firstShownAt", "allShownAt"].map(|name| tab.value(name));
        self.first.push(of_milliseconds(first.await));
        self.all.push(of_milliseconds(all.await));
    }

    fn rows(self, [first, all]: [&'static str; 2]) -> Vec<Measured> {
        let rows = [(first, self.first), (all, self.all)].into_iter();
        rows.map(|(action, times)| Measured { action, times })
            .collect()
    }
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
