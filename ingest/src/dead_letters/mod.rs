//! Working with dead letters: looking at them, giving them back, throwing them away.

mod letters;
mod print;

use std::io::IsTerminal;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use lapin::{Connection, ConnectionProperties};

use crate::{
    amqp::{Publisher, Topology},
    config::AmqpConfig,
};
use letters::{Letter, Letters};

/// What to do with dead letters.
#[derive(Args, Clone, Debug)]
pub struct DeadLettersConfig {
    /// The broker and the queue whose dead letters they are.
    #[command(flatten)]
    pub amqp: AmqpConfig,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with dead letters.
#[derive(Subcommand, Clone, Debug)]
pub enum Action {
    /// List them with the reason of each; nothing is changed.
    List {
        /// Which ones.
        #[command(flatten)]
        filter: Filter,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show one whole, body included: it may hold personal data.
    Show {
        /// Its id in `list`.
        id: String,
    },
    /// Give them back to the queue, to be taken as if they came for the first time.
    Replay {
        /// Which ones; all, if not said.
        #[command(flatten)]
        filter: Filter,
    },
    /// Delete them for good.
    Purge {
        /// Which ones; all, if not said.
        #[command(flatten)]
        filter: Filter,
        /// Confirms that they are to be deleted.
        #[arg(long)]
        yes: bool,
    },
}

/// Some of the dead letters.
#[derive(Args, Clone, Debug, Default)]
pub struct Filter {
    /// Only those whose reason contains this text.
    #[arg(long)]
    pub reason: Option<String>,
    /// Only those with this routing key.
    #[arg(long)]
    pub key: Option<String>,
    /// Only the one with this id.
    #[arg(long)]
    pub id: Option<String>,
}

impl Filter {
    fn matches(&self, letter: &Letter) -> bool {
        let is =
            |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|it| it == text);
        is(&self.id, &letter.id())
            && is(&self.key, letter.routing_key())
            && self
                .reason
                .as_deref()
                .is_none_or(|reason| letter.reason().contains(reason))
    }
}

/// Does what was asked for.
///
/// # Errors
/// When the broker cannot be asked; letters that were not dealt with stay where they are.
pub async fn run(config: DeadLettersConfig) -> anyhow::Result<()> {
    let url = config
        .amqp
        .amqp_url
        .as_ref()
        .context("no broker: set AMQP_URL")?;
    let connection = Connection::connect(url.expose(), ConnectionProperties::default())
        .await
        .context("cannot connect to RabbitMQ; is it running, and is the URL right?")?;
    let topology = Topology::of(&config.amqp);
    let mut letters = Letters::of(&connection, &topology.dead_letters).await?;
    let publisher = Publisher::on(&connection, topology, &config.amqp).await?;
    match config.action {
        Action::List { filter, limit } => {
            let found = letters.some(limit, |letter| filter.matches(letter)).await?;
            print::list(&found, letters.waiting());
        }
        Action::Show { id } => {
            let found = letters.some(1, |letter| letter.id() == id).await?;
            let Some(letter) = found.first() else {
                bail!(
                    "there is no dead letter {id} among the {} that wait",
                    letters.waiting()
                );
            };
            print::one(letter);
        }
        Action::Replay { filter } => {
            let bar = progress(letters.waiting());
            let (mut done, mut kept) = (0_u64, 0_u64);
            while let Some(letter) = letters.next().await? {
                bar.inc(1);
                if filter.matches(&letter) {
                    publisher
                        .replay(&letter.delivery)
                        .await
                        .context("the broker did not take it")?;
                    letter.remove().await?;
                    done += 1;
                } else {
                    kept += 1;
                }
            }
            bar.finish_and_clear();
            print::done("given back", done, kept);
        }
        Action::Purge { yes: false, .. } => bail!("purge deletes for good: say --yes"),
        Action::Purge { filter, yes: true } => {
            let bar = progress(letters.waiting());
            let (mut done, mut kept) = (0_u64, 0_u64);
            while let Some(letter) = letters.next().await? {
                bar.inc(1);
                if filter.matches(&letter) {
                    letter.remove().await?;
                    done += 1;
                } else {
                    kept += 1;
                }
            }
            bar.finish_and_clear();
            print::done("deleted", done, kept);
        }
    }
    letters.put_back().await?;
    // Both channels are still there: closing the connection waits until all was sent.
    connection.close(200, "done".into()).await?;
    Ok(())
}

fn progress(of: u32) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len}, {per_sec}, {eta} left");
    let bar = ProgressBar::new(of.into());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
