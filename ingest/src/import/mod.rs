//! The import of files. In words:
//!
//! A thread reads the files, unfolds what is compressed, tells the rows apart and checks what each of
//! them says; CSV becomes the JSON of a fact there. Chunks of rows come to the importer, which finds
//! the tenants of their events and the registrations that they follow, and hands the facts to the
//! writers: the same group commit as for facts of any other way. Some chunks are stored at the same
//! time; what follows a registration that may be among them waits for them. Rejected rows go to a
//! file. While the database is away, chunks are held and tried again, and nothing more is read.

mod chunk;
mod columns;
mod format;
mod lines;
mod options;
mod outcome;
mod progress;
mod read;
mod records;
mod rejected;
mod settle;
mod source;
mod take;

use std::process::ExitCode;

use analytics_shared::{
    database::{self, TierRole, ping},
    lifecycle, telemetry,
};
use anyhow::Context;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    enrich::{Enricher, Occurrences, Owners},
    hold::Hold,
    maintenance,
    store::Store,
    writer::Writers,
};
pub use options::{HELP, ImportConfig};
use outcome::Tally;
use progress::Progress;
use read::Reading;
use rejected::RejectedFile;
use settle::Settler;
use source::Source;
use take::{Importer, UnderWay};

/// Rows were rejected.
const SOME_REJECTED: u8 = 3;
/// We were stopped, as shells say it of SIGINT.
const STOPPED: u8 = 130;

/// Imports files, and prints what became of their rows.
///
/// # Errors
/// When a file cannot be read to its end, or the database or the file of rejected rows is of no use.
pub async fn run(config: ImportConfig) -> anyhow::Result<ExitCode> {
    let sources = config
        .files
        .iter()
        .map(|path| Source::find(path, config.format));
    let sources = sources.collect::<anyhow::Result<Vec<_>>>()?;
    let progress = Progress::of(sources.iter().map(|source| source.bytes).sum());
    let log = progress.clone();
    telemetry::start_logging_to(&config.log, move || log.above());
    let shutdown = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Ingest)
        .await
        .context("DATABASE_URL is not a PostgreSQL URL")?;
    ping(&database)
        .await
        .context("the database does not answer, or analytics-migration has not run")?;

    let store = Store::new(database.clone(), config.calendar.default_timezone);
    let connections = config.database.database_max_connections;
    let (writers, writer_tasks) = Writers::start(&config.writer, connections, &store);
    let caring = CancellationToken::new();
    let compacting = tokio::spawn(maintenance::compact(
        store.clone(),
        config.writer.compaction_interval(),
        caring.clone(),
    ));
    let watching = tokio::spawn(store.clone().watch_database(caring.clone()));

    let (chunks, read) = mpsc::channel(1);
    let reading = Reading {
        sources,
        mappings: config.mappings,
        delimiter: config.delimiter,
        chunks,
    };
    let reading = tokio::task::spawn_blocking(move || reading.run());
    let mut importer = Importer {
        enricher: Enricher::new(store.clone()),
        store,
        settler: Settler {
            writers,
            hold: Hold::until(shutdown),
            progress: progress.clone(),
        },
        owners: Owners {
            otherwise: config.tenant,
            ..Owners::default()
        },
        rejected: RejectedFile::new(config.rejected, &config.files[0]),
        tally: Tally::default(),
        occurrences: (0, Occurrences::default()),
        under_way: UnderWay::default(),
    };
    let ended = importer.run(read).await;
    progress.finish();
    let (tally, rejected) = (importer.tally, importer.rejected);
    tally.print(progress.took(), rejected.path())?;
    let is_whole = ended?;
    if is_whole {
        reading.await.context("reading failed")??;
    }

    writer_tasks.finish().await;
    caring.cancel();
    watching.await.context("watching the database failed")?;
    compacting.await.context("compaction failed")?;
    database
        .close()
        .await
        .context("cannot close the database")?;
    if !is_whole {
        tracing::warn!("stopped: run the same command again to go on");
        return Ok(ExitCode::from(STOPPED));
    }
    Ok(if tally.rejected > 0 {
        ExitCode::from(SOME_REJECTED)
    } else {
        ExitCode::SUCCESS
    })
}
