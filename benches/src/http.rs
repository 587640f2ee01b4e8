//! A caller that costs little: one keep-alive connection that writes a ready-made request and reads
//! an answer with a length. On a small machine everything that the load takes is missing to the
//! server, and `pgbench` is frugal too.

use anyhow::{Context, bail, ensure};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longer than anything that is measured here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that stays open.
pub struct Connection {
    stream: UnixStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects to a socket file, as `pgbench` does.
    pub fn open(socket: &Path) -> std::io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: vec![0; 16 * 1024],
        })
    }

    /// Sends a whole request and reads its answer: the status, and the body.
    pub fn call(&mut self, request: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.stream.write_all(request)?;
        self.answer()
    }

    /// Reads the answer of a request that was sent.
    fn answer(&mut self) -> anyhow::Result<(u16, &[u8])> {
        let mut filled = 0;
        let head = loop {
            filled += self.read(filled)?;
            if let Some(head) = Head::of(&self.buffer[..filled])? {
                break head;
            }
        };
        let end = head.length + head.body;
        while filled < end {
            filled += self.read(filled)?;
        }
        ensure!(
            filled == end,
            "the server sent more than the answer's length"
        );
        Ok((head.status, &self.buffer[head.length..end]))
    }

    fn read(&mut self, filled: usize) -> anyhow::Result<usize> {
        if filled == self.buffer.len() {
            self.buffer.resize(filled * 2, 0);
        }
        loop {
            match self.stream.read(&mut self.buffer[filled..]) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// What is needed of an answer's head.
struct Head {
    status: u16,
    /// The length of the head itself.
    length: usize,
    /// The length of the body.
    body: usize,
}

impl Head {
    /// `None` until all of it is there. Of its lines only the first and the length are looked at.
    fn of(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        const LENGTH: &[u8] = b"content-length:";
        let number = |bytes: &[u8]| -> anyhow::Result<usize> {
            Ok(std::str::from_utf8(bytes)?.trim().parse()?)
        };
        let (mut start, mut body) = (0, None);
        while let Some(length) = bytes[start..].iter().position(|byte| *byte == b'\n') {
            let line = bytes[start..start + length].trim_ascii_end();
            start += length + 1;
            if line.is_empty() {
                let status = bytes.get(9..12).context("no status")?;
                return Ok(Some(Self {
                    status: u16::try_from(number(status)?)?,
                    length: start,
                    body: body.context("no Content-Length")?,
                }));
            }
            if let Some((name, value)) = line.split_at_checked(LENGTH.len())
                && name.eq_ignore_ascii_case(LENGTH)
            {
                body = Some(number(value)?);
            }
        }
        Ok(None)
    }
}

/// A request as bytes.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    request_in(None, (method, path), token, body)
}

/// The same in the tenant with this code.
pub fn request_in(
    tenant: Option<&str>,
    (method, path): (&str, &str),
    token: &str,
    body: &str,
) -> Vec<u8> {
    let tenant = tenant.map_or_else(String::new, |code| format!("X-Tenant-ID: {code}\r\n"));
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n{tenant}{length}\r\n{body}"
    )
    .into_bytes()
}

/// What a load did.
pub struct Load {
    /// Answers a second, over all connections.
    pub rate: f64,
    /// How long each answer took.
    pub times: Vec<Duration>,
}

/// Sends these requests over and over, on so many connections at once, for so long. Each
/// connection begins at another request. Anything but success is an error. As in `pgbench -j 2`, two
/// threads at the most look after all connections: a thread for each would take processor time that
/// is the server's.
pub fn load(
    socket: &Path,
    requests: &[Vec<u8>],
    connections: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let threads = connections.min(2);
    let mut shares: Vec<Vec<Caller<'_>>> = (0..threads).map(|_| Vec::new()).collect();
    for n in 0..connections {
        let connection = Connection::open(socket)?;
        let first = n * requests.len() / connections;
        shares[n % threads].push(Caller {
            connection,
            requests,
            next: first,
            sent: Instant::now(),
        });
    }
    let begun = Instant::now();
    let times = std::thread::scope(|scope| {
        let threads: Vec<_> = shares
            .into_iter()
            .map(|callers| scope.spawn(move || attend(callers, begun + time)))
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(times) => all.extend(times?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        anyhow::Ok(all)
    })?;
    Ok(Load {
        rate: times.len() as f64 / begun.elapsed().as_secs_f64(),
        times,
    })
}

/// One connection under load.
struct Caller<'a> {
    connection: Connection,
    requests: &'a [Vec<u8>],
    next: usize,
    sent: Instant,
}

impl Caller<'_> {
    fn send(&mut self, now: Instant) -> anyhow::Result<()> {
        self.sent = now;
        let request = &self.requests[self.next];
        self.next = (self.next + 1) % self.requests.len();
        Ok(self.connection.stream.write_all(request)?)
    }

    fn receive(&mut self) -> anyhow::Result<()> {
        let (status, _) = self.connection.answer()?;
        ensure!(
            (200..300).contains(&status),
            "the server answered {status} under load"
        );
        Ok(())
    }
}

/// Keeps one request on its way on each of these connections, until the time is over.
fn attend(mut callers: Vec<Caller<'_>>, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    for (n, caller) in callers.iter_mut().enumerate() {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, n as u64);
        epoll.add(&caller.connection.stream, event)?;
        caller.send(Instant::now())?;
    }
    let patience = EpollTimeout::try_from(PATIENCE)?;
    let mut events = [EpollEvent::empty(); 16];
    let mut times = Vec::with_capacity(1 << 16);
    loop {
        let count = epoll.wait(&mut events, patience)?;
        ensure!(count > 0, "the server does not answer");
        for event in &events[..count] {
            let caller = &mut callers[event.data() as usize];
            caller.receive()?;
            let now = Instant::now();
            times.push(now - caller.sent);
            if now >= until {
                return Ok(times);
            }
            caller.send(now)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        assert!(Head::of(&answer[..30]).unwrap().is_none());
        let head = Head::of(answer).unwrap().unwrap();
        assert_eq!((head.status, head.body), (200, 2));
        assert_eq!(&answer[head.length..], b"{}");
        assert!(Head::of(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn a_request_without_a_body_has_no_length() {
        let text = String::from_utf8(request("GET", "/a/", "t", "")).unwrap();
        assert!(text.ends_with("Token t\r\n\r\n") && !text.contains("Length"));
        let text = String::from_utf8(request("POST", "/a/", "t", "{}")).unwrap();
        assert!(text.ends_with("Content-Length: 2\r\n\r\n{}"));
    }
}
