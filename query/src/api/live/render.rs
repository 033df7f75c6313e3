//! The rendering of updates as server-sent events.

use super::response::LiveMetrics;
use crate::{
    cache::CachedResponse,
    live::{LiveSnapshot, LiveUpdate},
};

/// Renders the event `metrics`, once for all subscribers.
pub fn render(snapshot: LiveSnapshot) -> LiveUpdate {
    render_json(CachedResponse::new(&LiveMetrics::from(snapshot)))
}

/// Builds the event of serialized metrics.
pub fn render_json(response: CachedResponse) -> LiveUpdate {
    let id = response.etag.trim_matches('"');
    let mut frame = format!("id: {id}\nevent: metrics\ndata: ").into_bytes();
    frame.extend_from_slice(&response.json);
    frame.extend_from_slice(b"\n\n");
    LiveUpdate {
        id: id.into(),
        json: response.json,
        frame: frame.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analytics::{EventSummary, LiveTotals},
        api::responses::examples,
    };

    #[test]
    fn an_update_is_one_event_with_one_line_of_data() {
        let title = Some("Two\nlines\r\n\ndata: {}".to_owned());
        let summary = EventSummary::of_rows(examples::EVENT, &[]);
        let totals = LiveTotals::of(&summary, examples::period());
        let snapshot = LiveSnapshot {
            event_id: examples::EVENT,
            title: title.clone(),
            zone: examples::ZONE,
            as_of: examples::time(),
            totals,
        };
        let update = render(snapshot);
        let text = String::from_utf8(update.frame.to_vec()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], format!("id: {}", update.id));
        assert_eq!(lines[1], "event: metrics");
        let data = lines[2].strip_prefix("data: ").unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["title"].as_str(), title.as_deref());
        assert_eq!(lines[3..], [""]);
    }
}
