//! Takes the place where the program listens, before anything else is started: one that is taken is told
//! at once.

use crate::settings::Bind;
use anyhow::{Context, bail};
use sindico_web::Listener;
use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A place that is this program's. Gone when it is dropped: its file, too.
pub enum Bound {
    /// An address and port.
    Tcp(std::net::TcpListener),
    /// A socket file.
    Unix(UnixListener, SocketFile),
}

/// A socket file, removed when dropped.
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Takes it.
///
/// # Errors
/// When somebody else has it, or it can't be made.
pub fn bind(place: &Bind) -> anyhow::Result<Bound> {
    let bound = match place {
        Bind::Address(address) => std::net::TcpListener::bind(address)
            .and_then(|listener| {
                listener
                    .set_nonblocking(true)
                    .map(|()| Bound::Tcp(listener))
            })
            .map_err(anyhow::Error::from),
        Bind::Socket(path) => socket(path),
    };
    bound.with_context(|| format!("SINDICO_BIND: can't listen on {place}"))
}

/// A program that was killed leaves its file behind; it is taken over. A file that is anything else, or at
/// which somebody answers, is left alone.
fn socket(path: &Path) -> anyhow::Result<Bound> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
        Ok(file) if !file.file_type().is_socket() => bail!("there is a file that is no socket"),
        Ok(_) => match UnixStream::connect(path) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                std::fs::remove_file(path)?;
            }
            Err(error) => return Err(error.into()),
            Ok(_) => bail!("another program listens there"),
        },
    }
    let listener = UnixListener::bind(path)?;
    let file = SocketFile(path.to_owned());
    // As open as a port of this machine: the proxy runs as somebody else. Who is to be kept out is kept out of
    // the folder.
    std::fs::set_permissions(path, Permissions::from_mode(0o666))?;
    listener.set_nonblocking(true)?;
    Ok(Bound::Unix(listener, file))
}

impl Bound {
    /// For the server, and what is to be kept until it has ended.
    ///
    /// # Errors
    /// Outside a runtime's reach.
    pub fn open(self) -> std::io::Result<(Listener, Option<SocketFile>)> {
        Ok(match self {
            Self::Tcp(listener) => (
                Listener::Tcp(tokio::net::TcpListener::from_std(listener)?),
                None,
            ),
            Self::Unix(listener, file) => (
                Listener::Unix(tokio::net::UnixListener::from_std(listener)?),
                Some(file),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_left_behind_is_taken_over_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("http.sock");
        let place = Bind::Socket(path.clone());

        let first = bind(&place).unwrap();
        let taken = format!("{:#}", bind(&place).err().unwrap());
        assert!(taken.contains("another program listens there"), "{taken}");
        drop(first);
        assert!(!path.exists());

        // As a killed program leaves it: a file, and nobody behind it.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        drop(bind(&place).unwrap());

        std::fs::write(&path, "letters").unwrap();
        assert!(bind(&place).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "letters");
    }
}
