//! The result of the simulation, and the URLs of the services.

use std::path::PathBuf;

use crate::{
    api::Api,
    demo::{compare::Comparison, play::Played, stage::Stage},
    form::{number, table, title},
    simulator::{Event, Story},
};

/// Prints the result of sending, and whether the facts are `visible` in the figures.
pub fn played(story: &Story, played: &Played, visible: bool) {
    let (posts, messages) = (story.posts.len() + story.live.len(), story.messages.len());
    let sent = posts + messages;
    let seconds = played.took.as_secs_f64();
    #[expect(
        clippy::cast_precision_loss,
        reason = "a demo sends fewer than 2^53 facts"
    )]
    let rate = sent as f64 / seconds;
    println!(
        "      {} requests and {} messages in {seconds:.1} s: {rate:.0} facts/s",
        number(posts as u64),
        number(messages as u64),
    );
    println!(
        "      {} of them repeat another, and {} come before the registration they are about",
        number((story.repeated_posts + story.repeated_messages) as u64),
        number(story.early_messages as u64),
    );
    let since = played.began.elapsed().as_secs_f64();
    if visible {
        println!("      all facts are in the figures {since:.1} s after the first was sent");
    } else {
        println!("      NOT ALL FACTS are in the figures {since:.0} s after the first was sent");
    }
}

/// Prints the paths of the exports, the URLs of the documents, and examples of commands.
pub fn places(stage: &Stage, event: &Event, files: &[(PathBuf, u64)]) {
    title("Look on");
    let (ingest, query) = (&stage.ingest, &stage.query);
    for (path, rows) in files {
        println!("export         {} ({} rows)", path.display(), number(*rows));
    }
    println!("API reference  {ingest}/docs and {query}/docs");
    println!("logs           {}", stage.logs);
    let reader = Api::at(query).of_tenant(event.tenant);
    println!("\nTOKEN={}", reader.token().unwrap_or_default());
    println!(
        "curl -s -H \"Authorization: Bearer $TOKEN\" {query}/api/v1/analytics/events/{}/dashboard",
        event.id
    );
    println!(
        "curl -s -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n  \
         -d '{{\"eventType\":\"page.view\",\"eventId\":\"{}\",\"properties\":{{\"source\":\"newsletter\",\"visitorId\":\"me\"}}}}' \\\n  \
         {ingest}/api/v1/analytics/track",
        event.id
    );
}

/// Prints the link to the page of the event, which signs its reader in.
pub fn link(stage: &Stage, event: &Event) {
    let reader = Api::at(&stage.query).of_tenant(event.tenant);
    // Browsers accept cookies with `Secure` of `localhost` without TLS.
    let origin = stage.query.replace("127.0.0.1", "localhost");
    println!(
        "\nThe event goes on, and its page shows it live:\n\n{}/app/events/{}#token={}\n\n\
         Ctrl-C ends the event and both services.",
        origin,
        event.id,
        reader.token().unwrap_or_default()
    );
}

/// Prints the result of the comparison.
pub fn verdict(comparison: &Comparison) {
    title("Sent and answered");
    let (figures, differences) = (comparison.figures, &comparison.differences);
    if differences.is_empty() {
        println!("Every figure equals what was sent ({figures} figures compared).");
        return;
    }
    let rows = differences
        .iter()
        .map(|one| [one.figure.clone(), one.sent.clone(), one.answered.clone()]);
    table(["figure", "sent", "answered"], [false, true, true], rows);
    println!(
        "{} of {figures} figures are NOT what was sent.",
        differences.len()
    );
}
