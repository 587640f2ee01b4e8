//! The built program as a process of its own, to be killed, frozen and started again.

use crate::Client;
use crate::cluster::{TestDatabase, data_dir};
use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// A running `sindico serve`.
pub struct Program {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub base: String,
}

impl Program {
    /// Starts `sindico serve` on this database, with more settings, and waits until it is ready, or
    /// has ended.
    pub async fn serve(program: &str, database: &TestDatabase, settings: &[(&str, &str)]) -> Self {
        Self::serve_into(program, database, settings, Stdio::inherit()).await
    }

    /// The same, with standard error, which is its log, going elsewhere.
    pub async fn serve_into(
        program: &str,
        database: &TestDatabase,
        settings: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let port = free_port();
        let mut command = Self::command(program, database);
        command
            .arg("serve")
            .env("SINDICO_BIND", format!("127.0.0.1:{port}"))
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(log);
        let child = command.spawn().unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let mut running = Self { child, base };
        running.ready().await;
        running
    }

    /// The program with the settings that reach this database, and nothing else of the environment.
    pub fn command(program: &str, database: &TestDatabase) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("DATABASE_URL", &database.url)
            .env("SECRET_KEY", "0123456789abcdef0123456789abcdef")
            .env("SINDICO_DATA_DIR", data_dir())
            .env("SINDICO_LOG", "warn")
            .current_dir("/");
        command
    }

    /// Runs a command to its end, with this text on standard input.
    pub fn run(mut command: Command, input: &str) -> Output {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    async fn ready(&mut self) {
        let client = Client::new(&self.base);
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            let request = client.request(reqwest::Method::GET, "/readyz/");
            if request
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the program did not get ready");
    }

    /// A caller of this program.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end, at most so long.
    pub async fn ended(&mut self, limit: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if Instant::now() >= end {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The letter of its state in `/proc`: `T` when it is frozen.
    pub fn state(&self) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        stat.rsplit(") ").next().unwrap().chars().next().unwrap()
    }

    /// Sends it a signal by name, such as `CONT` or `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free, and below those that the system hands out by itself (32768 and up, ip(7)): none of the many
/// calls that tests make at the same time can take it before a program does.
pub fn free_port() -> u16 {
    loop {
        let mut bytes = [0u8; 2];
        getrandom::fill(&mut bytes).unwrap();
        let port = 10_000 + u16::from_ne_bytes(bytes) % 22_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
