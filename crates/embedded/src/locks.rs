//! The three locks of a data directory (`flock`, which the kernel releases when a holder dies).
//!
//! - `program.lock`: the one program that owns the server, with a line about it inside;
//! - `users.lock`: shared by everybody who uses the server, so that an owner can wait for them before it stops;
//! - `server.lock`: held by the guardian and by every process of PostgreSQL, so that it is free only when no server
//!   can be alive.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::Role;
use crate::error::{Error, failed};

/// Polls are this far apart.
pub(crate) const POLL: Duration = Duration::from_millis(5);

/// Opens a lock file, making it when it is missing. The standard library sets O_CLOEXEC: children do not inherit locks.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(failed("open", path))
}

/// Takes the lock if it is free; gives the file back if it is not.
pub(crate) fn try_lock(
    file: File,
    arg: FlockArg,
    path: &Path,
) -> Result<Result<Flock<File>, File>, Error> {
    match Flock::lock(file, arg) {
        Ok(lock) => Ok(Ok(lock)),
        Err((file, Errno::EWOULDBLOCK | Errno::EINTR)) => Ok(Err(file)),
        Err((_, errno)) => Err(failed("lock", path)(errno.into())),
    }
}

/// Polls for the lock until it is had, the time is up, or `give_up` says so.
pub(crate) fn lock_within(
    path: &Path,
    arg: FlockArg,
    limit: Duration,
    give_up: impl Fn() -> bool,
) -> Result<Option<Flock<File>>, Error> {
    let until = Instant::now() + limit;
    let mut file = open(path)?;
    loop {
        file = match try_lock(file, arg, path)? {
            Ok(lock) => return Ok(Some(lock)),
            Err(file) => file,
        };
        if Instant::now() >= until || give_up() {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// How far the holder of `program.lock` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Ready,
    Stopping,
}

/// What the holder of `program.lock` says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) pid: u32,
    pub(crate) role: Role,
    pub(crate) phase: Phase,
}

impl Holder {
    pub(crate) fn of_this_process(role: Role, phase: Phase) -> Self {
        Self {
            pid: std::process::id(),
            role,
            phase,
        }
    }

    /// Writes the line. The lock must be held.
    pub(crate) fn write(self, file: &File) -> io::Result<()> {
        let role = match self.role {
            Role::Owner => "owner",
            Role::Visitor => "visitor",
        };
        let phase = match self.phase {
            Phase::Starting => "starting",
            Phase::Ready => "ready",
            Phase::Stopping => "stopping",
        };
        // Always as long, in one write: a reader never finds the file empty or half of one line and half of another.
        let line = format!("{} {role} {phase}", self.pid);
        file.write_all_at(format!("{line:<39}\n").as_bytes(), 0)
    }

    /// Reads the line; `None` while it is being written, or when it is not of ours.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let mut text = String::new();
        File::open(path).ok()?.read_to_string(&mut text).ok()?;
        Self::parse(text.strip_suffix('\n')?.trim_end())
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let pid = words.next()?.parse().ok()?;
        let role = match words.next()? {
            "owner" => Role::Owner,
            "visitor" => Role::Visitor,
            _ => return None,
        };
        let phase = match words.next()? {
            "starting" => Phase::Starting,
            "ready" => Phase::Ready,
            "stopping" => Phase::Stopping,
            _ => return None,
        };
        Some(Self { pid, role, phase })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_reads_back_what_it_wrote() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("program.lock");
        let file = open(&path).expect("open");
        for (role, phase) in [
            (Role::Owner, Phase::Starting),
            (Role::Visitor, Phase::Ready),
            (Role::Owner, Phase::Stopping),
        ] {
            let holder = Holder::of_this_process(role, phase);
            holder.write(&file).expect("write");
            assert_eq!(Holder::read(&path), Some(holder));
        }
    }

    #[test]
    fn half_a_line_is_no_holder() {
        assert_eq!(Holder::parse("12 owner"), None);
        assert_eq!(Holder::parse(""), None);
        assert_eq!(Holder::parse("x owner ready"), None);
    }

    #[test]
    fn an_exclusive_lock_waits_for_shared_ones() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("users.lock");
        let shared = lock_within(&path, FlockArg::LockSharedNonblock, Duration::ZERO, || {
            false
        })
        .expect("lock")
        .expect("free");
        let more = lock_within(&path, FlockArg::LockSharedNonblock, Duration::ZERO, || {
            false
        })
        .expect("lock");
        assert!(more.is_some());
        let exclusive = |limit| {
            lock_within(&path, FlockArg::LockExclusiveNonblock, limit, || false).expect("lock")
        };
        assert!(exclusive(Duration::from_millis(20)).is_none());
        drop((shared, more));
        assert!(exclusive(Duration::ZERO).is_some());
    }
}
