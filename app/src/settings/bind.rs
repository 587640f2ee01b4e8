//! Where the program listens: an address and port, or a socket file for a proxy on the same machine.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// What `SINDICO_BIND` is to be.
pub const EXPECTED: &str = "an address and port such as 127.0.0.1:8000, or the path of a socket file such as /run/sindico/http.sock";

/// The longest path of a socket that Linux takes: `sun_path` in unix(7), less its final zero.
const LONGEST_PATH: usize = 107;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// By TCP.
    Address(SocketAddr),
    /// By a socket file.
    Socket(PathBuf),
}

/// Neither an address nor a path.
#[derive(Debug)]
pub struct NoBind;

impl FromStr for Bind {
    type Err = NoBind;

    fn from_str(text: &str) -> Result<Self, NoBind> {
        match text.starts_with('/') {
            true if text.len() <= LONGEST_PATH && !text.ends_with('/') => {
                Ok(Self::Socket(PathBuf::from(text)))
            }
            true => Err(NoBind),
            false => text.parse().map(Self::Address).map_err(|_| NoBind),
        }
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Socket(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_a_path() {
        for text in ["127.0.0.1:8000", "[::1]:80", "/run/sindico/http.sock"] {
            assert_eq!(text.parse::<Bind>().unwrap().to_string(), text);
        }
        let long = format!("/{}", "a".repeat(LONGEST_PATH));
        for text in ["", "localhost", "8000", "run/http.sock", "/run/", &long] {
            assert!(text.parse::<Bind>().is_err(), "{text}");
        }
    }
}
