//! The guardian: the server's parent process, which outlives the program by just the time it takes to shut down.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, setsid};

use crate::PORT;
use crate::cluster::Layout;
use crate::job::{Job, PidFile, Report};
use crate::locks::{POLL, lock_within};
use crate::process;

/// How long a server that is still shutting down may keep a new one waiting.
const OLD_SERVER: Duration = Duration::from_secs(30);
/// Restarts of a server that keeps dying: the first pause, the longest, and the run that sets it back to the first.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const LONG_RUN: Duration = Duration::from_secs(60);

/// The guardian's `main`: `args` are those after the ones in [`crate::GuardianCommand`]. Returns the exit status.
///
/// Call it first thing in `main`, on the main thread: the server is tied to the life of the thread that starts it.
pub fn guardian_main(args: impl IntoIterator<Item = OsString>) -> i32 {
    // A session of its own: neither the terminal's Ctrl-C nor a signal to the program's group gets here.
    let _ = setsid();
    let _ = prctl::set_name(c"sindico-guard");
    let _ = std::env::set_current_dir("/");
    // Who wants the server to end ends the program. Before the thread below, which inherits this.
    let deaf: SigSet = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]
        .into_iter()
        .collect();
    let _ = deaf.thread_block();
    let Some(job) = Job::from_args(args) else {
        Report::Failed("the guardian did not understand its arguments".into()).send();
        return 2;
    };
    let life = Arc::new(Life::default());
    let watched = Arc::clone(&life);
    std::thread::spawn(move || {
        // Nobody writes: what comes is the end, when the program ends and the kernel closes its side.
        let _ = io::stdin().lock().read_to_end(&mut Vec::new());
        watched.stop();
    });
    match guard(&job, &life) {
        Ok(()) => 0,
        Err(why) => {
            Report::Failed(why).send();
            1
        }
    }
}

/// Runs the server until told to stop, or until it fails to start for the first time.
fn guard(job: &Job, life: &Life) -> Result<(), String> {
    let layout = Layout {
        data_dir: job.data_dir.clone(),
    };
    let path = layout.server_lock();
    let lock = lock_within(&path, FlockArg::LockExclusiveNonblock, OLD_SERVER, || {
        life.stopping()
    })
    .map_err(|error| error.to_string())?;
    let Some(lock) = lock else {
        if life.stopping() {
            return Ok(());
        }
        return Err(format!(
            "an earlier server on this data directory is still alive after {} seconds; see who holds {} (`fuser -v`)",
            OLD_SERVER.as_secs(),
            path.display()
        ));
    };
    clear_stale_pids(&layout, &job.socket_dir)?;
    let result = keep_running(job, &layout, life, &lock);
    // The server's processes share this lock. Dropping it would unlock it for them too, and one of them may linger.
    std::mem::forget(lock);
    result
}

fn keep_running(job: &Job, layout: &Layout, life: &Life, lock: &Flock<File>) -> Result<(), String> {
    let mut pause = FIRST_PAUSE;
    let mut was_ready = false;
    loop {
        let mut command = server_command(job, layout, lock).map_err(|error| error.to_string())?;
        let born = Instant::now();
        let spawned = life
            .spawn(&mut command)
            .map_err(|error| format!("cannot run {}: {error}", job.postgres.display()));
        let ended = match spawned {
            Ok(None) => return Ok(()),
            Ok(Some(mut child)) => {
                if wait_until_ready(layout, pid_of(&child)) {
                    was_ready = true;
                    Report::Ready.send();
                }
                wait_for_end(pid_of(&child), WaitPidFlag::empty());
                match life.reap(&mut child) {
                    Ok(status) => format!("PostgreSQL ended with {status}"),
                    Err(error) => format!("PostgreSQL ended ({error})"),
                }
            }
            Err(why) => why,
        };
        if life.stopping() {
            return Ok(());
        }
        if !was_ready {
            return Err(ended);
        }
        if born.elapsed() > LONG_RUN {
            pause = FIRST_PAUSE;
        }
        // Standard error is the server's log.
        let _ = writeln!(
            io::stderr(),
            "sindico guardian: {ended}; starting it again in {} s",
            pause.as_secs()
        );
        life.sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn server_command(job: &Job, layout: &Layout, lock: &Flock<File>) -> io::Result<Command> {
    let log = layout.open_log(false).map_err(io::Error::other)?;
    let mut command = process::as_user(&job.postgres, &job.user, &layout.data_dir);
    command.arg("-D").arg(layout.pgdata());
    for setting in &job.settings {
        command.arg("-c").arg(setting);
    }
    // The lock goes in as standard input, which the server never reads but all its processes inherit: the lock is free
    // only when the last of them is gone, whoever was killed before.
    command
        .stdin(Stdio::from(lock.try_clone()?))
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log));
    // Immediate shutdown: with the guardian gone nobody is left to insist when a gentle one takes long.
    process::die_with_parent(&mut command, Signal::SIGQUIT);
    Ok(command)
}

/// Clears pid files of a dead server whose number another process has since got (after a crash of the machine, or in
/// another container); PostgreSQL would take that process for itself. The lock is held, so no server of ours is alive,
/// but somebody may have started one by hand.
fn clear_stale_pids(layout: &Layout, socket_dir: &Path) -> Result<(), String> {
    let pid_file = layout.pid_file();
    if let Some(pid) = fs::read_to_string(&pid_file)
        .ok()
        .and_then(|text| text.lines().next()?.trim().parse::<i32>().ok())
    {
        // The postmaster sits in its data directory.
        if fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == layout.pgdata()) {
            return Err(format!(
                "a PostgreSQL that is not ours (process {pid}) runs on {}; stop it first",
                layout.pgdata().display()
            ));
        }
        let _ = fs::remove_file(&pid_file);
    }
    let socket = socket_dir.join(format!(".s.PGSQL.{PORT}"));
    let mut socket_lock = socket.clone().into_os_string().into_vec();
    socket_lock.extend(b".lock");
    let _ = fs::remove_file(socket);
    let _ = fs::remove_file(std::ffi::OsStr::from_bytes(&socket_lock));
    Ok(())
}

/// Polls the pid file, where the server notes its state. `false` when it ends first.
fn wait_until_ready(layout: &Layout, pid: Pid) -> bool {
    let is_ready =
        || PidFile::read(layout).is_some_and(|file| file.ready && file.pid == pid.as_raw());
    while !wait_for_end(pid, WaitPidFlag::WNOHANG) {
        if is_ready() {
            return true;
        }
        std::thread::sleep(POLL);
    }
    false
}

/// Whether the child has ended; it stays unreaped, so that its number is not given to another process meanwhile.
fn wait_for_end(pid: Pid, flags: WaitPidFlag) -> bool {
    loop {
        match waitid(
            Id::Pid(pid),
            WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT | flags,
        ) {
            Ok(WaitStatus::StillAlive) => return false,
            Err(nix::errno::Errno::EINTR) => {}
            Ok(_) | Err(_) => return true,
        }
    }
}

/// What the guardian's two threads share: whether it is over, and whom to signal then.
#[derive(Default)]
struct Life {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    child: Option<Pid>,
}

impl Life {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.state().stopping
    }

    /// Starts the server, unless it is over.
    fn spawn(&self, command: &mut Command) -> io::Result<Option<Child>> {
        let mut state = self.state();
        if state.stopping {
            return Ok(None);
        }
        let child = command.spawn()?;
        state.child = Some(pid_of(&child));
        Ok(Some(child))
    }

    /// Collects the ended server. Under the lock, so that no signal goes to a number that is free for others.
    fn reap(&self, child: &mut Child) -> io::Result<ExitStatus> {
        let mut state = self.state();
        state.child = None;
        self.changed.notify_all();
        child.wait()
    }

    /// A pause that the end cuts short.
    fn sleep(&self, pause: Duration) {
        drop(
            self.changed
                .wait_timeout_while(self.state(), pause, |state| !state.stopping),
        );
    }

    /// Fast shutdown, then immediate, then none at all.
    fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        self.changed.notify_all();
        let patience = [
            (Signal::SIGINT, 10),
            (Signal::SIGQUIT, 5),
            (Signal::SIGKILL, 5),
        ];
        for (signal, seconds) in patience {
            let Some(pid) = state.child else { return };
            let _ = kill(pid, signal);
            let limit = Duration::from_secs(seconds);
            state = match self
                .changed
                .wait_timeout_while(state, limit, |state| state.child.is_some())
            {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}
