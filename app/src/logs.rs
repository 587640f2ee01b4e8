//! Structured logs on standard error.

use crate::settings::{SettingError, Settings};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging; commands log only what should worry somebody.
pub fn start(settings: &Settings, serving: bool) -> Result<(), SettingError> {
    let filter = if serving {
        settings.log.as_str()
    } else {
        "warn"
    };
    let filter = EnvFilter::try_new(filter).map_err(|error| SettingError {
        name: "SINDICO_LOG".to_owned(),
        problem: format!("{:?} is not a filter: {error}", settings.log),
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if settings.log_json {
        builder.json().flatten_event(true).init();
    } else {
        builder
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .init();
    }
    Ok(())
}
