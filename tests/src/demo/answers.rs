//! The responses of the read tier.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use calamine::{Reader as _, Xlsx, open_workbook};
use chrono_tz::Tz;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{api::Api, simulator::Event};

/// A zone far from that of the event: its days are counted from the raw facts.
pub const ELSEWHERE: Tz = Tz::America__New_York;

/// The time within which facts must be visible.
const VISIBLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A client with a token of the organization.
pub struct Reader<'a> {
    event: &'a Event,
    api: Api,
}

/// The responses.
pub struct Answers {
    /// All figures.
    pub figures: Value,
    /// The exported files, with their numbers of rows.
    pub files: Vec<(PathBuf, u64)>,
}

impl<'a> Reader<'a> {
    /// A reader of the read tier at `url`.
    pub fn new(event: &'a Event, url: &str) -> Self {
        Self {
            event,
            api: Api::at(url).of_tenant(event.tenant),
        }
    }

    /// Waits until this number of facts is counted; returns whether it was in time.
    pub async fn until_visible(&self, facts: usize) -> anyhow::Result<bool> {
        let deadline = Instant::now() + VISIBLE_TIMEOUT;
        loop {
            let (funnel, report) = tokio::try_join!(self.funnel(), self.report())?;
            if seen(&funnel, &report) >= facts as u64 {
                return Ok(true);
            }
            if Instant::now() > deadline {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Reads all figures, and exports to files in `folder`.
    pub async fn everything(&self, folder: &Path, name: &str) -> anyhow::Result<Answers> {
        let (csv, xlsx) = (
            folder.join(format!("{name}.csv")),
            folder.join(format!("{name}.xlsx")),
        );
        tokio::try_join!(self.export("csv", &csv), self.export("xlsx", &xlsx))?;
        let (csv_rows, xlsx_rows) = (csv_rows(&csv)?, xlsx_rows(&xlsx)?);
        let rows = |rows: &Value| rows["rows"].as_u64().unwrap_or_default();
        let files = vec![(csv, rows(&csv_rows)), (xlsx, rows(&xlsx_rows))];
        let figures = json!({
            "dashboard": self.dashboard(self.event.zone).await?,
            "dashboard, days of New York": self.dashboard(ELSEWHERE).await?,
            "funnel": self.funnel().await?,
            "report": self.report().await?,
            "export.csv": csv_rows,
            "export.xlsx": xlsx_rows,
        });
        Ok(Answers { figures, files })
    }

    async fn dashboard(&self, zone: Tz) -> anyhow::Result<Value> {
        self.read(&format!("/events/{}/dashboard", self.event.id), zone)
            .await
    }

    async fn funnel(&self) -> anyhow::Result<Value> {
        self.read(
            &format!("/events/{}/funnel", self.event.id),
            self.event.zone,
        )
        .await
    }

    async fn report(&self) -> anyhow::Result<Value> {
        self.read(
            &format!("/organizations/{}/report", self.event.tenant),
            self.event.zone,
        )
        .await
    }

    async fn read(&self, path: &str, zone: Tz) -> anyhow::Result<Value> {
        let Event {
            first_day,
            last_day,
            ..
        } = self.event;
        let query = format!("?dateFrom={first_day}&dateTo={last_day}&timezone={zone}");
        let answer = self.api.get(&format!("{path}{query}")).await;
        Ok(succeeded(answer, path).await?.json().await?)
    }

    async fn export(&self, format: &str, path: &Path) -> anyhow::Result<()> {
        let request = json!({
            "organizationId": self.event.tenant,
            "dateFrom": self.event.first_day,
            "dateTo": self.event.last_day,
            "format": format,
        });
        let answer = self.api.try_post("/export", &request).await?;
        let body = succeeded(answer, "/export").await?.bytes().await?;
        std::fs::write(path, body).with_context(|| format!("cannot write {}", path.display()))
    }
}

async fn succeeded(answer: Response, path: &str) -> anyhow::Result<Response> {
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(answer);
    }
    anyhow::bail!("query answers {status} to {path}: {}", answer.text().await?)
}

/// The number of counted facts, over all types.
fn seen(funnel: &Value, report: &Value) -> u64 {
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let steps = [
        "pageViews",
        "registrationStarted",
        "registrationCompleted",
        "checkedIn",
    ];
    let steps: u64 = steps.iter().map(|step| number(&funnel[step])).sum();
    let revenue = report["totals"]["revenue"].as_array();
    let payments = revenue
        .into_iter()
        .flatten()
        .map(|one| number(&one["payments"]));
    steps + payments.sum::<u64>() + number(&report["totals"]["cancellations"])
}

fn csv_rows(path: &Path) -> anyhow::Result<Value> {
    let mut file = csv::Reader::from_path(path)?;
    let header = file.headers()?.clone();
    let types = file
        .records()
        .map(|record| Ok(record?))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let column = column_of(header.iter())?;
    Ok(by_type(
        types.iter().map(|record| record[column].to_owned()),
    ))
}

fn xlsx_rows(path: &Path) -> anyhow::Result<Value> {
    let mut workbook: Xlsx<_> = open_workbook(path)?;
    let sheet = workbook
        .worksheet_range("Facts")
        .context("a workbook without a sheet of facts")?;
    let mut rows = sheet.rows();
    let header = rows.next().context("a sheet without a header")?;
    let header: Vec<_> = header.iter().map(ToString::to_string).collect();
    let column = column_of(header.iter().map(String::as_str))?;
    Ok(by_type(rows.map(|row| row[column].to_string())))
}

fn column_of<'a>(mut header: impl Iterator<Item = &'a str>) -> anyhow::Result<usize> {
    let column = header.position(|name| name == "eventType");
    column.context("an export without the column eventType")
}

fn by_type(types: impl Iterator<Item = String>) -> Value {
    let mut rows = BTreeMap::from([("rows".to_owned(), 0_u64)]);
    for event_type in types {
        *rows.entry(event_type).or_default() += 1;
        *rows.entry("rows".to_owned()).or_default() += 1;
    }
    json!(rows)
}
