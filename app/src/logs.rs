//! Structured logs on standard error.

mod lines;

use crate::settings::{SettingError, Settings};
use lines::Lines;
use sindico_web::gate::trace;
use std::fmt;
use std::io::{IsTerminal, stderr};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{DefaultFields, Format, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

pub use lines::Guard;

/// Starts logging; commands log only what should worry somebody. What is left to write is written
/// when the guard goes.
pub fn start(settings: &Settings, serving: bool) -> Result<Option<Guard>, SettingError> {
    let filter = if serving {
        settings.log.as_str()
    } else {
        "warn"
    };
    let filter = EnvFilter::try_new(filter).map_err(|error| SettingError {
        name: "SINDICO_LOG".to_owned(),
        problem: format!("{:?} is not a filter: {error}", settings.log),
    })?;
    if !serving {
        init(settings.log_json, filter, stderr);
        return Ok(None);
    }
    let (lines, guard) = Lines::start(stderr());
    init(settings.log_json, filter, lines);
    Ok(Some(guard))
}

fn init<W>(json: bool, filter: EnvFilter, writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    let format = Format::default();
    if json {
        let format = format.json().flatten_event(true);
        builder
            .fmt_fields(JsonFields::new())
            .event_format(OfRequest { format, json })
            .init();
    } else {
        let ansi = stderr().is_terminal();
        let format = format.with_target(false).with_ansi(ansi);
        builder
            .fmt_fields(DefaultFields::new())
            .with_ansi(ansi)
            .event_format(OfRequest { format, json })
            .init();
    }
}

/// Adds the request's id to each line that is logged on behalf of one.
struct OfRequest<F> {
    format: F,
    json: bool,
}

impl<S, N, F> FormatEvent<S, N> for OfRequest<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::with_capacity(256);
        self.format
            .format_event(context, Writer::new(&mut line), event)?;
        let Some(id) = trace::current_id() else {
            return writer.write_str(&line);
        };
        // An id needs no quotes: its alphabet has none.
        let line = line.trim_end_matches('\n');
        match line.strip_suffix('}').filter(|_| self.json) {
            Some(object) => writeln!(writer, "{object},\"request\":\"{id}\"}}"),
            None => writeln!(writer, "{line} request={id}"),
        }
    }
}
