//! Starting the server's programs: as the right account, with a clean environment, and never to outlive their parent.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, getpid, getppid};

use crate::user::ServerUser;

/// All that a child sees of our environment. The rest stays here: it may hold SECRET_KEY or DATABASE_URL, and the
/// server's processes belong to an account that has no business with them.
const KEPT: [&str; 5] = ["PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "RUST_BACKTRACE"];

/// A command with the clean environment. Messages come in English, so that ours do not mix languages.
pub(crate) fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in KEPT {
        #[expect(
            clippy::disallowed_methods,
            reason = "passes the system's variables on"
        )]
        let value = std::env::var_os(name);
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env("LC_ALL", "C");
    command
}

/// A clean command that runs as `user` in `dir`.
pub(crate) fn as_user(program: &Path, user: &ServerUser, dir: &Path) -> Command {
    let mut command = clean(program);
    if user.switch {
        // The standard library also drops root's supplementary groups when it changes the user.
        command.uid(user.uid).gid(user.gid);
    }
    command.current_dir(dir);
    command
}

/// Has the kernel send `signal` to the child when the calling *thread* ends, however it ends. So call `spawn` from a
/// thread that lives as long as the child should.
#[allow(unsafe_code)]
pub(crate) fn die_with_parent(command: &mut Command, signal: Signal) {
    let parent: Pid = getpid();
    // SAFETY: the closure runs between fork and exec and makes only async-signal-safe system calls (prctl, getppid,
    // sigprocmask); it neither allocates nor takes locks. It runs after the change of user, which would clear the signal.
    unsafe {
        command.pre_exec(move || {
            prctl::set_pdeathsig(signal)?;
            // The parent may have died before the line above took effect.
            if getppid() != parent {
                return Err(io::Error::from_raw_os_error(nix::libc::ECHILD));
            }
            // The guardian blocks the terminal's signals; its child must hear them.
            SigSet::empty().thread_set_mask()?;
            Ok(())
        });
    }
}

/// The last `count` lines of `text`.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
