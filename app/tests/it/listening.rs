//! Where the program listens, when that is a socket file.

use crate::{PROGRAM, begin};
use sindico_testkit::{Program, TestDatabase};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ended with the test, however that ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(database: &TestDatabase, socket: &Path) -> Command {
    let mut command = Program::command(PROGRAM, database);
    command.arg("serve").env("SINDICO_BIND", socket);
    command
}

fn serve(database: &TestDatabase, socket: &Path) -> Serving {
    let mut command = command(database, socket);
    let serving = Serving(command.stdout(Stdio::null()).spawn().unwrap());
    let end = Instant::now() + Duration::from_secs(30);
    while !ask(socket, "/readyz/").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
        assert!(Instant::now() < end, "the program did not get ready");
        std::thread::sleep(Duration::from_millis(20));
    }
    serving
}

fn ask(socket: &Path, path: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_file_is_served_and_gone_afterwards() {
    begin();
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("http.sock");

    let mut first = serve(&database, &socket);
    let answer = ask(&socket, "/healthz/").unwrap();
    assert!(answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
    let unknown = ask(&socket, "/platform/api/tenants/").unwrap();
    assert!(unknown.starts_with("HTTP/1.1 401"), "{unknown}");

    // The place is taken, which is told before anything is started.
    let second = Program::run(command(&database, &socket), "");
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(
        said.contains("SINDICO_BIND") && said.contains("another program listens there"),
        "{said}"
    );
    assert!(ask(&socket, "/healthz/").is_ok());

    // Killed, it leaves its file, which is in nobody's way.
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    assert!(socket.exists());
    let mut third = serve(&database, &socket);
    let pid = third.0.id().to_string();
    let told = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(told.unwrap().success());
    assert!(third.0.wait().unwrap().success());
    assert!(!socket.exists());
}
