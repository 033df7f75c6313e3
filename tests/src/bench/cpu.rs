//! The CPU time that each process used during a measurement, as counted by the kernel.
//!
//! Servers are found by the names of their processes, so all their work counts: the figures are valid on
//! an otherwise idle machine only.

use std::{fs, iter};

/// Ticks per second: 100 in the interfaces of Linux, independently of its timer frequency.
const TICKS: f64 = 100.0;

/// The process that is measured.
#[derive(Clone, Copy, Debug)]
pub enum Measured {
    /// A running process, by its id.
    Running(u32),
    /// A child process that exits before the end of the measurement.
    Child,
    /// No process but the servers.
    Nobody,
}

/// CPU seconds; `None` where there is no such process on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    /// Of the measured process.
    pub service: Option<f64>,
    /// Of PostgreSQL, all of its processes.
    pub postgres: Option<f64>,
    /// Of RabbitMQ.
    pub rabbitmq: Option<f64>,
    /// Of the bench itself.
    pub client: Option<f64>,
    /// Of everything else on the machine, with the time that the kernel attributes to no process.
    pub rest: Option<f64>,
}

/// Ticks since the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    service: Option<u64>,
    postgres: Option<u64>,
    rabbitmq: Option<u64>,
    client: Option<u64>,
    machine: Option<u64>,
}

/// The times in `/proc/<pid>/stat`.
struct Stat {
    name: String,
    own: u64,
    /// Of children that have exited and were waited for.
    ended: u64,
}

impl Reading {
    /// Reads the current values.
    #[must_use]
    pub fn now(measured: Measured) -> Self {
        let us = stat("self");
        let mut reading = Self {
            service: match measured {
                Measured::Running(id) => stat(&id.to_string()).map(|stat| stat.own),
                Measured::Child => us.as_ref().map(|stat| stat.ended),
                Measured::Nobody => None,
            },
            client: us.as_ref().map(|stat| stat.own),
            machine: machine(),
            ..Self::default()
        };
        for Stat { name, own, ended } in processes() {
            let server = match name.as_str() {
                // Each connection is a process; its parent inherits its time when it exits.
                "postgres" => &mut reading.postgres,
                "beam.smp" => &mut reading.rabbitmq,
                _ => continue,
            };
            *server = Some(server.unwrap_or_default() + own + ended);
        }
        reading
    }

    /// The time used since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Self) -> Cpu {
        let used = |now: Option<u64>, then: Option<u64>| Some(now?.saturating_sub(then?));
        let parts = [
            used(self.service, earlier.service),
            used(self.postgres, earlier.postgres),
            used(self.rabbitmq, earlier.rabbitmq),
            used(self.client, earlier.client),
        ];
        let known: u64 = parts.iter().flatten().sum();
        let rest = used(self.machine, earlier.machine).map(|all| all.saturating_sub(known));
        let [service, postgres, rabbitmq, client] = parts.map(seconds);
        Cpu {
            service,
            postgres,
            rabbitmq,
            client,
            rest: seconds(rest),
        }
    }
}

impl Cpu {
    /// The sum of both; a process that is missing in one is missing in the sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let sum = |one: Option<f64>, other: Option<f64>| Some(one? + other?);
        Self {
            service: sum(self.service, other.service),
            postgres: sum(self.postgres, other.postgres),
            rabbitmq: sum(self.rabbitmq, other.rabbitmq),
            client: sum(self.client, other.client),
            rest: sum(self.rest, other.rest),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn seconds(ticks: Option<u64>) -> Option<f64> {
    ticks.map(|ticks| ticks as f64 / TICKS)
}

fn processes() -> impl Iterator<Item = Stat> {
    let mut entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    iter::from_fn(move || {
        entries.find_map(|entry| {
            let name = entry.file_name();
            let is_process = name
                .to_string_lossy()
                .starts_with(|c: char| c.is_ascii_digit());
            is_process.then(|| stat(&name.to_string_lossy()))?
        })
    })
}

/// Reads the times of a process; `None` if it has exited.
fn stat(process: &str) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

/// A process name can contain parentheses; it ends at the last one.
fn parse_stat(line: &str) -> Option<Stat> {
    let (begin, rest) = line.rsplit_once(')')?;
    let (_, name) = begin.split_once('(')?;
    // The first is the third field of the line; utime, stime, cutime and cstime are 14 to 17.
    let ticks = |field: usize| {
        rest.split_ascii_whitespace()
            .nth(field - 3)?
            .parse::<u64>()
            .ok()
    };
    Some(Stat {
        name: name.to_owned(),
        own: ticks(14)? + ticks(15)?,
        ended: ticks(16)? + ticks(17)?,
    })
}

/// The busy ticks of all CPUs.
fn machine() -> Option<u64> {
    parse_machine(&fs::read_to_string("/proc/stat").ok()?)
}

/// Columns are user, nice, system, idle, iowait, irq, softirq; the rest (steal, guest) is not used.
fn parse_machine(text: &str) -> Option<u64> {
    let ticks = text.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = ticks
        .split_ascii_whitespace()
        .map_while(|ticks| ticks.parse().ok())
        .collect();
    Some(
        [0, 1, 2, 5, 6]
            .iter()
            .filter_map(|&column| ticks.get(column))
            .sum(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_process_are_found_behind_any_name() {
        let line = "42 (odd) name (x) S 1 42 42 0 -1 4194560 9 8 7 6 150 50 30 20 20 0 1 0 99";
        let stat = parse_stat(line).unwrap();
        assert_eq!(stat.name, "odd) name (x");
        assert_eq!((stat.own, stat.ended), (200, 50));
    }

    #[test]
    fn an_idle_machine_is_not_busy() {
        let text = "cpu  10 1 20 5000 300 4 5 60 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(parse_machine(text), Some(40));
    }

    #[test]
    fn what_we_do_ourselves_is_counted_to_the_client() {
        let before = Reading::now(Measured::Nobody);
        let began = std::time::Instant::now();
        let mut sum = 0_u64;
        while began.elapsed().as_millis() < 300 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let used = Reading::now(Measured::Nobody).since(before);
        assert!(used.client.unwrap() >= 0.1, "{used:?}");
        assert!(used.service.is_none());
    }
}
