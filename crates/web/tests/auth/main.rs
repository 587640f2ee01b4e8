//! Sign-in over the router, with a private PostgreSQL: one server for this program, one database a
//! test.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test's helpers may panic like the test"
)]

mod mail;
mod page;
mod reset;
mod session;
mod support;
mod token;

/// Not a test: what the private PostgreSQL's guardian starts in.
#[test]
#[ignore = "the guardian's entry"]
fn guardian() {
    // The harness has begun a line that the program must not take for the guardian's.
    println!();
    let args = std::env::args_os().skip_while(|arg| arg != "--").skip(1);
    std::process::exit(sindico_embedded::guardian_main(args));
}
