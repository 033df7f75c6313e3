//! A real Prometheus, which scrapes running services once a second and evaluates the rules of the chart.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::service::{Service, free_address};

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A running Prometheus, which is killed when this value is dropped.
pub struct Prometheus {
    url: String,
    _server: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts a server that scrapes `services`, with the labels that a `PodMonitor` adds. The label `container` is the
    /// given name.
    ///
    /// # Panics
    /// When it does not start within half a minute.
    pub async fn start(services: &[(&str, &Service)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let targets = services
            .iter()
            .enumerate()
            .map(|(number, (name, service))| {
                let address = service.management_url("").replace("http://", "");
                let labels =
                    json!({"namespace": "test", "container": name, "pod": number.to_string()});
                json!({"targets": [address], "labels": labels})
            });
        let config = json!({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [format!("{ROOT}/helm/analytics-service/rules/*.yaml")],
            "scrape_configs": [{"job_name": "test", "static_configs": targets.collect::<Vec<_>>()}],
        });
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config.to_string()).expect("written");
        let address = free_address();
        let server = Command::new(format!("{ROOT}/dev/prometheus"))
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("dev/prometheus runs");
        let prometheus = Self {
            url: format!("http://{address}"),
            _server: server,
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !prometheus.is_ready().await {
            assert!(Instant::now() < deadline, "Prometheus does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // increase() needs a sample before the first event.
        let scraped = format!("count(count_over_time(up[1m]) > 2) == {}", services.len());
        prometheus.until(&scraped).await;
        prometheus
    }

    async fn is_ready(&self) -> bool {
        let response = reqwest::get(format!("{}/-/ready", self.url)).await;
        response.is_ok_and(|response| response.status().is_success())
    }

    /// The samples of an instant query.
    ///
    /// # Panics
    /// When the expression is invalid.
    pub async fn query(&self, expression: &str) -> Vec<Value> {
        let response = self.get("/api/v1/query", &[("query", expression)]).await;
        let result = response["data"]["result"].as_array();
        result
            .unwrap_or_else(|| panic!("{expression}: {response}"))
            .clone()
    }

    /// Waits until a query has a sample.
    ///
    /// # Panics
    /// When it has none within 20 seconds.
    pub async fn until(&self, expression: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.query(expression).await.is_empty() {
            assert!(Instant::now() < deadline, "{expression} has no result");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// The rules that have been evaluated, by name, with their health.
    ///
    /// # Panics
    /// When the server does not respond.
    pub async fn rules(&self) -> Vec<(String, String)> {
        let response = self.get("/api/v1/rules", &[]).await;
        let groups = response["data"]["groups"].as_array().expect("groups");
        let rules = groups.iter().filter_map(|group| group["rules"].as_array());
        let text = |rule: &Value, field: &str| rule[field].as_str().unwrap_or_default().to_owned();
        let rules = rules
            .flatten()
            .map(|rule| (text(rule, "name"), text(rule, "health")));
        rules.collect()
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let mut url: url::Url = format!("{}{path}", self.url).parse().expect("a URL");
        url.query_pairs_mut().extend_pairs(query);
        let response = reqwest::get(url).await.expect("a response");
        response.json().await.expect("JSON")
    }
}
