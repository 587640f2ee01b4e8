//! The program that is measured: `sindico serve` on its private PostgreSQL, in a data directory of
//! its own, with the settings that it has when nobody sets any.

use crate::http::{Connection, request};
use crate::processes;
use anyhow::{Context, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take before it counts as failed.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Where the program is, and where it runs.
pub struct Home {
    program: PathBuf,
    data_dir: tempfile::TempDir,
    postgres_bin: Option<PathBuf>,
}

impl Home {
    /// A new data directory for this program.
    pub fn new(program: PathBuf, postgres_bin: Option<PathBuf>) -> anyhow::Result<Self> {
        let data_dir = tempfile::Builder::new()
            .prefix("sindico-bench-")
            .tempdir()?;
        // Root's private server runs as another account, which has to pass through.
        std::fs::set_permissions(data_dir.path(), std::fs::Permissions::from_mode(0o711))?;
        Ok(Self {
            program,
            data_dir,
            postgres_bin,
        })
    }

    /// The data directory.
    pub fn path(&self) -> &Path {
        self.data_dir.path()
    }

    /// The program, untouched by the settings of whoever runs the benchmark.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("SINDICO_DATA_DIR", self.path())
            .env("SINDICO_INSTALL_POSTGRES", "false")
            .env("CONTROL_PLANE_PROVISIONER", "local_postgres")
            .env("SINDICO_WARM_POOL", "0")
            .current_dir(self.path());
        if let Some(dir) = &self.postgres_bin {
            command.env("SINDICO_POSTGRES_BIN", dir);
        }
        command
    }

    /// Runs a command beside the server; returns what it printed.
    pub fn run(&self, args: &[&str], input: &str) -> anyhow::Result<String> {
        let mut child = self
            .command()
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        stdin.write_all(input.as_bytes())?;
        drop(stdin);
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "sindico {} failed", args.join(" "));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Starts serving; returns when it is ready. Its log goes to a file, as it would under a
    /// service manager.
    pub fn serve(&self) -> anyhow::Result<Running> {
        self.serve_with(&[])
    }

    /// The same with these settings.
    pub fn serve_with(&self, settings: &[(&str, &str)]) -> anyhow::Result<Running> {
        let socket = self.path().join("http.sock");
        let log_path = self.path().join("bench.log");
        let log = File::create(&log_path)?;
        let started = Instant::now();
        let child = self
            .command()
            .arg("serve")
            .env("SINDICO_BIND", &socket)
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("can't start {}", self.program.display()))?;
        let mut running = Running {
            child,
            socket,
            start: Duration::ZERO,
        };
        while !running.ready() {
            if let Some(status) = running.child.try_wait()? {
                let log = std::fs::read_to_string(&log_path).unwrap_or_default();
                bail!("sindico serve ended with {status}: {}", log.trim());
            }
            ensure!(
                started.elapsed() < START_LIMIT,
                "sindico serve is not ready"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        running.start = started.elapsed();
        Ok(running)
    }
}

/// `sindico serve`, ready. Killed when dropped before it was stopped; its guardian then ends the
/// private server.
pub struct Running {
    child: Child,
    /// Where it listens.
    pub socket: PathBuf,
    /// From its start to the first `200` of `/readyz/`.
    pub start: Duration,
}

impl Running {
    /// The program listens before it is ready, so this mostly asks once and waits for the answer.
    fn ready(&self) -> bool {
        let request = request("GET", "/readyz/", "none", "");
        Connection::open(&self.socket)
            .ok()
            .and_then(|mut connection| connection.call(&request).ok().map(|answer| answer.0))
            == Some(200)
    }

    /// The memory of its processes.
    pub fn memory(&self) -> anyhow::Result<processes::Memory> {
        processes::memory(self.child.id())
    }

    /// What it takes itself, in MiB.
    pub fn resident(&self) -> anyhow::Result<f64> {
        processes::resident(self.child.id())
    }

    /// The processor time of its processes.
    pub fn processor(&self) -> anyhow::Result<processes::Processor> {
        processes::processor(self.child.id())
    }

    /// The folder of the private server's programs.
    pub fn postgres_bin(&self) -> anyhow::Result<PathBuf> {
        processes::postgres_bin(self.child.id())
    }

    /// Stops it in good order.
    pub fn stop(mut self) -> anyhow::Result<()> {
        kill(
            Pid::from_raw(self.child.id().cast_signed()),
            Signal::SIGTERM,
        )?;
        let status = self.child.wait()?;
        ensure!(status.success(), "sindico serve ended with {status}");
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
