//! The data directory: what lies where, making the cluster, and the settings the server runs with.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, lchown,
};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::sys::signal::Signal;
use nix::unistd::geteuid;

use crate::binaries::Binaries;
use crate::error::{Error, failed};
use crate::process;
use crate::user::ServerUser;
use crate::{PORT, Password, SUPERUSER};

/// `sun_path` holds 108 bytes with its end mark; PostgreSQL wants one spare.
const SOCKET_PATH_LIMIT: usize = 107;
/// A log longer than this is put aside at the next start.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

/// The places in a data directory.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) data_dir: PathBuf,
}

impl Layout {
    /// Makes the directory when it is missing and settles its real path.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, Error> {
        // Root's server runs as another account, which has to pass through; an ordinary user's does not.
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        if !data_dir.is_dir() {
            let parents = data_dir
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            if let Some(parent) = parents {
                fs::create_dir_all(parent).map_err(failed("create", parent))?;
            }
            match DirBuilder::new().mode(mode).create(data_dir) {
                // The umask may have taken the passage away.
                Ok(()) => fs::set_permissions(data_dir, fs::Permissions::from_mode(mode))
                    .map_err(failed("open", data_dir))?,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("create", data_dir)(error)),
            }
        }
        let data_dir = fs::canonicalize(data_dir).map_err(failed("open", data_dir))?;
        Ok(Self { data_dir })
    }

    pub(crate) fn pgdata(&self) -> PathBuf {
        self.data_dir.join("postgres")
    }

    pub(crate) fn pid_file(&self) -> PathBuf {
        self.pgdata().join("postmaster.pid")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }

    pub(crate) fn password_file(&self) -> PathBuf {
        self.data_dir.join("postgres.password")
    }

    pub(crate) fn program_lock(&self) -> PathBuf {
        self.data_dir.join("program.lock")
    }

    pub(crate) fn server_lock(&self) -> PathBuf {
        self.data_dir.join("server.lock")
    }

    pub(crate) fn users_lock(&self) -> PathBuf {
        self.data_dir.join("users.lock")
    }

    /// The cluster's major version; `None` when there is no cluster.
    pub(crate) fn cluster_version(&self) -> Option<u32> {
        fs::read_to_string(self.pgdata().join("PG_VERSION"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// Makes the socket directory: `run` in the data directory, or a short one in the temporary folder when the
    /// socket's path would be too long for the kernel.
    pub(crate) fn make_socket_dir(&self, user: &ServerUser) -> Result<PathBuf, Error> {
        let own = self.data_dir.join("run");
        if socket_fits(&own) {
            make_private(&own, user)?;
            return Ok(own);
        }
        let name = format!("sindico-{:016x}", fnv(self.data_dir.as_os_str().as_bytes()));
        let short = [std::env::temp_dir(), PathBuf::from("/tmp")]
            .into_iter()
            .filter_map(|temp| fs::canonicalize(temp).ok())
            .filter(|temp| user.blocked_at(temp).is_none())
            .map(|temp| temp.join(&name))
            .find(|dir| socket_fits(dir))
            .unwrap_or_else(|| Path::new("/tmp").join(&name));
        make_private(&short, user)?;
        // Everybody may write to the temporary folder: somebody may have been there first.
        let found = fs::symlink_metadata(&short).map_err(failed("open", &short))?;
        if !found.is_dir() || found.uid() != user.uid || found.mode() & 0o077 != 0 {
            return Err(Error::SocketDir { dir: short });
        }
        Ok(short)
    }

    /// Opens the log for appending; a long one is put aside first, if `rotate`.
    pub(crate) fn open_log(&self, rotate: bool) -> Result<File, Error> {
        let path = self.log();
        if rotate && fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
            let _ = fs::rename(&path, path.with_extension("log.old"));
        }
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed("open", &path))
    }

    /// The last lines that were logged after `start`.
    pub(crate) fn log_tail(&self, start: u64) -> String {
        let mut text = Vec::new();
        if let Ok(mut file) = File::open(self.log()) {
            let _ = file.seek(SeekFrom::Start(start));
            let _ = file.take(1024 * 1024).read_to_end(&mut text);
        }
        process::last_lines(&String::from_utf8_lossy(&text), 8)
    }

    /// The superuser's password of an existing cluster.
    pub(crate) fn password(&self) -> Result<Password, Error> {
        let path = self.password_file();
        let text = fs::read_to_string(&path).unwrap_or_default();
        if text.trim().is_empty() {
            Err(Error::NoPassword { path })
        } else {
            Ok(Password::new(text.trim()))
        }
    }

    /// Makes the cluster when there is none. Call it with `program.lock` held.
    ///
    /// `initdb` works in a directory of its own, which is renamed when all is done: a kill in the middle leaves rubbish
    /// that the next start clears away, never half a cluster.
    pub(crate) fn make_cluster(
        &self,
        binaries: &Binaries,
        user: &ServerUser,
        durable: bool,
    ) -> Result<(), Error> {
        self.clear_rubbish();
        if self.cluster_version().is_some() {
            return Ok(());
        }
        let pgdata = self.pgdata();
        if fs::read_dir(&pgdata).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::NotACluster { dir: pgdata });
        }
        let password = match self.password() {
            Ok(password) => password,
            Err(_) => self.make_password()?,
        };
        let work = self
            .data_dir
            .join(format!("initdb.{}", hex::encode(random::<8>())));
        make_private(&work, user)?;
        let pwfile = work.join("password");
        write_secret(&pwfile, password.expose(), Some(user))?;
        let data = work.join("data");
        self.initdb(binaries, user, &data, &pwfile, durable)?;
        fs::rename(&data, &pgdata).map_err(failed("create", &pgdata))?;
        if durable {
            File::open(&self.data_dir)
                .and_then(|dir| dir.sync_all())
                .map_err(failed("sync", &self.data_dir))?;
        }
        fs::remove_dir_all(&work).map_err(failed("remove", &work))
    }

    fn initdb(
        &self,
        binaries: &Binaries,
        user: &ServerUser,
        data: &Path,
        pwfile: &Path,
        durable: bool,
    ) -> Result<(), Error> {
        let mut said = String::new();
        // Every glibc since 2.35 has C.UTF-8, and Debian's long before; C is everywhere.
        for locale in ["C.UTF-8", "C"] {
            let mut command = process::as_user(&binaries.initdb(), user, &self.data_dir);
            command.arg("-D").arg(data).arg("--pwfile").arg(pwfile);
            command.args([
                "--encoding=UTF8",
                "--auth=scram-sha-256",
                "-U",
                SUPERUSER,
                "--locale",
                locale,
            ]);
            if !durable {
                command.arg("--no-sync");
            }
            // This thread waits for it, so it lives as long as initdb should.
            process::die_with_parent(&mut command, Signal::SIGKILL);
            let output = command
                .stdin(Stdio::null())
                .output()
                .map_err(failed("run", &binaries.initdb()))?;
            if output.status.success() {
                return Ok(());
            }
            said = process::last_lines(&String::from_utf8_lossy(&output.stderr), 6);
            if !said.contains("locale") {
                break;
            }
        }
        Err(Error::Initdb { output: said })
    }

    fn make_password(&self) -> Result<Password, Error> {
        let password = Password::new(&hex::encode(random::<32>()));
        let path = self.password_file();
        let fresh = path.with_extension("password.new");
        let _ = fs::remove_file(&fresh);
        write_secret(&fresh, password.expose(), None)?;
        fs::rename(&fresh, &path).map_err(failed("create", &path))?;
        Ok(password)
    }

    /// What killed runs of `initdb` left. It is only rubbish: what resists is left for the next time.
    fn clear_rubbish(&self) {
        for entry in fs::read_dir(&self.data_dir).into_iter().flatten().flatten() {
            if entry.file_name().as_bytes().starts_with(b"initdb.") {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// The server's settings, as `name=value`. They go on its command line, so that no file of the cluster is ever edited.
pub(crate) fn settings(
    socket_dir: &Path,
    durable: bool,
    extra: &[(String, String)],
) -> Vec<OsString> {
    let mut settings: Vec<OsString> = [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "max_connections=200",
        "shared_buffers=128MB",
        "cluster_name=sindico",
        "logging_collector=off",
        "log_destination=stderr",
        // A statement that fails may hold a password; the error alone must do.
        "log_min_error_statement=panic",
    ]
    .map(OsString::from)
    .into();
    settings.push(format!("port={PORT}").into());
    // The setting is a list: quotes keep a comma or a blank in the path from dividing it.
    let mut quoted = b"unix_socket_directories=\"".to_vec();
    for byte in socket_dir.as_os_str().as_bytes() {
        quoted.extend(std::iter::repeat_n(
            *byte,
            if *byte == b'"' { 2 } else { 1 },
        ));
    }
    quoted.push(b'"');
    settings.push(std::os::unix::ffi::OsStringExt::from_vec(quoted));
    if !durable {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(OsString::from),
        );
    }
    settings.extend(
        extra
            .iter()
            .map(|(name, value)| OsString::from(format!("{name}={value}"))),
    );
    settings
}

fn socket_fits(dir: &Path) -> bool {
    dir.join(format!(".s.PGSQL.{PORT}")).as_os_str().len() < SOCKET_PATH_LIMIT
}

/// A directory for the server's account alone.
fn make_private(dir: &Path, user: &ServerUser) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed("create", dir)(error)),
    }
    // Also when it was there: a kill may have come between the making and the giving away. What is not ours stays.
    let ours = fs::symlink_metadata(dir)
        .is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw());
    if user.switch && ours {
        lchown(dir, Some(user.uid), Some(user.gid)).map_err(failed("change the owner of", dir))?;
    }
    Ok(())
}

/// A new file that only its owner reads.
fn write_secret(path: &Path, secret: &str, owner: Option<&ServerUser>) -> Result<(), Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed("create", path))?;
    file.write_all(secret.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .map_err(failed("write", path))?;
    if let Some(user) = owner.filter(|user| user.switch) {
        chown(path, Some(user.uid), Some(user.gid)).map_err(failed("change the owner of", path))?;
    }
    Ok(())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The kernel's generator cannot fail once the machine is up, and there is nothing to fall back to.
    getrandom::fill(&mut bytes).expect("the kernel's random numbers");
    bytes
}

/// FNV-1a: a name that every build of the program finds again. No secret depends on it.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
