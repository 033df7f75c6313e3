//! The demo: starts the real services, sends the facts of a [`Story`], prints the responses, and compares
//! every figure with the expected one.

mod answers;
mod compare;
mod live;
mod options;
mod page;
mod play;
mod ports;
mod show;
mod stage;

use analytics_shared::{clock, lifecycle};
use anyhow::{Context, anyhow, bail};
use serde_json::json;

pub use options::Options;

use crate::simulator::{Story, recount};
use answers::Reader;
use stage::Stage;

/// Runs the demo; returns whether every figure is as expected.
///
/// # Errors
/// When anything is missing or fails; all processes are stopped.
pub async fn run(options: Options) -> anyhow::Result<bool> {
    let stop = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let interrupted = || async {
        stop.cancelled().await;
        bail!("it was stopped before the figures were compared")
    };
    let (stage, mut services) = tokio::select! {
        set = Stage::set(&options) => set?,
        end = interrupted() => return end,
    };
    let story = Story::tell(options.views, clock::now());
    let mut end = tokio::select! {
        end = perform(&options, &stage, &story) => end,
        end = interrupted() => end,
        end = services.until_one_ends() => end,
    };
    if end.is_ok() && !options.exit {
        show::link(&stage, &story.event);
        end = tokio::select! {
            () = stop.cancelled() => end,
            end = live::go_on(&story.event, &stage) => end,
            end = services.until_one_ends() => end,
        };
    }
    println!("\nStopping both services");
    let stopped = services.stop().await;
    let end = end.map_err(|error| anyhow!("{error:#}\nLogs: {}", stage.logs));
    let cleared = stage.clear(options.clean).await;
    // The first error explains the others.
    let equal = end?;
    stopped.and(cleared)?;
    Ok(equal)
}

async fn perform(options: &Options, stage: &Stage, story: &Story) -> anyhow::Result<bool> {
    let played = play::play(story, stage).await?;
    let reader = Reader::new(&story.event, &stage.query);
    let visible = reader.until_visible(story.facts.len()).await?;
    show::played(story, &played, visible);

    show::step(
        5,
        "Read dashboard, funnel, report and exports, and compare every figure",
    );
    let answered = reader.everything(&stage.folder, &options.name).await?;
    let sent = json!({
        "receipts": played.expected_receipts,
        "dashboard": recount::dashboard(story, story.event.zone),
        "dashboard, days of New York": recount::dashboard(story, answers::ELSEWHERE),
        "funnel": recount::funnel(story),
        "report": recount::report(story),
        "export.csv": recount::export(story),
        "export.xlsx": recount::export(story),
    });
    let mut got = answered.figures;
    got["receipts"] = played.receipts;
    let comparison = compare::compare(&sent, &got);

    show::dashboard(&got["dashboard"]);
    show::funnel(&got["funnel"]);
    show::report(&got["report"]);
    show::places(stage, &story.event, &answered.files);
    show::verdict(&comparison);
    Ok(comparison.differences.is_empty())
}
