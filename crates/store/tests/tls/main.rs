//! TLS against real servers: one with it, one without, with certificates that the tests make.
#![allow(clippy::unwrap_used, reason = "a test may end at once")]

mod hanging;
mod modes;
mod pools;
mod support;

/// Not a test: what the private PostgreSQL's guardian starts in.
#[test]
#[ignore = "the guardian's entry"]
fn guardian() {
    // The harness has begun a line that the program must not take for the guardian's.
    println!();
    let args = std::env::args_os().skip_while(|arg| arg != "--").skip(1);
    std::process::exit(sindico_embedded::guardian_main(args));
}
