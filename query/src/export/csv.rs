//! CSV: every batch of facts becomes a piece of the body at once.

use std::{borrow::Cow, io};

use bytes::Bytes;
use chrono::SecondsFormat;
use csv::Writer;
use futures_util::{StreamExt, stream};
use poem::Body;
use tokio::sync::mpsc::Receiver;

use super::{
    ExportError,
    body::{Rows, whole_or_broken_off},
    columns,
};
use crate::{
    metrics,
    store::{Piece, StoredFact},
};

/// The body of a CSV file. Its first piece is made before anything is answered, so that a database
/// that does not answer is an error and not half a file.
pub(super) async fn body(mut facts: Receiver<Piece<StoredFact>>) -> Result<Body, ExportError> {
    let rows = Rows::default();
    let mut first = header()?;
    let complete = match next(&mut facts).await? {
        Some(batch) => {
            first.extend(lines(&batch)?);
            rows.add(batch.len());
            false
        }
        None => true,
    };
    let reading = (facts, rows.clone(), complete);
    let rest = stream::unfold(reading, |(mut facts, rows, complete)| async move {
        if complete {
            return None;
        }
        let piece = piece(&mut facts, &rows).await.transpose()?;
        let last = piece.is_err();
        Some((piece, (facts, rows, last)))
    });
    let first = stream::iter([Ok(Bytes::from(first))]);
    Ok(whole_or_broken_off(first.chain(rest), rows))
}

async fn piece(
    facts: &mut Receiver<Piece<StoredFact>>,
    rows: &Rows,
) -> Result<Option<Bytes>, ExportError> {
    let Some(batch) = next(facts).await? else {
        return Ok(None);
    };
    let lines = lines(&batch)?;
    rows.add(batch.len());
    Ok(Some(lines.into()))
}

async fn next(
    facts: &mut Receiver<Piece<StoredFact>>,
) -> Result<Option<Vec<StoredFact>>, ExportError> {
    match facts.recv().await {
        Some(Piece::Rows(batch)) => Ok(Some(batch)),
        Some(Piece::End) => Ok(None),
        Some(Piece::Failed(error)) => Err(error.into()),
        None => Err(ExportError::BrokenOff),
    }
}

fn header() -> Result<Vec<u8>, ExportError> {
    let mut csv = Writer::from_writer(Vec::new());
    csv.write_record(columns::NAMES).map_err(io::Error::from)?;
    finished(csv)
}

fn lines(facts: &[StoredFact]) -> Result<Vec<u8>, ExportError> {
    let mut csv = Writer::from_writer(Vec::with_capacity(facts.len() * 256));
    for fact in facts {
        write(&mut csv, fact).map_err(io::Error::from)?;
    }
    metrics::exported("csv", facts.len());
    finished(csv)
}

fn finished(csv: Writer<Vec<u8>>) -> Result<Vec<u8>, ExportError> {
    let bytes = csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(bytes)
}

fn write(csv: &mut Writer<Vec<u8>>, fact: &StoredFact) -> csv::Result<()> {
    fn text(value: Option<&String>) -> Cow<'_, str> {
        no_formula(value.map_or("", String::as_str))
    }
    let amount = columns::amount(fact.amount_cents.as_deref());
    let properties = fact.properties.as_deref().map(columns::compact);
    csv.write_record([
        fact.id.to_string().as_str(),
        &fact.created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        &fact.event_type,
        &fact.event_id.map_or_else(String::new, |id| id.to_string()),
        &fact.user_id.map_or_else(String::new, |id| id.to_string()),
        &no_formula(&fact.source),
        &text(fact.ticket_type_id.as_ref()),
        &text(fact.ticket_type_name.as_ref()),
        &text(fact.registration_id.as_ref()),
        &amount.map_or_else(String::new, |amount| amount.to_string()),
        &text(fact.currency.as_ref()),
        &text(properties.as_ref()),
    ])
}

/// The text, with an apostrophe before it where a spreadsheet would take it for a formula. Only for
/// texts: a negative number is none.
fn no_formula(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn fact() -> StoredFact {
        StoredFact {
            id: Uuid::from_u128(1),
            created_at: "2026-11-23T10:00:00.000120Z".parse().unwrap(),
            event_type: "payment.completed".into(),
            event_id: None,
            user_id: Some(Uuid::from_u128(2)),
            source: "a, b".into(),
            ticket_type_id: None,
            ticket_type_name: Some("V\"I\"P".into()),
            registration_id: None,
            amount_cents: Some("450000".into()),
            currency: Some("RUB".into()),
            properties: Some(r#"{"note": "two\nlines"}"#.into()),
        }
    }

    #[test]
    fn a_fact_is_one_line_with_a_time_in_microseconds() {
        let text = String::from_utf8(lines(&[fact()]).unwrap()).unwrap();
        insta::assert_snapshot!(text.trim_end(), @r#"00000000-0000-0000-0000-000000000001,2026-11-23T10:00:00.000120Z,payment.completed,,00000000-0000-0000-0000-000000000002,"a, b",,"V""I""P",,450000,RUB,"{""note"":""two\nlines""}""#);
    }

    #[test]
    fn a_text_that_begins_like_a_formula_gets_an_apostrophe_and_a_number_none() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            let mut refund = fact();
            refund.source = format!("{start}1");
            refund.ticket_type_name = Some(format!("{start}1"));
            refund.amount_cents = Some("-450000".into());
            let line = lines(&[refund]).unwrap();
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(&line[..]);
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!(record[5], format!("'{start}1"));
            assert_eq!(record[7], format!("'{start}1"));
            assert_eq!(&record[9], "-450000");
        }
    }

    #[tokio::test]
    async fn facts_that_break_off_break_the_body_off() {
        let (sender, facts) = tokio::sync::mpsc::channel(2);
        sender.send(Piece::Rows(vec![fact()])).await.unwrap();
        drop(sender);
        let body = body(facts).await.unwrap();
        assert!(body.into_bytes().await.is_err());
    }

    #[tokio::test]
    async fn no_facts_are_a_file_with_a_header_only() {
        let (sender, facts) = tokio::sync::mpsc::channel(2);
        sender.send(Piece::Rows(vec![])).await.unwrap();
        sender.send(Piece::End).await.unwrap();
        let text = body(facts).await.unwrap().into_string().await.unwrap();
        assert_eq!(text, format!("{}\n", columns::NAMES.join(",")));
    }
}
