//! The metrics of both tiers are documented, complete from the start, bounded, and accepted by promtool.

mod dependencies;
mod exports;
mod prometheus;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use analytics_shared::clock;
use analytics_tests::{
    api::Api, fact::Fact, issuer::Issuer, keys::SigningKey, scrape::Scrape, service::Service,
    watch::Watch, world::World,
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

const DOCUMENT: &str = include_str!("../../docs/METRICS.md");

/// The metrics of both tiers.
async fn scrapes(world: &World) -> [Scrape; 2] {
    [
        Scrape::of(&world.ingest).await,
        Scrape::of(&world.query).await,
    ]
}

/// Sends requests and messages of every outcome that a working service has.
async fn use_everything(world: &World) {
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().with_role("SERVICE");
    let view = Fact::view(event).at(clock::now() - chrono::Duration::hours(1));
    write.track(&view).await;
    write.track(&view).await;
    write.track(&Fact::new("newsletter.signup", event)).await;
    let bot = world.write().request("/track", &Fact::view(event));
    bot.header("User-Agent", "Googlebot/2.1")
        .send()
        .await
        .unwrap();
    world.write().post("/track", &json!({})).await;
    world
        .write()
        .post("/track/batch", &json!([1, &*view]))
        .await;
    world.broker.publish("unknown.key", &json!({})).await;
    world
        .broker
        .publish("registration.created", &json!({}))
        .await;
    let check_in = json!({"registrationId": Uuid::now_v7(), "occurredAt": clock::now()});
    world.broker.publish("checkin.completed", &check_in).await;
    world.broker.dead_letter().await;
    world.dashboard(tenant, event, "").await;
    world.dashboard(tenant, event, "").await;
    world.report(tenant, "").await;
    let read = world.read().of_tenant(tenant);
    let mut watch = Watch::open(&read, event, None).await;
    watch.figures().await;
    exports::export(&read, tenant, "csv")
        .await
        .bytes()
        .await
        .unwrap();
    world.read().get("/events/unknown/dashboard").await;
    for path in ["/unknown", "/app/events/1/door", "/docs"] {
        reqwest::get(world.query.url(path)).await.unwrap();
    }
    let method = Method::from_bytes(b"INVENTED").unwrap();
    let request = reqwest::Client::new().request(method, world.query.url("/docs"));
    request.send().await.unwrap();
}

/// Runs `promtool check metrics`; returns what it finds.
fn checked_by_promtool(text: &str) -> String {
    let mut promtool = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = promtool.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = promtool.wait_with_output().unwrap();
    let found = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.success(), found.is_empty(), "{found}");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_finds_nothing_in_the_metrics_of_both_tiers_idle_and_after_load() {
    let world = World::start().await;
    for scrape in scrapes(&world).await {
        assert_eq!(checked_by_promtool(&scrape.text), "", "idle");
    }
    use_everything(&world).await;
    for scrape in scrapes(&world).await {
        assert_eq!(checked_by_promtool(&scrape.text), "", "after load");
        // The check is not silent by itself.
        let without_help: Vec<_> = scrape
            .text
            .lines()
            .filter(|it| !it.starts_with("# HELP"))
            .collect();
        assert_ne!(checked_by_promtool(&(without_help.join("\n") + "\n")), "");
    }
    world.end().await;
}

/// The names in backquotes in a cell.
fn names(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The type and labels of each metric in the tables of the document.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `"));
    let metrics = rows.filter_map(|row| {
        let (name, rest) = row.split_once("` |")?;
        let mut cells = rest.split('|');
        let (kind, labels) = (cells.next()?.trim(), cells.next()?);
        // The values of a label follow in parentheses.
        let labels = labels.split('(').filter_map(|part| part.rsplit(')').next());
        let labels = labels.flat_map(|part| names(part).collect::<Vec<_>>());
        ["counter", "gauge", "histogram"]
            .contains(&kind)
            .then(|| (name.to_owned(), (kind.to_owned(), labels.collect())))
    });
    metrics.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_has_every_metric_with_its_type_and_labels() {
    let issuer = Issuer::start(&[SigningKey::ec().jwk("ec")]).await;
    let world = World::start_with(&[("JWT_JWKS_URL", &issuer.url)]).await;
    use_everything(&world).await;
    let mut found = BTreeMap::new();
    for scrape in scrapes(&world).await {
        for (name, family) in scrape.families() {
            found.insert(name, (family.kind, family.labels));
        }
    }
    assert_eq!(found, documented());
    let build = Scrape::of(&world.query).await;
    let build = build.value("analytics_build_info{program=\"analytics-query\",version=\"0.1.0\"}");
    assert_eq!(build, Some(1.0));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_series_exists_from_the_start() {
    let world = World::start().await;
    let before = scrapes(&world).await;
    use_everything(&world).await;
    let after = scrapes(&world).await;
    for (before, after) in before.iter().zip(&after) {
        let (before, after) = (before.series(), after.series());
        // Responses that neither alerts nor objectives compare: 3xx, 4xx, and those of no operation.
        let is_other = |series: &str| {
            let status = series
                .split_once("status=\"")
                .map_or("", |(_, status)| status);
            series.starts_with("analytics_http_request_duration_seconds")
                && (status.starts_with(['3', '4']) || !series.contains("/api/v1/analytics/"))
        };
        let new: Vec<_> = after
            .keys()
            .filter(|it| !before.contains_key(*it))
            .collect();
        let unexpected: Vec<_> = new.iter().filter(|it| !is_other(it)).collect();
        assert!(unexpected.is_empty(), "{unexpected:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_cannot_add_series() {
    let world = World::start().await;
    let limits: Vec<_> = ["ingest", "query"]
        .into_iter()
        .map(|tier| {
            let row = DOCUMENT
                .lines()
                .find_map(|line| line.strip_prefix(&format!("| {tier} | ")));
            let numbers = row.unwrap().trim_end_matches(" |").split(" | ");
            let numbers = numbers.map(|number| number.replace(',', "").parse::<usize>().unwrap());
            numbers.collect::<Vec<_>>()
        })
        .collect();
    for (scrape, limits) in scrapes(&world).await.iter().zip(&limits) {
        let number = scrape.series().len();
        println!("{number} series at the start");
        assert!(number <= limits[0], "{number} at the start");
    }
    use_everything(&world).await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let number = async || {
        let scrapes = scrapes(&world).await;
        scrapes.map(|scrape| scrape.series().len())
    };
    let mut numbers = Vec::new();
    let write = world.write().with_role("SERVICE");
    for round in 0..20 {
        for base in [world.ingest.url(""), world.query.url("")] {
            let method = Method::from_bytes(format!("METHOD{round}").as_bytes()).unwrap();
            let path = format!("{base}/path/{round}");
            let request = reqwest::Client::new().request(method, path);
            assert_eq!(
                request.send().await.unwrap().status(),
                StatusCode::NOT_FOUND
            );
        }
        write
            .track(&Fact::new(&format!("custom.type_{round}"), event))
            .await;
        let path = format!("/events/{}/dashboard", Uuid::now_v7());
        world.read().of_tenant(Uuid::now_v7()).get(&path).await;
        numbers.push(number().await);
    }
    println!("{:?} series after load", numbers[0]);
    assert_eq!(numbers[0], numbers[19]);
    assert!(
        numbers[0]
            .iter()
            .zip(&limits)
            .all(|(number, limits)| *number < limits[1])
    );
    world.end().await;
}

#[tokio::test]
async fn a_route_is_named_as_in_the_openapi_document() {
    let world = World::start().await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    let read = world.read().of_tenant(tenant);
    assert_eq!(
        read.get(&format!("/events/{event}/dashboard"))
            .await
            .status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        Api::at(&world.query.url(""))
            .get("/no/such/path")
            .await
            .status(),
        StatusCode::NOT_FOUND
    );
    let scrape = Scrape::of(&world.query).await;
    let count = |route: &str| {
        let labels = format!("route=\"{route}\",method=\"GET\",status=\"404\"");
        scrape.value(&format!(
            "analytics_http_request_duration_seconds_count{{{labels}}}"
        ))
    };
    assert_eq!(
        count("/api/v1/analytics/events/{eventId}/dashboard"),
        Some(1.0)
    );
    assert_eq!(count("unknown"), Some(1.0));
    for line in scrape.text.lines() {
        assert!(
            !line.contains("route=\"\"") && !line.contains("/:"),
            "{line}"
        );
    }
    // Probes and scrapes have a listener of their own.
    assert!(
        !scrape.text.contains("route=\"/metrics\"") && !scrape.text.contains("route=\"/readyz\"")
    );
    world.end().await;
}

/// Waits until a series of a service has a value.
async fn until_is(service: &Service, series: &str, expected: f64) {
    until(service, series, |value| Some(value) == Some(expected)).await;
}

/// Waits until the value of a series of a service is as expected.
async fn until(service: &Service, series: &str, is: impl Fn(f64) -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let value = Scrape::of(service).await.value(series);
        if value.is_some_and(&is) {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{series}: {value:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
