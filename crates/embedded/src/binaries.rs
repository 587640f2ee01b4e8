//! Finding the server's programs: configured, on `PATH`, or where Debian puts them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::error::Error;
use crate::process;
use crate::user::ServerUser;

/// The oldest major version that will do.
pub(crate) const OLDEST: u32 = 15;

/// A directory with `initdb` and `postgres`, and their major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) dir: PathBuf,
    pub(crate) major: u32,
}

impl Binaries {
    pub(crate) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }
}

/// What is known when the search begins.
pub(crate) struct Search<'a> {
    /// SINDICO_POSTGRES_BIN.
    pub(crate) configured: Option<&'a Path>,
    /// The existing cluster's directory and major version.
    pub(crate) cluster: Option<(&'a Path, u32)>,
    /// Who will run the programs, and where: both are tried out here.
    pub(crate) user: &'a ServerUser,
    pub(crate) data_dir: &'a Path,
}

impl Search<'_> {
    /// The programs to use; `None` when the machine has none.
    pub(crate) fn run(&self) -> Result<Option<Binaries>, Error> {
        if let Some(dir) = self.configured {
            let real = bin_dir(dir).ok_or_else(|| Error::WrongBinDir {
                dir: dir.to_owned(),
            })?;
            return self.pick(&[real]);
        }
        let mut candidates = on_path();
        candidates.extend(debian(Path::new("/usr/lib/postgresql")));
        self.pick(&candidates)
    }

    /// The first candidate that fits. An existing cluster only fits its own version, else any that is young enough will
    /// do; when none fits, the first says why.
    fn pick(&self, candidates: &[PathBuf]) -> Result<Option<Binaries>, Error> {
        let mut why_not = None;
        for dir in candidates {
            let fits = self
                .version(&dir.join("postgres"))
                .and_then(|major| self.judge(dir, major));
            match fits {
                Ok(found) => return Ok(Some(found)),
                // The road to the data directory is the same for all candidates.
                Err(error @ Error::Unreachable { .. }) => return Err(error),
                Err(error) => why_not = why_not.or(Some(error)),
            }
        }
        why_not.map_or(Ok(None), Err)
    }

    fn judge(&self, dir: &Path, major: u32) -> Result<Binaries, Error> {
        if let Some((cluster_dir, cluster)) = self.cluster
            && cluster != major
        {
            let (cluster_dir, bin_dir) = (cluster_dir.to_owned(), dir.to_owned());
            return Err(Error::VersionMismatch {
                cluster_dir,
                cluster,
                bin_dir,
                server: major,
            });
        }
        if major < OLDEST {
            return Err(Error::TooOld {
                found: major,
                dir: dir.to_owned(),
            });
        }
        Ok(Binaries {
            dir: dir.to_owned(),
            major,
        })
    }

    /// Asks the program for its version, as the account and in the directory that it will run in, so that a closed door
    /// is found here, where it can be named, and not in the middle of the start.
    fn version(&self, postgres: &Path) -> Result<u32, Error> {
        let broken = |reason: String| Error::BrokenBinary {
            program: postgres.to_owned(),
            reason,
        };
        let output = process::as_user(postgres, self.user, self.data_dir)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                self.refused(postgres, &error)
                    .unwrap_or_else(|| broken(error.to_string()))
            })?;
        let text = String::from_utf8_lossy(&output.stdout);
        parse_version(&text).ok_or_else(|| {
            let said = process::last_lines(&String::from_utf8_lossy(&output.stderr), 2);
            broken(format!(
                "`postgres --version` ended with {} and said: {}{said}",
                output.status,
                text.trim()
            ))
        })
    }

    fn refused(&self, postgres: &Path, error: &io::Error) -> Option<Error> {
        if error.kind() != io::ErrorKind::PermissionDenied {
            return None;
        }
        [self.data_dir, postgres].into_iter().find_map(|wanted| {
            let blocked = self.user.blocked_at(wanted)?;
            Some(Error::Unreachable {
                user: self.user.name.clone(),
                blocked,
                wanted: wanted.to_owned(),
            })
        })
    }
}

/// The real directory behind `dir/postgres`, if it holds both programs.
fn bin_dir(dir: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(dir.join("postgres"))
        .ok()?
        .parent()?
        .to_owned();
    (real.join("postgres").is_file() && real.join("initdb").is_file()).then_some(real)
}

fn on_path() -> Vec<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "PATH is the system's, not a setting of ours"
    )]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = Vec::new();
    for dir in std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .filter_map(|dir| bin_dir(&dir))
    {
        if !found.contains(&dir) {
            found.push(dir);
        }
    }
    found
}

/// Debian's layout, newest first.
fn debian(root: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions
        .into_iter()
        .filter_map(|version| bin_dir(&root.join(version.to_string()).join("bin")))
        .collect()
}

/// `postgres (PostgreSQL) 15.14 (Debian ...)`, `17beta1`, `9.6.24`.
fn parse_version(text: &str) -> Option<u32> {
    let version = text.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// A directory with stand-ins that report `version`.
    fn fake(root: &Path, version: u32) -> PathBuf {
        let dir = root.join(version.to_string()).join("bin");
        fs::create_dir_all(&dir).expect("directory");
        // Written by a shell: a file that this process had open for writing could be "busy" when it is run, through
        // the copy that another test's fork holds for a moment.
        let script = r#"touch "$0/initdb"; printf '#!/bin/sh\necho "postgres (PostgreSQL) %s.1"\n' "$1" > "$0/postgres"; chmod 755 "$0/postgres""#;
        let made = Command::new("sh")
            .args(["-c", script])
            .arg(&dir)
            .arg(version.to_string())
            .status();
        assert!(made.expect("a shell").success());
        dir
    }

    fn root() -> tempfile::TempDir {
        tempfile::tempdir().expect("a directory")
    }

    fn myself() -> ServerUser {
        let (uid, gid) = (
            nix::unistd::geteuid().as_raw(),
            nix::unistd::getegid().as_raw(),
        );
        ServerUser {
            uid,
            gid,
            name: "me".into(),
            switch: false,
        }
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(
            parse_version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_version("postgres (PostgreSQL) 9.6.24"), Some(9));
        assert_eq!(parse_version("something else 15"), None);
    }

    #[test]
    fn the_newest_of_debians_comes_first() {
        let root = root();
        let (nine, sixteen, fifteen) = (
            fake(root.path(), 9),
            fake(root.path(), 16),
            fake(root.path(), 15),
        );
        fs::create_dir_all(root.path().join("17/bin")).expect("a version without a server");
        assert_eq!(debian(root.path()), [sixteen, fifteen, nine]);
    }

    #[test]
    fn a_cluster_keeps_its_version() {
        let (root, user) = (root(), myself());
        let dirs = [fake(root.path(), 17), fake(root.path(), 16)];
        let cluster = root.path().join("cluster");
        let search = |version| Search {
            configured: None,
            cluster: version,
            user: &user,
            data_dir: root.path(),
        };
        let found = |version| {
            search(version)
                .pick(&dirs)
                .map(|found| found.expect("some").major)
        };
        assert_eq!(found(None).expect("newest"), 17);
        assert_eq!(found(Some((&cluster, 16))).expect("its own"), 16);
        let error = found(Some((&cluster, 15)))
            .expect_err("no 15 here")
            .to_string();
        assert!(
            error.contains("PostgreSQL 15") && error.contains("version 17"),
            "{error}"
        );
    }

    #[test]
    fn an_old_server_will_not_do_and_none_is_none() {
        let (root, user) = (root(), myself());
        let search = Search {
            configured: None,
            cluster: None,
            user: &user,
            data_dir: root.path(),
        };
        let error = search.pick(&[fake(root.path(), 14)]).expect_err("too old");
        assert!(matches!(error, Error::TooOld { found: 14, .. }), "{error}");
        assert_eq!(search.pick(&[]).expect("no error"), None);
        let young = search
            .pick(&[fake(root.path(), 14), fake(root.path(), 15)])
            .expect("found");
        assert_eq!(young.expect("some").major, 15);
    }

    #[test]
    fn links_are_followed_to_the_real_directory() {
        let root = root();
        let real = fake(root.path(), 15);
        let links = root.path().join("links");
        fs::create_dir(&links).expect("directory");
        std::os::unix::fs::symlink(real.join("postgres"), links.join("postgres")).expect("link");
        assert_eq!(bin_dir(&links), Some(real));
    }
}
