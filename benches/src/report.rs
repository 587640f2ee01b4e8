//! What came out, as a table and as JSON.

use crate::processes::Memory;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;

/// The aims: a second start within this time, and this much resident memory when idle, in MiB.
const START_AIM: Duration = Duration::from_secs(1);
const MEMORY_AIM: f64 = 40.0;

/// Everything that was measured.
pub struct Report {
    pub first_start: Duration,
    pub start: Duration,
    pub idle: Memory,
    pub loaded: Memory,
    pub reads: Vec<Read>,
}

/// One kind of read with so many connections.
pub struct Read {
    pub what: &'static str,
    /// The ratio to reach.
    pub aim: Option<f64>,
    pub connections: usize,
    /// Answers a second of the program.
    pub ours: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Transactions a second of `pgbench`.
    pub theirs: f64,
}

impl Read {
    /// Takes the medians of the rounds.
    pub fn new(
        connections: usize,
        ours: Vec<f64>,
        mut times: Vec<Duration>,
        theirs: Vec<f64>,
    ) -> Self {
        times.sort_unstable();
        Self {
            what: "",
            aim: None,
            connections,
            ours: median(ours),
            p50: times[times.len() / 2],
            p99: times[times.len() * 99 / 100],
            theirs: median(theirs),
        }
    }

    fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }

    fn met(&self) -> Option<bool> {
        self.aim.map(|aim| self.ratio() >= aim)
    }
}

/// The value in the middle.
pub fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "ok",
        Some(false) => "missed",
        None => "",
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

impl Report {
    /// For people.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<13} {:>7} {:>10} {:>9} {:>9} {:>11} {:>6}  {:<7}\n",
            "READ", "AT ONCE", "SÍNDICO/s", "P50 ms", "P99 ms", "PGBENCH/s", "RATIO", "AIM"
        );
        for read in &self.reads {
            let aim = read.aim.map(|aim| format!(">= {aim:.2}"));
            let _ = writeln!(
                text,
                "{:<13} {:>7} {:>10.0} {:>9.2} {:>9.2} {:>11.0} {:>6.2}  {:<7} {}",
                read.what,
                read.connections,
                read.ours,
                milliseconds(read.p50),
                milliseconds(read.p99),
                read.theirs,
                read.ratio(),
                aim.unwrap_or_default(),
                verdict(read.met()),
            );
        }
        let mut line = |what: &str, value: String, aim: &str, met: Option<bool>| {
            let row = format!("{what:<34} {value:>9}  {aim:<11} {}", verdict(met));
            text.push_str(row.trim_end());
            text.push('\n');
        };
        line("", String::new(), "", None);
        let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        line(
            "first start, with initdb",
            seconds(self.first_start),
            "",
            None,
        );
        let started = self.start < START_AIM;
        line("later start", seconds(self.start), "< 1 s", Some(started));
        let mib = |value: f64| format!("{value:.1} MiB");
        let light = self.idle.program < MEMORY_AIM;
        line(
            "resident, idle after the start",
            mib(self.idle.program),
            "< 40 MiB",
            Some(light),
        );
        for (what, value) in [
            ("resident, idle after the load", self.loaded.program),
            ("  its guardian", self.loaded.guardian),
            ("  its PostgreSQL, after the start", self.idle.postgres),
            ("  its PostgreSQL, after the load", self.loaded.postgres),
        ] {
            line(what, mib(value), "", None);
        }
        text
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let reads: Vec<_> = self
            .reads
            .iter()
            .map(|read| {
                json!({
                    "read": read.what,
                    "connections": read.connections,
                    "sindico_per_second": read.ours,
                    "p50_ms": milliseconds(read.p50),
                    "p99_ms": milliseconds(read.p99),
                    "pgbench_per_second": read.theirs,
                    "ratio": read.ratio(),
                    "aim": read.aim,
                    "met": read.met(),
                })
            })
            .collect();
        json!({
            "reads": reads,
            "start": {
                "first_seconds": self.first_start.as_secs_f64(),
                "later_seconds": self.start.as_secs_f64(),
                "aim": START_AIM.as_secs_f64(),
                "met": self.start < START_AIM,
            },
            "memory_mib": {
                "idle": self.idle,
                "after_load": self.loaded,
                "aim": MEMORY_AIM,
                "met": self.idle.program < MEMORY_AIM,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ours: f64) -> Report {
        let memory = Memory {
            program: 20.0,
            guardian: 3.0,
            postgres: 50.0,
        };
        let times = (1..=100).map(Duration::from_millis).collect();
        let read = Read::new(8, vec![ours, 1.0, 1e9], times, vec![300.0]);
        Report {
            first_start: Duration::from_millis(900),
            start: Duration::from_millis(300),
            idle: memory,
            loaded: memory,
            reads: vec![Read {
                what: "one tenant",
                aim: Some(1.0 / 3.0),
                ..read
            }],
        }
    }

    #[test]
    fn the_median_of_the_rounds_is_judged() {
        assert_eq!(report(120.0).json()["reads"][0]["met"], true);
        assert_eq!(report(90.0).json()["reads"][0]["met"], false);
        assert_eq!(report(90.0).json()["reads"][0]["p99_ms"], 100.0);
    }

    #[test]
    fn the_table_says_what_is_missed() {
        let table = report(90.0).table();
        assert!(table.contains("0.30  >= 0.33 missed"), "{table}");
        assert!(table.contains("20.0 MiB  < 40 MiB    ok"), "{table}");
    }
}
