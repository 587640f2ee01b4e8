//! The program's side of the guardian: starts it, listens to it, and starts another when it is killed.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::GuardianCommand;
use crate::error::{Error, failed};
use crate::job::Report;
use crate::process;

/// A server that recovers after a crash takes its time; one that takes longer is stuck.
const START_LIMIT: Duration = Duration::from_secs(300);
/// The guardian's own patience is 20 seconds; then it is stuck itself.
const STOP_LIMIT: Duration = Duration::from_secs(25);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What to start, again and again.
struct Recipe {
    command: GuardianCommand,
    args: Vec<OsString>,
    /// The server's log, for what the guardian itself has to say.
    log: File,
}

impl Recipe {
    fn spawn(&self) -> io::Result<Child> {
        let mut command = process::clean(&self.command.program);
        // The process list shows the program's own name, whatever path leads to it.
        if let Some(name) = std::env::args_os().next() {
            command.arg0(name);
        }
        command
            .args(&self.command.args)
            .args(&self.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(self.log.try_clone()?))
            .spawn()
    }
}

/// The guardian, for as long as this value lives.
pub(crate) struct Keeper {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    /// The pipe whose end tells the guardian to stop. Nothing is ever written.
    pipe: Option<ChildStdin>,
    pid: Option<u32>,
    ready: bool,
    failure: Option<String>,
    /// The watching thread is through.
    over: bool,
}

impl Keeper {
    /// Starts the guardian and waits until its server is ready; says why when it is not going to be.
    pub(crate) fn start(
        command: GuardianCommand,
        args: Vec<OsString>,
        log: File,
    ) -> Result<Result<Self, String>, Error> {
        let recipe = Recipe { command, args, log };
        let keeper = Self {
            shared: Arc::new(Shared::default()),
        };
        let child = recipe
            .spawn()
            .map_err(failed("start the guardian", &recipe.command.program))?;
        let shared = Arc::clone(&keeper.shared);
        // Taken in here, so that a stop finds the pipe even if the thread has not begun.
        let first = shared.adopt(child);
        thread::Builder::new()
            .name("guardian-watch".into())
            .spawn(move || shared.watch(&recipe, first))
            .map_err(failed(
                "start a thread for",
                std::path::Path::new("the guardian"),
            ))?;
        let state = keeper.shared.wait(START_LIMIT, |state| {
            !state.ready && state.failure.is_none() && !state.over
        });
        if state.ready {
            drop(state);
            return Ok(Ok(keeper));
        }
        let why = state
            .failure
            .clone()
            .unwrap_or_else(|| format!("it is not ready after {} seconds", START_LIMIT.as_secs()));
        drop(state);
        Ok(Err(why))
    }

    /// The running guardian's process id; `None` between a killed one and its successor.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.shared.state().pid
    }

    /// Whether the server was ready when last heard of.
    pub(crate) fn ready(&self) -> bool {
        self.shared.state().ready
    }

    /// Has the server shut down and waits for it. `false` when it took too long and had to be killed.
    pub(crate) fn stop(&self) -> bool {
        let mut state = self.shared.state();
        state.stopping = true;
        state.pipe = None;
        self.shared.changed.notify_all();
        drop(state);
        let state = self.shared.wait(STOP_LIMIT, |state| !state.over);
        if state.over {
            return true;
        }
        // The kernel tells the server when its guardian dies. Under the lock, so the number is still the guardian's.
        if let Some(pid) = state.pid {
            let _ = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL);
        }
        drop(state);
        drop(self.shared.wait(STOP_LIMIT, |state| !state.over));
        false
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(
        &self,
        limit: Duration,
        condition: impl FnMut(&mut State) -> bool,
    ) -> MutexGuard<'_, State> {
        match self
            .changed
            .wait_timeout_while(self.state(), limit, condition)
        {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    fn adopt(&self, mut child: Child) -> Child {
        let mut state = self.state();
        state.pid = Some(child.id());
        // Dropped at once when the program is stopping: the new guardian then leaves by itself.
        state.pipe = child.stdin.take().filter(|_| !state.stopping);
        child
    }

    /// Listens to the guardian, and replaces it when it ends although nobody told it to.
    fn watch(&self, recipe: &Recipe, first: Child) {
        let mut next = Some(first);
        let mut pause = FIRST_PAUSE;
        let mut was_ready = false;
        loop {
            if let Some(child) = next.take() {
                let born = Instant::now();
                was_ready |= self.attend(child);
                if born.elapsed() > LONGEST_PAUSE {
                    pause = FIRST_PAUSE;
                }
            }
            if self.state().stopping || !was_ready {
                break;
            }
            tracing::warn!("the guardian of the private PostgreSQL ended; starting another");
            if self.wait(pause, |state| !state.stopping).stopping {
                break;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            match recipe.spawn() {
                Ok(child) => next = Some(self.adopt(child)),
                Err(error) => {
                    tracing::error!(%error, "the guardian of the private PostgreSQL cannot be started")
                }
            }
        }
        self.state().over = true;
        self.changed.notify_all();
    }

    /// Listens until the guardian ends; whether it got its server ready.
    fn attend(&self, mut child: Child) -> bool {
        let mut was_ready = false;
        // The guardian's output closes when it ends: nobody else has it.
        for line in child
            .stdout
            .take()
            .into_iter()
            .flat_map(|out| BufReader::new(out).lines())
            .map_while(Result::ok)
        {
            match Report::parse(&line) {
                Some(Report::Ready) => {
                    was_ready = true;
                    self.state().ready = true;
                }
                Some(Report::Failed(why)) => {
                    tracing::error!(%why, "the private PostgreSQL does not start");
                    self.state().failure = Some(why);
                }
                None => {}
            }
            self.changed.notify_all();
        }
        // Reaped under the lock: from then on the number may be another process's.
        let mut state = self.state();
        let ended = child.wait();
        state.pid = None;
        state.pipe = None;
        state.ready = false;
        if !was_ready && state.failure.is_none() {
            let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            state.failure = Some(format!("its guardian ended with {how} and said nothing"));
        }
        self.changed.notify_all();
        was_ready
    }
}
