//! The command `import`.
//!
//! A thread reads the files, decompresses them, splits them into rows and validates each row; CSV is
//! converted to the JSON of a fact there. The importer receives chunks of rows, looks up the tenants of
//! their events and the registrations that they belong to, and submits the facts to the writers. Several
//! chunks are in flight at the same time; a row whose registration may be among them is deferred. Rejected
//! rows are written to a file. While the database is unavailable, facts are retried and no more rows are
//! read.

mod importer;
mod input;
pub mod options;
mod progress;
mod rejected_file;
mod summary;

use std::process::ExitCode;

use analytics_shared::{
    database::{self, DatabaseMonitor, TierRole},
    lifecycle, service_info, telemetry,
};
use anyhow::{Context, ensure};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    maintenance,
    pipeline::{pending::Submitter, retry::RetryUntilAvailable},
    store::database::Store,
    writer::Writers,
};
use importer::Importer;
use input::{file::InputFile, reader::FileReader};
use options::ImportConfig;
use progress::Progress;
use rejected_file::RejectedFile;

/// The exit code if rows were rejected.
const ROWS_REJECTED: u8 = 3;
/// The exit code after SIGINT, by the convention of shells.
const INTERRUPTED: u8 = 130;

/// Imports files and prints a summary. Fails if a file cannot be read to its end, or if the database or the
/// file of rejected rows fails.
pub async fn run(config: ImportConfig) -> anyhow::Result<ExitCode> {
    let files = config.files.iter();
    let files = files
        .map(|path| InputFile::find(path, config.format))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let progress = Progress::new(files.iter().map(|file| file.bytes).sum());
    let log = progress.clone();
    telemetry::start_logging_to(&config.log, &service_info!(), move || log.log_writer());
    let shutdown = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Ingest)
        .await
        .context("cannot use the database URL")?;
    let state = database::check(&database, TierRole::Ingest).await;
    ensure!(state.is_usable(), "the database cannot be used: {state}");
    let monitor = DatabaseMonitor::start(&config.database, TierRole::Ingest, &database).await?;

    let store = Store::new(database.clone(), config.calendar.default_timezone);
    let connections = config.database.database_max_connections;
    let (writers, writer_tasks) = Writers::start(&config.writer, connections, &store);
    let background = CancellationToken::new();
    let compacting = tokio::spawn(maintenance::compaction::compact(
        store.clone(),
        config.writer.compaction_interval(),
        background.clone(),
    ));
    store.follow(monitor);

    let (chunks, received) = mpsc::channel(1);
    let reader = FileReader {
        files,
        options: config.row_options().into(),
        delimiter: config.delimiter,
        chunks,
    };
    let reading = tokio::task::spawn_blocking(move || reader.run());
    let on_pause = progress.clone();
    let retry = RetryUntilAvailable::new(shutdown, false, move || on_pause.database_unavailable());
    let mut importer = Importer::new(
        store,
        Submitter { writers, retry },
        progress.clone(),
        config.tenant,
        RejectedFile::new(config.rejected, &config.files[0]),
    );
    let ended = importer.run(received).await;
    progress.finish();
    let (summary, rejected) = (importer.summary, importer.rejected);
    summary.print(progress.elapsed(), rejected.path())?;
    let is_complete = ended?;
    if is_complete {
        reading.await.context("reading failed")??;
    }

    writer_tasks.finish().await;
    background.cancel();
    compacting.await.context("compaction failed")?;
    database
        .close()
        .await
        .context("cannot close the database")?;
    if !is_complete {
        tracing::warn!("interrupted: run the same command again to continue");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(if summary.rejected > 0 {
        ExitCode::from(ROWS_REJECTED)
    } else {
        ExitCode::SUCCESS
    })
}
