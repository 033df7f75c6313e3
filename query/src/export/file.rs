//! Exports of a job as the body of a response.

use analytics_shared::http::KeyedPermit;
use chrono::DateTime;
use futures_util::{StreamExt, TryStreamExt};
use poem::Body;
use uuid::{Uuid, uuid};

use super::{
    batches::{Batches, batches},
    datasets::{EventDayRecord, RegistrationRecord, event_day_records},
    error::ExportError,
    formats::{Csv, NdJson, encode_body, encode_text, workbook_body},
    job::{Dataset, Delimiter, ExportJob, FileFormat},
    limits::ExportLimits,
    table::{Record, Table},
    timestamp::TimestampFormat,
    trailers::TrailerState,
};
use crate::{
    metrics::ExportMeasurement,
    store::{Store, StoredFact},
};

/// Exports a job with the permit of its tenant. A failure after the first bytes truncates the body, which clients detect.
///
/// # Errors
/// Fails if the columns are invalid, or if reading or writing fails before the first bytes.
pub async fn export_file(
    store: &Store,
    limits: &ExportLimits,
    permit: KeyedPermit<Uuid>,
    job: ExportJob,
    measurement: ExportMeasurement,
) -> Result<Body, ExportError> {
    let (query, event_id) = (&job.query, job.event_id);
    let trailers = TrailerState::new(permit, job.deadline, measurement);
    let columns = job.columns.as_deref();
    match job.dataset {
        Dataset::Facts => {
            let table = Table::<StoredFact>::of(columns)?;
            let facts = store.stream_facts(query, event_id, job.event_types.as_deref());
            let facts = batches(facts.await?);
            write(job, table, facts, trailers, limits).await
        }
        Dataset::Daily => {
            let table = Table::<EventDayRecord>::of(columns)?;
            let rows = batches(store.stream_rollup_rows(query, event_id).await?);
            let days = event_day_records(rows, job.titles.clone());
            write(job, table, days, trailers, limits).await
        }
        Dataset::Registrations => {
            let table = Table::<RegistrationRecord>::of(columns)?;
            let registrations = batches(store.stream_registrations(query, event_id).await?);
            let records = |batch: Vec<_>| batch.into_iter().map(RegistrationRecord::from).collect();
            let records = registrations.map_ok(records).boxed();
            write(job, table, records, trailers, limits).await
        }
    }
}

async fn write<T: Record>(
    job: ExportJob,
    table: Table<T>,
    batches: Batches<T>,
    trailers: TrailerState,
    limits: &ExportLimits,
) -> Result<Body, ExportError> {
    match job.format {
        FileFormat::Csv => {
            let csv = Csv::new(job.delimiter, job.has_mark, job.timestamps);
            encode_body(csv, table, batches, trailers).await
        }
        FileFormat::NdJson => encode_body(NdJson(job.timestamps), table, batches, trailers).await,
        FileFormat::Xlsx => {
            let disk = limits.begin_workbook(job.query.tenant_id)?;
            workbook_body(job, table, batches, trailers, disk).await
        }
    }
}

/// Returns an example of a file, for the formats that are text.
pub fn sample(format: FileFormat) -> Option<String> {
    let table = Table::of(None).ok()?;
    let facts = [sample_fact()];
    let text = match format {
        FileFormat::Csv => {
            let csv = Csv::new(Delimiter::Comma, false, TimestampFormat::Utc);
            encode_text(csv, &table, &facts)
        }
        FileFormat::NdJson => encode_text(NdJson(TimestampFormat::Utc), &table, &facts),
        FileFormat::Xlsx => return None,
    };
    text.ok()
}

fn sample_fact() -> StoredFact {
    let registration = "b3d0f3a2-5c64-4a1e-9f27-6a8d1e0c7b35";
    StoredFact {
        id: uuid!("0193590a-7c00-7d4e-8f21-3a5b6c7d8e9f"),
        // 2026-11-23T12:00:00Z
        created_at: DateTime::from_timestamp(1_795_435_200, 0).unwrap_or_default(),
        event_type: analytics_shared::event_type::PAYMENT_COMPLETED.to_owned(),
        event_id: Some(uuid!("3f2a9d4e-8b1c-4f7e-a5d6-0c9b8e7f6a51")),
        user_id: None,
        source: "newsletter".to_owned(),
        ticket_type_id: None,
        ticket_type_name: Some("Standard".to_owned()),
        registration_id: Some(registration.to_owned()),
        amount_cents: Some("4900".to_owned()),
        currency: Some("EUR".to_owned()),
        properties: Some(format!("{{\"registrationId\": \"{registration}\"}}")),
    }
}
