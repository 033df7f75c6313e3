//! An import of NDJSON, measured from the start to the exit of its process. The process compacts; a service
//! compacts the rest. It reads standard input, because the size of the input is not known in advance.

use std::{
    io::{Read, Seek},
    process::Stdio,
    time::Duration,
};

use anyhow::ensure;
use indicatif::ProgressBar;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, ChildStdin, Command},
};

use super::{Bench, comparison::Run, stage};
use crate::{
    bench::{backlog, cpu::Measured, mix::Fact, programs::Programs, progress, watch::Watch},
    process::memory_kib,
};

/// Time between two readings of the memory of the process.
const MEMORY_INTERVAL: Duration = Duration::from_millis(20);
/// The size of a write, in bytes.
const CHUNK: usize = 256 * 1024;

/// Measures the import of `programs`.
///
/// # Errors
/// When a fact is not stored.
pub async fn run(bench: &Bench, programs: &Programs) -> anyhow::Result<Run> {
    let what = programs.label("import of NDJSON");
    let database = stage::database(bench, programs).await?;
    let bar = bench.workload.bar(what.clone());
    let mut output = tempfile::tempfile()?;
    let watch = Watch::start(Measured::Child);
    let mut child = Command::new(programs.path("analytics-ingest"))
        .args(["import", "--format", "ndjson", "-"])
        .env("DATABASE_URL", &database.ingest_url)
        .env_remove("AMQP_URL")
        .stdin(Stdio::piped())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?)
        .kill_on_drop(true)
        .spawn()?;
    let input = child.stdin.take().expect("standard input");
    let facts = bench.workload.all_kinds(&bench.mix);
    let (written, peak_kib) = tokio::join!(write(facts, input, &bar), peak_memory(&mut child));
    let status = child.wait().await?;
    ensure!(
        status.success(),
        "the import failed:\n{}",
        text(&mut output)?
    );
    let written = written?;
    let waited = backlog::wait_with_service(&database, programs).await?;
    let lap = watch
        .stop(written)
        .with_compaction_wait(waited)
        .with_peak(peak_kib);
    bar.finish_and_clear();
    progress::ended(&what, "facts", &lap);
    stage::ensure_stored(&database, written).await?;
    Ok(Run { lap, database })
}

/// Writes one fact per line; returns their number.
async fn write(
    facts: impl Iterator<Item = Fact>,
    mut input: ChildStdin,
    bar: &ProgressBar,
) -> std::io::Result<usize> {
    let (mut chunk, mut number) = (Vec::with_capacity(2 * CHUNK), 0);
    for fact in facts {
        chunk.extend_from_slice(fact.request().as_bytes());
        chunk.push(b'\n');
        number += 1;
        if chunk.len() >= CHUNK {
            input.write_all(&chunk).await?;
            chunk.clear();
            bar.set_position(number as u64);
        }
    }
    input.write_all(&chunk).await?;
    input.shutdown().await?;
    Ok(number)
}

/// The peak memory of the process in KiB, read until it exits.
async fn peak_memory(child: &mut Child) -> u64 {
    let mut peak = 0;
    while let Some(id) = child.id() {
        // An exiting process has no memory.
        peak = memory_kib(id, "VmHWM").unwrap_or(peak);
        let _ = tokio::time::timeout(MEMORY_INTERVAL, child.wait()).await;
    }
    peak
}

fn text(file: &mut std::fs::File) -> std::io::Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}
