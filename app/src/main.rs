//! `sindico`: one program that serves, provisions, migrates and administers.

mod cli;
mod command;
mod database;
mod listening;
mod logs;
mod output;
mod settings;

use std::process::ExitCode;

/// The hidden argument under which the program watches over its private PostgreSQL.
pub(crate) const GUARDIAN: &str = "__guardian";

/// The allocator of the C library has the threads wait for one another: a fifth of an answer's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The guardian must be nothing else: no runtime, no threads, no settings.
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|first| first == GUARDIAN) {
        return ExitCode::from(u8::try_from(sindico_embedded::guardian_main(args)).unwrap_or(1));
    }
    cli::run()
}
