//! A file, beside `COPY` of the same rows. Its process is measured from its start to its end.

use std::{
    io::{BufWriter, Write},
    process::Stdio,
    time::Duration,
};

use anyhow::ensure;
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

use super::{Bench, Comparison, Way, copy, stage};
use crate::{
    bench::{
        cpu::Measured,
        mix::Fact,
        progress,
        watch::{Lap, Watch},
    },
    database::TestDatabase,
    process::{binary, memory_kib},
};

/// Time between two looks at its memory.
const RHYTHM: Duration = Duration::from_millis(20);
const WHAT: &str = "import of a file";

/// Measures the way and its floor.
///
/// # Errors
/// When a fact is not stored.
pub async fn measure(bench: &Bench) -> anyhow::Result<Comparison> {
    let facts = &bench.everything;
    let file = write(facts)?;
    let database = stage::database(bench).await?;
    let taken = import(&file, &database, facts.len()).await?;
    stage::ensure_stored(&database, facts.len()).await?;
    Ok(Comparison {
        way: Way::Import,
        taken,
        floor: copy::again(bench, facts, &database).await?,
    })
}

/// One fact per line.
fn write(facts: &[Fact]) -> anyhow::Result<NamedTempFile> {
    let mut file = BufWriter::new(NamedTempFile::with_suffix(".ndjson")?);
    for fact in facts {
        writeln!(file, "{}", fact.request())?;
    }
    Ok(file.into_inner()?)
}

async fn import(
    file: &NamedTempFile,
    database: &TestDatabase,
    facts: usize,
) -> anyhow::Result<Lap> {
    let mut said = tempfile::tempfile()?;
    let watch = Watch::start(Measured::Child);
    let mut child = Command::new(binary("analytics-ingest"))
        .arg("import")
        .arg(file.path())
        .env("DATABASE_URL", &database.url)
        .env_remove("AMQP_URL")
        .stdin(Stdio::null())
        .stdout(said.try_clone()?)
        .stderr(said.try_clone()?)
        .kill_on_drop(true)
        .spawn()?;
    let peak_kib = peak(&mut child).await?;
    let status = child.wait().await?;
    let taken = watch.stop(facts).with_peak(peak_kib);
    ensure!(status.success(), "the import failed:\n{}", text(&mut said)?);
    progress::ended(WHAT, "facts", &taken);
    Ok(taken)
}

/// The most memory that the child has had when it ends, which nobody can ask it afterwards.
async fn peak(child: &mut Child) -> anyhow::Result<u64> {
    let mut peak = 0;
    while let Some(id) = child.id() {
        // A process that is about to end has no memory any more.
        peak = memory_kib(id, "VmHWM").unwrap_or(peak);
        let _ = tokio::time::timeout(RHYTHM, child.wait()).await;
    }
    Ok(peak)
}

fn text(file: &mut std::fs::File) -> anyhow::Result<String> {
    use std::io::{Read, Seek};

    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}
