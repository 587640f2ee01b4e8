//! What came out, as a table and as JSON.

use crate::http::Load;
use crate::pgbench::Run;
use crate::processes::Memory;
use serde::Serialize;
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
    pub tenants: crate::tenants::Measured,
}

/// One kind of read with so many connections: what each round brought.
#[derive(Default)]
pub struct Read {
    what: &'static str,
    /// The ratio to reach.
    aim: Option<f64>,
    /// Connections at once.
    pub connections: usize,
    /// What all rounds together took.
    pub work: Work,
    /// Answers a second of the program.
    ours: Vec<f64>,
    /// How long each answer took.
    times: Vec<Duration>,
    /// Transactions a second of `pgbench`.
    theirs: Vec<f64>,
    transactions: f64,
}

/// Processor time in seconds. It tells more than the rates where other programs are at work too.
#[derive(Default)]
pub struct Work {
    /// The program's own.
    pub program: f64,
    /// PostgreSQL's for the program.
    pub postgres: f64,
    /// PostgreSQL's for `pgbench`.
    pub pgbench: f64,
}

impl Read {
    /// Nothing yet.
    pub fn new(what: &'static str, aim: Option<f64>, connections: usize) -> Self {
        Self {
            what,
            aim,
            connections,
            ..Self::default()
        }
    }

    /// Adds a round of the program.
    pub fn load(&mut self, load: Load) {
        self.ours.push(load.rate);
        self.times.extend(load.times);
    }

    /// Adds a round of `pgbench`.
    pub fn pgbench(&mut self, run: Run) {
        self.theirs.push(run.rate);
        self.transactions += run.transactions;
    }

    /// The program's answers a second: the median of the rounds.
    pub fn rate(&self) -> f64 {
        median(self.ours.clone())
    }

    /// The medians of the rounds, and the means of the work.
    fn outcome(&self) -> Outcome {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e3;
        let (ours, theirs) = (median(self.ours.clone()), median(self.theirs.clone()));
        let answers = times.len() as f64;
        let ratio = ours / theirs;
        Outcome {
            read: self.what,
            connections: self.connections,
            sindico_per_second: ours,
            p50_ms: at(50),
            p99_ms: at(99),
            pgbench_per_second: theirs,
            ratio,
            aim: self.aim,
            met: self.aim.map(|aim| ratio >= aim),
            processor_us: [
                self.work.program / answers * 1e6,
                self.work.postgres / answers * 1e6,
                self.work.pgbench / self.transactions * 1e6,
            ],
        }
    }
}

#[derive(Serialize)]
struct Outcome {
    read: &'static str,
    connections: usize,
    sindico_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    pgbench_per_second: f64,
    ratio: f64,
    aim: Option<f64>,
    met: Option<bool>,
    /// An answer's: the program's, PostgreSQL's for it; and PostgreSQL's for `pgbench`.
    processor_us: [f64; 3],
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

impl Report {
    /// For people.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<22} {:>7} {:>10} {:>7} {:>7} {:>10}  {:<22} {:>5}  AIM\n",
            "READ",
            "AT ONCE",
            "SÍNDICO/s",
            "P50 ms",
            "P99 ms",
            "PGBENCH/s",
            "PROCESSOR us",
            "RATIO"
        );
        for read in self.all_reads().map(Read::outcome) {
            let aim = read.aim.map(|aim| format!(">= {aim:.2} "));
            let [program, postgres, pgbench] = read.processor_us;
            let row = format!(
                "{:<22} {:>7} {:>10.0} {:>7.2} {:>7.2} {:>10.0}  {:<22} {:>5.2}  {}{}",
                read.read,
                read.connections,
                read.sindico_per_second,
                read.p50_ms,
                read.p99_ms,
                read.pgbench_per_second,
                format!("{program:.0} + {postgres:.0} : {pgbench:.0}"),
                read.ratio,
                aim.unwrap_or_default(),
                verdict(read.met),
            );
            let _ = writeln!(text, "{}", row.trim_end());
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
        for (what, value, aim, met) in self.tenants.lines() {
            line(&what, value, &aim, met);
        }
        text
    }

    fn all_reads(&self) -> impl Iterator<Item = &Read> {
        self.reads.iter().chain(&self.tenants.reads)
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let reads: Vec<_> = self.all_reads().map(Read::outcome).collect();
        json!({
            "reads": reads,
            "places": self.tenants.places,
            "fleet": self.tenants.fleet,
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
        let mut read = Read::new("one tenant", Some(1.0 / 3.0), 8);
        for rate in [ours, 1.0, 1e9] {
            let times = (0..100).map(Duration::from_millis).collect();
            read.load(Load { rate, times });
        }
        read.pgbench(Run {
            rate: 300.0,
            transactions: 1e6,
        });
        read.work.program = 0.003;
        Report {
            first_start: Duration::from_millis(900),
            start: Duration::from_millis(300),
            idle: memory,
            loaded: memory,
            reads: vec![read],
            tenants: crate::tenants::Measured::default(),
        }
    }

    #[test]
    fn the_median_of_the_rounds_is_judged() {
        assert_eq!(report(120.0).json()["reads"][0]["met"], true);
        assert_eq!(report(90.0).json()["reads"][0]["met"], false);
        assert_eq!(report(90.0).json()["reads"][0]["p99_ms"], 99.0);
    }

    #[test]
    fn the_table_says_what_is_missed() {
        let table = report(90.0).table();
        assert!(
            table.contains("10 + 0 : 0              0.30  >= 0.33 missed"),
            "{table}"
        );
        assert!(table.contains("20.0 MiB  < 40 MiB    ok"), "{table}");
    }
}
