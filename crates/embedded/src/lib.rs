//! The private PostgreSQL: finds the server, makes the cluster, runs it under a guardian, lets nothing outlive the program.
//!
//! [`Server::start`] finds PostgreSQL's programs (or installs them), makes a cluster in a data directory on first use,
//! and returns when the server takes connections. The server listens on a Unix socket only, in a directory that only its
//! account and root can enter.
//!
//! # The guardian
//!
//! The program does not run the server itself. It starts itself once more as a *guardian* ([`guardian_main`]), which is
//! the server's parent and holds the read end of a pipe whose write end only the program has:
//!
//! - the program ends, in any way: the pipe closes, the guardian shuts the server down;
//! - the guardian is killed: the kernel signals the server (`PR_SET_PDEATHSIG`), and the program, if it lives, starts a
//!   new guardian;
//! - both are killed: the kernel's signal is enough;
//! - the server is killed: the guardian starts it again.
//!
//! `main` must hand over to [`guardian_main`] before it starts a thread or a runtime, reads settings or takes a lock.
//!
//! # Sharing
//!
//! One [`Role::Owner`] (a serving program) has a data directory at a time. A [`Role::Visitor`] (a command) uses the
//! owner's server, and without an owner starts the server for the time it runs.
//!
//! Everything here blocks; from asynchronous code call it on a thread that may.

mod binaries;
mod cluster;
mod error;
mod guardian;
mod install;
mod job;
mod keeper;
mod locks;
mod process;
mod server;
mod user;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

pub use error::Error;
pub use guardian::guardian_main;
pub use server::Server;

/// The socket's number; each cluster has a directory of its own, so all can have the same.
const PORT: u16 = 5432;
/// The cluster's superuser.
const SUPERUSER: &str = "sindico";

/// What the program wants of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It must own the server: `serve`, `demo`. A second owner is refused.
    Owner,
    /// It uses the server that runs, else starts one for as long as it needs it: the commands.
    Visitor,
}

/// How the program starts itself as the guardian. The guardian's own arguments come after `args`.
#[derive(Debug, Clone)]
pub struct GuardianCommand {
    /// The program file.
    pub program: PathBuf,
    /// The arguments that lead to [`guardian_main`], such as `__guardian`.
    pub args: Vec<OsString>,
}

impl GuardianCommand {
    /// This very program with one argument. It goes by `/proc/self/exe`, so it works even when the file was replaced
    /// or removed (an upgrade) since the program started.
    pub fn this_program(arg: &str) -> Self {
        Self {
            program: PathBuf::from("/proc/self/exe"),
            args: vec![arg.into()],
        }
    }
}

/// How to run the server.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything lies; made when it is missing. The account that runs the server must be able to reach it.
    pub data_dir: PathBuf,
    /// The directory of PostgreSQL's programs (SINDICO_POSTGRES_BIN); searched for when unset.
    pub bin_dir: Option<PathBuf>,
    /// Whether root may install PostgreSQL with apt-get when it is missing.
    pub install: bool,
    /// Whether the data must survive a crash of the machine; `false` is much faster, for tests.
    pub durable: bool,
    /// How to start the guardian.
    pub guardian: GuardianCommand,
    /// Whether the program must own the server.
    pub role: Role,
    /// More settings of the server, after ours. They show in the process list: no secrets.
    pub extra_conf: Vec<(String, String)>,
}

/// A password that does not show itself by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The password itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// How to connect as the superuser.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The directory of the Unix socket, which libpq and tokio-postgres take as the host.
    pub socket_dir: PathBuf,
    /// The socket's number.
    pub port: u16,
    /// The superuser.
    pub user: String,
    /// The superuser's password.
    pub password: Password,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stays_out_of_debug_output() {
        let connection = Connection {
            socket_dir: "/run".into(),
            port: PORT,
            user: SUPERUSER.into(),
            password: Password::new("opensesame"),
        };
        assert!(!format!("{connection:?}").contains("sesame"));
        assert_eq!(connection.password.expose(), "opensesame");
    }
}
