//! A workbook reads like a report: its first sheet has the figures of the dashboard, in the language of the reader,
//! and it is printed on few pages.

mod first_sheet;
mod printed;
mod rows;
mod story;

use std::{fs, path::PathBuf};

use analytics_tests::world::World;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::documents::python;

/// Exports a workbook of the days `from` to `to` to a file in `folder`.
async fn export(world: &World, folder: &TempDir, tenant: Uuid, request: &Value) -> PathBuf {
    let mut body = json!({"organizationId": tenant, "format": "xlsx"});
    body.as_object_mut()
        .unwrap()
        .extend(request.as_object().unwrap().clone());
    let answer = world.read().of_tenant(tenant).post("/export", &body).await;
    let status = answer.status();
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    let name = body["lang"].as_str().unwrap_or("none");
    let path = folder.path().join(format!("{name}.xlsx"));
    fs::write(&path, bytes).unwrap();
    path
}

/// The sheets of a workbook, as another program finds them.
fn layout(workbook: &std::path::Path) -> Value {
    let printed = python(&["tests/checks/read_layout.py", workbook.to_str().unwrap()]);
    serde_json::from_str(&printed).unwrap()
}
