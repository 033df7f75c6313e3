//! The command `dead-letters`: lists, shows, replays and purges dead letters.

mod print;
mod queue;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    connection::{check_tls, connect},
    delivery::body,
    publisher::Publisher,
    topology::Topology,
};
use crate::config::AmqpConfig;
use queue::{DeadLetter, DeadLetterQueue};

/// The arguments of the command `dead-letters`.
#[derive(Args, Clone, Debug)]
pub struct DeadLettersConfig {
    /// The broker and the queue.
    #[command(flatten)]
    pub amqp: AmqpConfig,
    /// The action.
    #[command(subcommand)]
    pub action: Action,
}

/// An action on dead letters.
#[derive(Subcommand, Clone, Debug)]
pub enum Action {
    /// List dead letters with their reasons.
    List {
        /// The dead letters to list.
        #[command(flatten)]
        filter: Filter,
        /// The maximum number of dead letters to list.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show a dead letter with its body, which may contain personal data.
    Show {
        /// Its id, as shown by `list`.
        id: String,
    },
    /// Publish dead letters to the queue again, as new messages.
    Replay {
        /// The dead letters to replay; by default all.
        #[command(flatten)]
        filter: Filter,
    },
    /// Delete dead letters.
    Purge {
        /// The dead letters to delete; by default all.
        #[command(flatten)]
        filter: Filter,
        /// Confirm the deletion.
        #[arg(long)]
        yes: bool,
    },
}

/// A selection of dead letters.
#[derive(Args, Clone, Debug, Default)]
pub struct Filter {
    /// Only dead letters whose reason contains this text.
    #[arg(long)]
    pub reason: Option<String>,
    /// Only dead letters with this routing key.
    #[arg(long)]
    pub key: Option<String>,
    /// Only the dead letter with this id.
    #[arg(long)]
    pub id: Option<String>,
}

impl Filter {
    fn matches(&self, letter: &DeadLetter) -> bool {
        let is = |expected: &Option<String>, text: &str| {
            expected.as_deref().is_none_or(|expected| expected == text)
        };
        let reason = self.reason.as_deref();
        is(&self.id, &letter.id())
            && is(&self.key, letter.routing_key())
            && reason.is_none_or(|reason| letter.reason().contains(reason))
    }
}

/// Runs the command. Dead letters that it does not remove stay in the queue.
pub async fn run(config: DeadLettersConfig) -> anyhow::Result<()> {
    check_tls(&config.amqp).map_err(anyhow::Error::msg)?;
    let connection = connect(&config.amqp, "analytics-ingest dead-letters")
        .await
        .context("cannot connect to RabbitMQ; is it running, and is the URL correct?")?;
    let topology = Topology::new(&config.amqp);
    let mut queue = DeadLetterQueue::open(&connection, &topology.dead_letters).await?;
    let publisher = Publisher::new(&connection, topology, &config.amqp).await?;
    match config.action {
        Action::List { filter, limit } => {
            let found = queue.find(limit, |letter| filter.matches(letter)).await?;
            print::list(&found, queue.initial_len());
        }
        Action::Show { id } => {
            let found = queue.find(1, |letter| letter.id() == id).await?;
            let Some(letter) = found.first() else {
                let all = queue.initial_len();
                bail!("there is no dead letter {id} among the {all} in the queue");
            };
            // What cannot be decompressed is shown as it is.
            let body = body::decompress(&letter.delivery).await;
            print::letter(letter, body.as_deref().unwrap_or(&letter.delivery.data));
        }
        Action::Replay { filter } => {
            let (removed, kept) = remove(&mut queue, &filter, Some(&publisher)).await?;
            print::summary("replayed", removed, kept);
        }
        Action::Purge { yes: false, .. } => bail!("purge is irreversible: confirm it with --yes"),
        Action::Purge { filter, yes: true } => {
            let (removed, kept) = remove(&mut queue, &filter, None).await?;
            print::summary("deleted", removed, kept);
        }
    }
    queue.requeue_unremoved().await?;
    // Closing the connection flushes both channels.
    connection.close(200, "done".into()).await?;
    Ok(())
}

/// Removes the dead letters that match, each after `replay` has published it, if given. Returns the numbers
/// of those that were removed and kept.
async fn remove(
    queue: &mut DeadLetterQueue,
    filter: &Filter,
    replay: Option<&Publisher>,
) -> anyhow::Result<(u64, u64)> {
    let bar = progress_bar(queue.initial_len())?;
    let (mut removed, mut kept) = (0, 0);
    while let Some(letter) = queue.next().await? {
        bar.inc(1);
        if !filter.matches(&letter) {
            kept += 1;
            continue;
        }
        if let Some(publisher) = replay {
            let replaying = publisher.replay(&letter.delivery);
            replaying.await.context("the broker did not confirm")?;
        }
        letter.remove().await?;
        removed += 1;
    }
    bar.finish_and_clear();
    Ok((removed, kept))
}

/// A bar, hidden unless standard error is a terminal.
fn progress_bar(len: u32) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len}, {per_sec}, {eta} left")?;
    Ok(ProgressBar::new(len.into()).with_style(style))
}
