//! A small program around a [`Server`], for the tests to start and to kill: `embedded-probe ROLE DATA_DIR [BIN_DIR]`.
//!
//! Set PROBE_DURABLE for a server that survives a crash of the machine; most tests need none.
//! It prints `ready` with what it got, waits for its standard input to end, stops the server and prints `stopped`.
#![allow(clippy::print_stdout, reason = "this is how it talks to the tests")]

use std::ffi::OsString;
use std::io::Read;
use std::process::ExitCode;
use std::time::Instant;

use sindico_embedded::{GuardianCommand, Options, Role, Server, guardian_main};

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|arg| arg == "__guardian") {
        return ExitCode::from(u8::try_from(guardian_main(args.into_iter().skip(1))).unwrap_or(1));
    }
    let role = if args[0] == "owner" {
        Role::Owner
    } else {
        Role::Visitor
    };
    let options = Options {
        data_dir: args[1].clone().into(),
        bin_dir: args.get(2).map(Into::into),
        install: false,
        #[expect(clippy::disallowed_methods, reason = "the switch of a test program")]
        durable: std::env::var_os("PROBE_DURABLE").is_some(),
        guardian: GuardianCommand::this_program("__guardian"),
        role,
        // Half a machine's tests at once: less memory for each.
        extra_conf: vec![("shared_buffers".into(), "16MB".into())],
    };
    let begun = Instant::now();
    let server = match Server::start(options) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let millis = begun.elapsed().as_millis();
    let guardian = server.guardian_pid().unwrap_or(0);
    let socket_dir = server.connection().socket_dir.display();
    println!(
        "ready owned={} guardian={guardian} millis={millis} socket={socket_dir}",
        server.owned()
    );
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    match server.stop() {
        Ok(()) => println!("stopped"),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
