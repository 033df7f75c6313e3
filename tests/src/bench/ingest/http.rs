//! A run over HTTP: sends all bodies on several connections, and ends when the compaction backlog is within its
//! bound.

use super::{Bench, comparison::Run, stage};
use crate::bench::{
    backlog,
    client::{Body, Client},
    cpu::Measured,
    metrics::Metrics,
    mix::Fact,
    programs::Programs,
    progress,
    watch::Watch,
};

/// The requests of a transport.
pub struct Requests {
    /// The label of progress lines.
    pub what: String,
    /// Their path.
    pub path: &'static str,
    /// Concurrent requests, each on its own connection.
    pub connections: usize,
    /// Facts per request.
    pub facts: usize,
}

impl Requests {
    /// Measures a service of `programs`.
    ///
    /// # Errors
    /// When a fact is not stored.
    pub async fn run(&self, bench: &Bench, programs: &Programs) -> anyhow::Result<Run> {
        let what = programs.label(&self.what);
        let database = stage::database(bench, programs).await?;
        let mut ingest = stage::ingest(&database, programs).await;
        let mut client = Client::connect(&ingest.url(""), self.connections, &bench.token).await?;
        let bar = bench.workload.bar(what.clone());
        let bodies = self.bodies(bench.workload.all_kinds(&bench.mix));
        let watch = Watch::start(Measured::Running(ingest.id()));
        let sent = client.post_all(self.path, bodies, &bar).await?;
        let waited = backlog::wait(&database).await?;
        let lap = watch
            .stop(sent)
            .with_compaction_wait(waited)
            .with_peak(ingest.peak_memory_kib())
            .with_writing(Metrics::of(&ingest).await?.seconds_of_writer());
        bar.finish_and_clear();
        progress::ended(&what, "facts", &lap);
        ingest.terminate().await;
        stage::ensure_stored(&database, sent).await?;
        Ok(Run { lap, database })
    }

    /// Bodies of `facts`, generated as they are sent.
    pub fn bodies<F: Iterator<Item = Fact>>(
        &self,
        mut facts: F,
    ) -> impl Iterator<Item = Body> + use<F> {
        let size = self.facts;
        std::iter::from_fn(move || {
            if size == 1 {
                return facts.next().map(|fact| Body {
                    json: fact.request().into(),
                    facts: 1,
                });
            }
            let requests: Vec<String> = facts
                .by_ref()
                .take(size)
                .map(|fact| fact.request())
                .collect();
            (!requests.is_empty()).then(|| Body {
                json: format!("[{}]", requests.join(",")).into(),
                facts: requests.len(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::clock;
    use serde_json::Value;

    use super::*;
    use crate::bench::{
        ingest::{SHAPE, Workload},
        mix::Mix,
    };

    fn bodies(per_request: usize) -> Vec<Body> {
        let mix = Mix::of(1, &SHAPE, clock::now());
        let requests = Requests {
            what: String::new(),
            path: "/",
            connections: 1,
            facts: per_request,
        };
        let facts = Workload::Facts(1_050).all_kinds(&mix);
        requests.bodies(facts).collect()
    }

    #[test]
    fn a_single_fact_is_an_object() {
        let bodies = bodies(1);
        assert_eq!(bodies.len(), 1_050);
        for body in bodies {
            let fact: Value = serde_json::from_slice(&body.json).unwrap();
            assert!(fact["properties"].is_object() && body.facts == 1);
        }
    }

    #[test]
    fn the_last_batch_may_be_smaller() {
        let sizes: Vec<usize> = bodies(500)
            .iter()
            .map(|body| {
                let facts: Vec<Value> = serde_json::from_slice(&body.json).unwrap();
                assert_eq!(facts.len(), body.facts);
                facts.len()
            })
            .collect();
        assert_eq!(sizes, [500, 500, 50]);
    }
}
