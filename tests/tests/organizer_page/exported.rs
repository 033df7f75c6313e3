//! The file that the page saves is that of the API.

use std::{path::Path, time::Duration};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::stage::Stage;

/// The finished file of a format in a folder.
async fn downloaded(folder: &Path, format: &str) -> Vec<u8> {
    for _ in 0..200 {
        let files = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        let mut finished = files.filter(|path| path.extension().is_some_and(|kind| kind == format));
        let file = finished.next().map(|path| std::fs::read(path).unwrap());
        // A download begins as an empty file of its name.
        if let Some(file) = file.filter(|file| !file.is_empty()) {
            return file;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no file was saved")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_the_page_is_the_file_of_the_api() {
    let stage = Stage::start().await;
    let event = stage.past_event("A Conference").await;
    let dashboard = stage
        .api()
        .read(&format!("/events/{event}/dashboard"))
        .await;
    for format in ["csv", "xlsx"] {
        // Browsers ask before a tab downloads another file that no click has started.
        let tab = stage.tab().await;
        let folder = tempfile::tempdir().unwrap();
        tab.download_to(folder.path()).await;
        tab.open(&format!("/app/events/{event}?lang=en")).await;
        tab.click("button", "Export").await;
        tab.until("document.querySelector('dialog[open]') !== null")
            .await;
        tab.click(&format!("dialog input[value={format}]"), "")
            .await;
        tab.until(&format!(
            "document.querySelector('dialog input[name=format]').value === '{format}'"
        ))
        .await;
        tab.click("dialog button", "Download").await;
        let saved = downloaded(folder.path(), format).await;

        let mut request = json!({
            "organizationId": stage.tenant, "eventId": event, "dateFrom": dashboard["dateFrom"],
            "dateTo": dashboard["dateTo"], "timezone": dashboard["timezone"], "dataset": "daily",
            "format": format,
        });
        match format {
            "csv" => request["bom"] = json!(true),
            _ => request["lang"] = json!("en"),
        }
        let response = stage.api().post("/export", &request).await;
        let file = response.bytes().await.unwrap();
        assert_eq!(Sha256::digest(&saved), Sha256::digest(&file), "{format}");
        tab.until("document.querySelector('dialog') === null").await;
        assert_eq!(tab.findings(), Vec::<String>::new());
    }
    stage.end().await;
}
