//! The embedded mode: the private PostgreSQL comes and goes with the program.

use crate::PROGRAM;
use sindico_testkit::free_port;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711))
            .tempdir()
            .unwrap();
        Self(folder)
    }

    fn data(&self) -> std::path::PathBuf {
        self.0.path().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("SINDICO_DATA_DIR", self.data())
            .current_dir("/");
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn start(&self, what: &str, port: u16) -> Child {
        let mut command = self.command(&[what]);
        command.env("SINDICO_BIND", format!("127.0.0.1:{port}"));
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok_and(ready));
        child
    }

    /// The server processes that work on this place.
    fn servers(&self) -> usize {
        let data = self.data();
        std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| std::fs::read_link(entry.unwrap().path().join("cwd")).ok())
            .filter(|cwd| cwd.starts_with(&data))
            .count()
    }
}

fn ready(mut stream: std::net::TcpStream) -> bool {
    use std::io::{Read, Write};
    stream
        .write_all(b"GET /readyz/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).is_ok() && text.starts_with("HTTP/1.1 200")
}

fn wait_for(mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(40);
    while !done() {
        assert!(Instant::now() < end, "it took too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}

#[test]
fn serve_commands_beside_it_and_its_crash() {
    let place = Place::new();
    // A command alone starts the server for its own time.
    let output = place.run(&["tenant", "create", "--name", "A", "--code", "a"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    wait_for(|| place.servers() == 0);

    let port = free_port();
    let mut serve = place.start("serve", port);
    assert_eq!(mode(&place.data().join("secret.key")), 0o600);
    // A second program is told so, and a command beside it uses the same server.
    let mut second = place.command(&["serve"]);
    let second = second
        .env("SINDICO_BIND", format!("127.0.0.1:{}", free_port()))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{told}");
    assert!(
        told.contains(place.data().to_str().unwrap()) && told.contains(&serve.id().to_string()),
        "{told}"
    );
    let list = place.run(&["tenant", "list"]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("PENDING"));

    // However it ends, no server outlives it, and the next start is fine.
    assert!(place.servers() > 0);
    serve.kill().unwrap();
    serve.wait().unwrap();
    wait_for(|| place.servers() == 0);
    let mut again = place.start("serve", port);
    let term = Command::new("kill")
        .args(["-s", "TERM", &again.id().to_string()])
        .status()
        .unwrap();
    assert!(term.success());
    assert_eq!(again.wait().unwrap().code(), Some(0));
    wait_for(|| place.servers() == 0);
}

#[test]
fn the_demo_says_where_to_go_and_how_to_sign_in() {
    let place = Place::new();
    let port = free_port();
    for _ in 0..2 {
        let mut demo = place.start("demo", port);
        let rows = place.run(&["tenant", "list"]);
        let rows = String::from_utf8_lossy(&rows.stdout).into_owned();
        assert_eq!(rows.matches("READY").count(), 2, "{rows}");
        assert!(rows.contains(&format!(".localhost:{port}")), "{rows}");
        // Each tenant's sample is in its own database, and is not made twice.
        let token = place.run(&["token", "create", "--username", "admin"]);
        let token = format!("Token {}", String::from_utf8_lossy(&token.stdout).trim());
        for code in ["padaria", "oficina"] {
            let list = customers(port, code, &token);
            assert_eq!(list.as_array().unwrap().len(), 12, "{list}");
            assert!(list.to_string().contains("Ana Conceição"), "{list}");
            assert!(
                list.to_string().contains(&format!("@{code}.example.com")),
                "{list}"
            );
        }
        let kill = Command::new("kill")
            .args(["-s", "INT", &demo.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        assert_eq!(demo.wait().unwrap().code(), Some(0));
        let mut said = String::new();
        std::io::Read::read_to_string(&mut demo.stdout.take().unwrap(), &mut said).unwrap();
        let password = std::fs::read_to_string(place.data().join("demo.password")).unwrap();
        assert!(
            said.contains("/api/docs/") && said.contains("admin") && said.contains(&password),
            "{said}"
        );
    }
    assert_eq!(mode(&place.data().join("demo.password")), 0o600);
    wait_for(|| place.servers() == 0);
}

fn customers(port: u16, code: &str, token: &str) -> serde_json::Value {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let request = reqwest::Client::new()
            .get(format!("http://127.0.0.1:{port}/api/customers/"))
            .header("authorization", token)
            .header("host", format!("{code}.localhost:{port}"));
        request.send().await.unwrap().json().await.unwrap()
    })
}
