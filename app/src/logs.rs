//! Structured logs on standard error.

use crate::settings::{SettingError, Settings};
use std::io::{BufWriter, IsTerminal, Stderr, Write, stderr};
use std::time::Duration;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// Starts logging; commands log only what should worry somebody. What is left to write is written
/// when the guard goes.
pub fn start(settings: &Settings, serving: bool) -> Result<Option<WorkerGuard>, SettingError> {
    let filter = if serving {
        settings.log.as_str()
    } else {
        "warn"
    };
    let filter = EnvFilter::try_new(filter).map_err(|error| SettingError {
        name: "SINDICO_LOG".to_owned(),
        problem: format!("{:?} is not a filter: {error}", settings.log),
    })?;
    let (writer, guard) = writer(serving);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    if settings.log_json {
        builder.json().flatten_event(true).init();
    } else {
        builder
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .init();
    }
    Ok(guard)
}

/// Standard error. Requests do not wait for each other's lines: a thread of its own writes as many at
/// once as there are. No line is dropped; who reads them too slowly slows the program down.
fn writer(serving: bool) -> (BoxMakeWriter, Option<WorkerGuard>) {
    if !serving {
        return (BoxMakeWriter::new(stderr), None);
    }
    let lines = Batches(BufWriter::with_capacity(64 * 1024, stderr()));
    let (writer, guard) = NonBlockingBuilder::default().lossy(false).finish(lines);
    (BoxMakeWriter::new(writer), Some(guard))
}

/// Lines are written together when several come within [`PAUSE`]; else each would wake the thread
/// that writes them, which takes as long as a quarter of an answer.
struct Batches(BufWriter<Stderr>);

/// How much later a line may be written than it was logged.
const PAUSE: Duration = Duration::from_millis(2);

impl Write for Batches {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.write(line)
    }

    /// Called when no more lines wait.
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()?;
        std::thread::sleep(PAUSE);
        Ok(())
    }
}
