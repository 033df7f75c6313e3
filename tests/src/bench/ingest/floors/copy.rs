//! `COPY` of rows into the table of facts of an empty database, in one transaction on one connection,
//! without validation, rollup or receipts.

use super::{FloorKind, stored_rows::StoredRows};
use crate::{
    bench::{
        copy_in::CopyIn,
        cpu::Measured,
        progress,
        watch::{Lap, Watch},
    },
    database::TestDatabase,
};

const IN: &str = "COPY analytics_service.analytics_events
    (id, tenant_id, event_type, event_id, user_id, properties, created_at) FROM STDIN";

/// Measures the floor.
///
/// # Errors
/// When the database refuses a row.
pub async fn measure(rows: &StoredRows, fresh: &TestDatabase) -> anyhow::Result<Lap> {
    let what = FloorKind::Copy.name();
    let bar = progress::bar(what, rows.number);
    let watch = Watch::start(Measured::Nobody);
    let mut copy = CopyIn::begin(fresh, IN).await?;
    for line in rows.lines()? {
        bar.inc(copy.row(&line?).await?);
    }
    copy.finish().await?;
    let lap = watch.stop(rows.number);
    bar.finish_and_clear();
    progress::ended(what, "facts", &lap);
    Ok(lap)
}
