//! What can go wrong, in words for the person who runs the program.

use std::io;
use std::path::{Path, PathBuf};

use crate::Role;

/// Why there is no private PostgreSQL. Each says what is wrong and what to do about it; none holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file operation failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: "create", "open".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No server program anywhere, and none could or might be installed.
    #[error(
        "PostgreSQL 15 or later is not installed; install it with `sudo apt-get install postgresql` \
         (or your system's equivalent), or set SINDICO_POSTGRES_BIN to the directory of its programs"
    )]
    NoBinaries,
    /// The configured directory does not hold the server's programs.
    #[error("SINDICO_POSTGRES_BIN is {}, which does not hold both `initdb` and `postgres`; set it to PostgreSQL's bin directory or unset it", dir.display())]
    WrongBinDir {
        /// The configured directory.
        dir: PathBuf,
    },
    /// Only servers before version 15.
    #[error("PostgreSQL {found} in {} is too old, version 15 or later is needed; install a newer one (https://apt.postgresql.org has them) or set SINDICO_POSTGRES_BIN to its bin directory", dir.display())]
    TooOld {
        /// The major version found.
        found: u32,
        /// Where.
        dir: PathBuf,
    },
    /// A program of the server cannot be run.
    #[error("cannot run {}: {reason}; repair the PostgreSQL installation or set SINDICO_POSTGRES_BIN to another", program.display())]
    BrokenBinary {
        /// The program.
        program: PathBuf,
        /// What happened.
        reason: String,
    },
    /// The cluster was made by another major version than the server found.
    #[error(
        "the cluster in {} was made by PostgreSQL {cluster} but the server found in {} is version {server}; \
         install PostgreSQL {cluster} (`sudo apt-get install postgresql-{cluster}`) or set SINDICO_POSTGRES_BIN to its bin directory",
        cluster_dir.display(), bin_dir.display()
    )]
    VersionMismatch {
        /// The cluster's directory.
        cluster_dir: PathBuf,
        /// The cluster's major version.
        cluster: u32,
        /// Where the nearest server is.
        bin_dir: PathBuf,
        /// That server's major version.
        server: u32,
    },
    /// `apt-get` failed.
    #[error(
        "installing PostgreSQL failed ({reason}); run `sudo apt-get install postgresql` and read what it says"
    )]
    Install {
        /// Which step, and how it ended.
        reason: String,
    },
    /// Root, but no account to drop to.
    #[error(
        "PostgreSQL refuses to run as root and there is neither a user `postgres` nor a user `nobody`; make one with `useradd --system postgres`, or run as an ordinary user"
    )]
    NoServerUser,
    /// The account that runs the server cannot get to the data directory.
    #[error(
        "PostgreSQL runs as the user `{user}`, who may not pass through {} on the way to {}; \
         run `chmod o+x {}` or set SINDICO_DATA_DIR to a directory that user can reach",
        blocked.display(), wanted.display(), blocked.display()
    )]
    Unreachable {
        /// The account.
        user: String,
        /// The directory that bars the way.
        blocked: PathBuf,
        /// Where the account has to get to.
        wanted: PathBuf,
    },
    /// The directory of the cluster holds something else.
    #[error("{} is not empty and is not a PostgreSQL cluster; move it away or set SINDICO_DATA_DIR to another directory", dir.display())]
    NotACluster {
        /// The directory.
        dir: PathBuf,
    },
    /// The cluster is there but its password is not.
    #[error("the password file {} is missing or empty while its cluster exists; put it back from a backup, or set SINDICO_DATA_DIR to another directory", path.display())]
    NoPassword {
        /// The password's file.
        path: PathBuf,
    },
    /// Another program has the data directory.
    #[error("{}{} already uses the data directory {}; stop it first, or set SINDICO_DATA_DIR to another directory", holder_words(*role), process_words(*pid), data_dir.display())]
    Taken {
        /// The data directory.
        data_dir: PathBuf,
        /// The holder's process id, if it has said.
        pid: Option<u32>,
        /// The holder's role.
        role: Role,
    },
    /// A directory in the temporary folder belongs to somebody else.
    #[error("the socket directory {} belongs to another user or is open to others; remove it or set SINDICO_DATA_DIR to a shorter path", dir.display())]
    SocketDir {
        /// The directory.
        dir: PathBuf,
    },
    /// `initdb` failed.
    #[error("PostgreSQL's initdb failed: {output}")]
    Initdb {
        /// The last of what it said.
        output: String,
    },
    /// The server ended, or never became ready.
    #[error("PostgreSQL did not start: {reason}\nThe last lines of {}:\n{tail}", log.display())]
    NotStarted {
        /// What the guardian said.
        reason: String,
        /// The server's log.
        log: PathBuf,
        /// Its end.
        tail: String,
    },
    /// A server that another program owns did not become ready in time.
    #[error("the program that owns {} did not get its PostgreSQL ready in {seconds} seconds; look at postgres.log there", data_dir.display())]
    NotReady {
        /// The data directory.
        data_dir: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// The guardian had to be killed at the stop.
    #[error("PostgreSQL in {} did not stop in time and was killed; it recovers at the next start", data_dir.display())]
    NotStopped {
        /// The data directory.
        data_dir: PathBuf,
    },
}

fn holder_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "another sindico",
        Role::Visitor => "a sindico command",
    }
}

fn process_words(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// Turns an I/O error into ours: `.map_err(failed("open", &path))`.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        action,
        path,
        source,
    }
}
