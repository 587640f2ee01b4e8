//! A caller that costs little: one keep-alive connection that writes a ready-made request and reads
//! an answer with a length. On a small machine everything that the load takes is missing to the
//! server, and `pgbench` is frugal too.

use anyhow::{Context, bail, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Longer than anything that is measured here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that stays open.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
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
    /// `None` until all of it is there.
    fn of(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..end])?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let body = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map(|(_, value)| value.trim().parse());
        Ok(Some(Self {
            status: status.context("no status")?.parse()?,
            length: end + 4,
            body: body.context("no Content-Length")??,
        }))
    }
}

/// A request as bytes.
pub fn request(address: SocketAddr, method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    request_in(address, None, (method, path), token, body)
}

/// The same in the tenant with this code.
pub fn request_in(
    address: SocketAddr,
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
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Token {token}\r\n{tenant}{length}\r\n{body}"
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
/// connection begins at another request. Anything but `200` is an error. As in `pgbench -j 2`, two
/// threads at the most look after all connections: a thread for each would take processor time that
/// is the server's.
pub fn load(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let threads = connections.min(2);
    let mut shares: Vec<Vec<Caller<'_>>> = (0..threads).map(|_| Vec::new()).collect();
    for n in 0..connections {
        let connection = Connection::open(address)?;
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
    fn send(&mut self) -> anyhow::Result<()> {
        self.sent = Instant::now();
        let request = &self.requests[self.next % self.requests.len()];
        self.next += 1;
        Ok(self.connection.stream.write_all(request)?)
    }

    fn receive(&mut self) -> anyhow::Result<Duration> {
        let (status, _) = self.connection.answer()?;
        ensure!(status == 200, "the server answered {status} under load");
        Ok(self.sent.elapsed())
    }
}

/// Keeps one request on its way on each of these connections, until the time is over.
fn attend(mut callers: Vec<Caller<'_>>, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for caller in &mut callers {
        caller.send()?;
    }
    while Instant::now() < until {
        for n in ready(&callers)? {
            times.push(callers[n].receive()?);
            callers[n].send()?;
        }
    }
    Ok(times)
}

/// Those whose answer begins to arrive; waits for the first.
fn ready(callers: &[Caller<'_>]) -> anyhow::Result<Vec<usize>> {
    let mut polled: Vec<PollFd<'_>> = callers
        .iter()
        .map(|caller| PollFd::new(caller.connection.stream.as_fd(), PollFlags::POLLIN))
        .collect();
    let patience = PollTimeout::try_from(PATIENCE)?;
    ensure!(
        poll(&mut polled, patience)? > 0,
        "the server does not answer"
    );
    let arrived = |polled: &PollFd<'_>| polled.any().unwrap_or(true);
    Ok((0..callers.len())
        .filter(|&n| arrived(&polled[n]))
        .collect())
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
        let address = "127.0.0.1:8000".parse().unwrap();
        let text = String::from_utf8(request(address, "GET", "/a/", "t", "")).unwrap();
        assert!(text.ends_with("Token t\r\n\r\n") && !text.contains("Length"));
        let text = String::from_utf8(request(address, "POST", "/a/", "t", "{}")).unwrap();
        assert!(text.ends_with("Content-Length: 2\r\n\r\n{}"));
    }
}
