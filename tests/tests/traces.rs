//! Traces show the way of facts and reads, by the conventions of OpenTelemetry, and cost little where they are not
//! wanted.

mod bounds;
mod conventions;
mod ways;

use analytics_tests::collector::ReceivedSpan;

/// The span with this name.
fn named<'a>(spans: &'a [ReceivedSpan], name: &str) -> &'a ReceivedSpan {
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("no `{name}` in {spans:#?}"))
}

/// The names of a span and its ancestors in the process and other ones, from the first.
fn way(spans: &[ReceivedSpan], last: &ReceivedSpan) -> Vec<String> {
    let mut names = vec![last.name.clone()];
    let mut parent = &last.parent;
    while let Some(span) = spans.iter().find(|span| span.id == *parent) {
        names.insert(0, span.name.clone());
        parent = &span.parent;
    }
    names
}
