//! What commands print: results on standard output, everything else on standard error.

use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

/// One clear line on standard error.
pub fn error(message: &str) {
    let line = message.replace(['\n', '\r'], " ");
    let _ = writeln!(io::stderr(), "sindico: {line}");
}

/// A remark on standard error, beside the result.
pub fn note(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Text on standard output. A reader that has gone away (`| head`) is no fault.
pub fn text(text: &str) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// JSON on standard output.
pub fn json(value: &impl Serialize) -> anyhow::Result<ExitCode> {
    text(&serde_json::to_string_pretty(value)?)
}

/// A table without lines: easy on the eye, and on `awk`.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> anyhow::Result<ExitCode> {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(header);
    table.add_rows(rows);
    let plain: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    text(&plain.join("\n"))
}

/// Names and values below each other.
pub fn pairs(pairs: &[(&str, String)]) -> anyhow::Result<ExitCode> {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name:width$}  {value}").trim_end().to_owned())
        .collect();
    text(&lines.join("\n"))
}
