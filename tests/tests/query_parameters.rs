//! Whatever the parameters of a read, the response is no internal error.

use analytics_tests::{api::Api, fact::Fact, world::World};
use futures_util::{StreamExt, stream};
use proptest::{
    collection::vec, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner,
};
use reqwest::StatusCode;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

/// Requests, unless `FUZZ_CASES` is set (`make test-full`).
const FUZZ_CASES: usize = 10_000;
const CONCURRENT_REQUESTS: usize = 16;

const NAMES: [&str; 16] = [
    "dateFrom",
    "dateTo",
    "timezone",
    "source",
    "ticketType",
    "granularity",
    "compare",
    "details",
    "groupBy",
    "page",
    "size",
    "sort",
    "search",
    "limit",
    "cursor",
    "unknown",
];
/// Values that are valid somewhere, or nearly.
const VALUES: [&str; 36] = [
    "",
    " ",
    "0",
    "1",
    "-1",
    "100",
    "101",
    "4294967296",
    "99999999999999999999",
    "1e3",
    "NaN",
    "null",
    "true",
    "2026-11-23",
    "2026-02-30",
    "0000-01-01",
    "-0001-01-01",
    "9999-12-31",
    "262143-12-31",
    "2026-11-23T00:00:00Z",
    "UTC",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Etc/GMT+12",
    "Mars/Olympus",
    "+02:00",
    "hour",
    "month",
    "previous",
    "year",
    "always",
    "never",
    "source",
    "totalViews,desc",
    "revenue.EUR,asc",
    "direct",
];

/// A path with a query, below `/api/v1/analytics`.
fn request(event: Uuid, tenant: Uuid) -> impl Strategy<Value = String> {
    let paths = vec![
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ];
    let value = prop_oneof![4 => select(&VALUES[..]).prop_map(str::to_owned), 1 => any::<String>()];
    let encoded = vec((select(&NAMES[..]), value), 0..6).prop_map(|parameters| {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters);
        query.finish()
    });
    let raw = "[a-zA-Z%0-9&=?/+;\\[\\]\"'<>-]{0,40}";
    (
        select(paths),
        encoded,
        prop_oneof![9 => Just(String::new()), 1 => raw],
    )
        .prop_map(|(path, encoded, raw)| format!("{path}?{encoded}{raw}"))
}

/// The status of the response.
async fn status(reader: &Api, path: String) -> StatusCode {
    let response = reader.get(&path).await;
    let status = response.status();
    let body = response.text().await.expect("a body");
    assert!(!status.is_server_error(), "{path}: {status}: {body}");
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_random_query_is_answered_without_an_internal_error() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    world
        .write()
        .with_role("SERVICE")
        .store(&Fact::view(event).source("direct"))
        .await;
    let reader = world.read().of_tenant(tenant);
    let cases = std::env::var("FUZZ_CASES");
    let cases = cases.map_or(FUZZ_CASES, |cases| cases.parse().unwrap());
    let (requests, mut runner) = (request(event, tenant), TestRunner::default());
    let paths = (0..cases).map(|_| requests.new_tree(&mut runner).unwrap().current());
    let statuses = stream::iter(paths.map(|path| status(&reader, path)));
    let found = statuses
        .buffer_unordered(CONCURRENT_REQUESTS)
        .filter(|status| std::future::ready(*status == StatusCode::OK))
        .count()
        .await;
    // Enough are valid to reach what is behind the parsers.
    assert!(found > cases / 50, "only {found} of {cases} are valid");
    world.end().await;
}
