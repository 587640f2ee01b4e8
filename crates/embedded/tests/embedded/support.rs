//! Starts the probe in places of its own, looks at processes, asks the server questions.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;

/// Longer than the guardian's patience with a server needs to be when nothing is wrong.
pub const SOON: Duration = Duration::from_secs(15);

/// A directory for one test. Whatever still runs in it at the end is killed.
pub struct Place {
    temp: TempDir,
    pub data_dir: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        Self::at("data")
    }

    /// With the data directory at `path` below the test's directory.
    pub fn at(path: &str) -> Self {
        let temp = tempfile::Builder::new()
            .prefix("sindico-embedded-")
            .tempdir_in("/tmp")
            .expect("a directory");
        // Root's server runs as another account.
        set_mode(temp.path(), 0o755);
        let data_dir = temp.path().join(path);
        Self { temp, data_dir }
    }

    pub fn root(&self) -> &Path {
        self.temp.path()
    }

    pub fn pgdata(&self) -> PathBuf {
        self.data_dir.join("postgres")
    }

    pub fn probe(&self, role: &str) -> Probe {
        Probe::spawn(self.command(role))
    }

    pub fn command(&self, role: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_embedded-probe"));
        command.arg(role).arg(&self.data_dir);
        command
    }

    /// The processes of this place: program, guardian, initdb, the server's.
    pub fn processes(&self) -> Vec<Process> {
        processes(self.root())
    }

    /// The server's main process.
    pub fn postmaster(&self) -> u32 {
        self.find_postmaster().expect("postmaster.pid")
    }

    /// The same while the server is being replaced, when there may be none.
    pub fn find_postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.pgdata().join("postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }

    /// Waits until nothing runs here.
    pub fn assert_deserted(&self, limit: Duration) {
        let until = Instant::now() + limit;
        while !self.processes().is_empty() {
            assert!(
                Instant::now() < until,
                "still alive: {:#?}\n{}",
                self.processes(),
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Program, guardian and a whole server run, so that what the test kills next is really there.
    pub fn assert_populated(&self) {
        let processes = self.processes();
        let count = |what: &str| {
            processes
                .iter()
                .filter(|process| process.command.contains(what))
                .count()
        };
        assert!(
            count("__guardian") == 1 && count("postgres") >= 4,
            "{processes:#?}"
        );
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.data_dir.join("postgres.log")).unwrap_or_default()
    }

    /// What psql answers; an error is its message.
    pub fn ask(&self, socket_dir: &Path, sql: &str) -> Result<String, String> {
        let password = fs::read_to_string(self.data_dir.join("postgres.password"))
            .map_err(|e| e.to_string())?;
        let output = psql()
            .args([
                "-X", "-q", "-t", "-A", "-U", "sindico", "-d", "postgres", "-c", sql, "-h",
            ])
            .arg(socket_dir)
            .env("PGPASSWORD", password.trim())
            .output()
            .expect("psql");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for process in self.processes() {
            let _ = kill(Pid::from_raw(process.pid.cast_signed()), Signal::SIGKILL);
        }
    }
}

fn psql() -> Command {
    let newest = (15..40)
        .rev()
        .map(|v| PathBuf::from(format!("/usr/lib/postgresql/{v}/bin/psql")))
        .find(|p| p.exists());
    Command::new(newest.unwrap_or_else(|| "psql".into()))
}

#[derive(Debug)]
pub struct Process {
    pub pid: u32,
    pub command: String,
}

/// All living processes that work in `dir` or name it on their command line.
pub fn processes(dir: &Path) -> Vec<Process> {
    let needle = dir.as_os_str().as_bytes();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let named = line.windows(needle.len()).any(|window| window == needle);
        let inside = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(dir));
        if pid != std::process::id() && (named || inside) {
            found.push(Process {
                pid,
                command: String::from_utf8_lossy(&line).replace('\0', " "),
            });
        }
    }
    found
}

/// A running probe.
pub struct Probe {
    pub child: Child,
    pub out: BufReader<ChildStdout>,
}

/// What a probe said when its server was ready.
#[derive(Debug)]
pub struct Ready {
    pub owned: bool,
    pub guardian: u32,
    pub millis: u64,
    pub socket_dir: PathBuf,
}

impl Probe {
    /// Starts it in a process group of its own.
    pub fn spawn(mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn().expect("the probe starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, out }
    }

    pub fn ready(&mut self) -> Ready {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        if !line.starts_with("ready ") {
            panic!("not ready: {line}{}", self.errors());
        }
        let word = |name: &str| {
            let found = line
                .split_once(&format!(" {name}="))
                .unwrap_or_else(|| panic!("{name} in {line}"))
                .1;
            found.split(' ').next().expect("a word").trim().to_owned()
        };
        let socket_dir = line
            .split_once(" socket=")
            .expect("a socket")
            .1
            .trim_end()
            .into();
        Ready {
            owned: word("owned") == "true",
            guardian: word("guardian").parse().expect("a number"),
            millis: word("millis").parse().expect("a number"),
            socket_dir,
        }
    }

    /// Expects it to fail, and returns what it said.
    pub fn refused(mut self) -> String {
        let errors = self.errors();
        assert_eq!(
            self.child.wait().expect("an end").code(),
            Some(1),
            "{errors}"
        );
        errors
    }

    /// All of its standard error; waits for its end.
    fn errors(&mut self) -> String {
        let mut text = String::new();
        self.child
            .stderr
            .take()
            .expect("its errors")
            .read_to_string(&mut text)
            .expect("text");
        text
    }

    /// Lets it stop in an orderly way.
    pub fn stop(mut self) {
        drop(self.child.stdin.take());
        let mut said = String::new();
        self.out.read_to_string(&mut said).expect("text");
        let status = self.child.wait().expect("an end");
        assert!(
            status.success() && said == "stopped\n",
            "{status}: {said}{}",
            self.errors()
        );
    }

    pub fn kill(mut self) {
        self.child.kill().expect("a kill");
        self.child.wait().expect("an end");
    }

    pub fn kill_group(mut self) {
        killpg(
            Pid::from_raw(self.child.id().cast_signed()),
            Signal::SIGKILL,
        )
        .expect("a kill");
        self.child.wait().expect("an end");
    }
}

pub fn kill_process(pid: u32) {
    signal(pid, Signal::SIGKILL);
}

/// Sends a signal to a process that must be there.
pub fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.cast_signed()), signal).expect("it was alive");
}

/// Polls until `done`, for at most `limit`.
pub fn wait_until(what: &str, limit: Duration, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + limit;
    while !done() {
        assert!(Instant::now() < until, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn set_mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode");
}

pub fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| OsStr::to_string_lossy(&entry.file_name()).into_owned())
        .collect()
}

pub fn is_root() -> bool {
    geteuid().is_root()
}
