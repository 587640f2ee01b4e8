//! What `/proc` tells of the program and the processes under it.

use anyhow::Context;
use serde::Serialize;
use std::fs;
use std::path::PathBuf;

/// Memory in MiB.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Memory {
    /// The program itself, resident: all of it, the pages of its file too.
    pub program: f64,
    /// Its guardian, resident; most of it are pages of the same file.
    pub guardian: f64,
    /// The private PostgreSQL: the proportional share of all its processes, so that what they
    /// share counts once.
    pub postgres: f64,
}

/// The memory of a program and of what runs under it.
pub fn memory(pid: u32) -> anyhow::Result<Memory> {
    let mut memory = Memory {
        program: resident(pid)?,
        guardian: 0.0,
        postgres: 0.0,
    };
    for under in descendants(pid)? {
        // A process may have ended since it was seen.
        if is_postgres(under) {
            memory.postgres += kibibytes(under, "smaps_rollup", "Pss:").unwrap_or(0.0) / 1024.0;
        } else {
            memory.guardian += kibibytes(under, "status", "VmRSS:").unwrap_or(0.0) / 1024.0;
        }
    }
    Ok(memory)
}

/// What the program itself takes, in MiB: for who asks often. What is PostgreSQL's is added up page by page, which
/// holds it up meanwhile.
pub fn resident(pid: u32) -> anyhow::Result<f64> {
    Ok(kibibytes(pid, "status", "VmRSS:")? / 1024.0)
}

/// Processor time in seconds, since the start.
#[derive(Debug, Clone, Copy)]
pub struct Processor {
    /// The program itself.
    pub program: f64,
    /// The private PostgreSQL, with its processes that have ended.
    pub postgres: f64,
}

/// The processor time of a program and of the PostgreSQL under it.
pub fn processor(pid: u32) -> anyhow::Result<Processor> {
    let postgres = descendants(pid)?
        .into_iter()
        .filter(|pid| is_postgres(*pid));
    Ok(Processor {
        program: seconds(pid).context("the program has ended")?,
        postgres: postgres.filter_map(seconds).sum(),
    })
}

/// Of the process and of its children that have ended.
fn seconds(pid: u32) -> Option<f64> {
    /// Linux counts in hundredths for everybody who asks in `/proc`.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields = stat.rsplit_once(") ")?.1.split(' ').skip(11).take(4);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Some(ticks as f64 / TICKS)
}

/// The folder that the private server's programs come from, where `pgbench` lies beside them.
pub fn postgres_bin(pid: u32) -> anyhow::Result<PathBuf> {
    descendants(pid)?
        .into_iter()
        .filter(|under| is_postgres(*under))
        .find_map(|under| Some(executable(under)?.parent()?.to_owned()))
        .context("no PostgreSQL runs under the program")
}

fn executable(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

fn is_postgres(pid: u32) -> bool {
    executable(pid).is_some_and(|path| path.ends_with("postgres"))
}

fn kibibytes(pid: u32, file: &str, field: &str) -> anyhow::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}"))?;
    text.lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .with_context(|| format!("/proc/{pid}/{file} has no {field}"))
}

/// Children, their children, and so on.
fn descendants(pid: u32) -> anyhow::Result<Vec<u32>> {
    let mut pairs = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(child) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        if let Some(parent) = parent(&stat) {
            pairs.push((child, parent));
        }
    }
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(pairs.iter().filter(|pair| pair.1 == parent).map(|p| p.0));
        next += 1;
    }
    Ok(found.split_off(1))
}

/// The parent in a line of `/proc/<pid>/stat`; the name before it may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parent;

    #[test]
    fn the_parent_stands_after_the_name() {
        assert_eq!(parent("7 (a b) c) S 5 7 7 0"), Some(5));
        assert_eq!(parent("nonsense"), None);
    }
}
