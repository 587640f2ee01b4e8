//! Installing PostgreSQL on a Debian-family system, without the cluster that the package would make.

use std::fs;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::geteuid;

use crate::error::{Error, failed};

/// Where Debian's packages read whether to make a cluster of their own.
const CREATE_CLUSTER_CONF: &str = "/etc/postgresql-common/createcluster.conf";
const SETTING: &str = "create_main_cluster";

/// Whether this process may install here at all.
pub(crate) fn possible() -> bool {
    geteuid().is_root() && Path::new("/etc/debian_version").exists()
}

/// Installs the distribution's server. Says so first.
pub(crate) fn run() -> Result<(), Error> {
    say(
        "PostgreSQL is not installed. Installing the packages `postgresql-common` and `postgresql` with apt-get now (no cluster and no service is set up).",
    );
    // First the package that holds the switch, then the switch, then the server.
    if apt(&[
        "install",
        "-y",
        "--no-install-recommends",
        "postgresql-common",
    ])
    .is_err()
    {
        // Most often the lists are missing (a container image) or stale.
        apt(&["update"])?;
        apt(&[
            "install",
            "-y",
            "--no-install-recommends",
            "postgresql-common",
        ])?;
    }
    let conf = NoMainCluster::set(Path::new(CREATE_CLUSTER_CONF))?;
    let installed = apt(&["install", "-y", "--no-install-recommends", "postgresql"]);
    conf.restore()?;
    installed
}

fn apt(args: &[&str]) -> Result<(), Error> {
    let step = || format!("`apt-get {}`", args.join(" "));
    let wrong = |reason: String| Error::Install { reason };
    // Standard output belongs to the command that the user ran; what apt says is for the eyes.
    let out = io::stderr()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|error| wrong(error.to_string()))?;
    let status = Command::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(out)
        .status()
        .map_err(|error| wrong(format!("{}: {error}", step())))?;
    if status.success() {
        Ok(())
    } else {
        Err(wrong(format!("{} ended with {status}", step())))
    }
}

/// Standard error may be closed, which is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The switch while it is turned; goes back when dropped, so also on the way out of an error.
struct NoMainCluster {
    path: PathBuf,
    before: Option<String>,
    restored: bool,
}

impl NoMainCluster {
    fn set(path: &Path) -> Result<Self, Error> {
        let before = match fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed("read", path)(error)),
        };
        fs::write(path, without_cluster(before.as_deref().unwrap_or_default()))
            .map_err(failed("write", path))?;
        Ok(Self {
            path: path.to_owned(),
            before,
            restored: false,
        })
    }

    fn restore(mut self) -> Result<(), Error> {
        self.put_back()
    }

    fn put_back(&mut self) -> Result<(), Error> {
        self.restored = true;
        match &self.before {
            Some(text) => fs::write(&self.path, text).map_err(failed("restore", &self.path)),
            None => fs::remove_file(&self.path).map_err(failed("remove", &self.path)),
        }
    }
}

impl Drop for NoMainCluster {
    fn drop(&mut self) {
        if !self.restored
            && let Err(error) = self.put_back()
        {
            tracing::warn!(%error, "a setting of postgresql-common could not be put back");
        }
    }
}

/// The file's text with the switch off and everything else as it was.
fn without_cluster(text: &str) -> String {
    let sets_it = |line: &str| {
        let line = line.trim_start_matches(['#', ' ', '\t']);
        line.strip_prefix(SETTING)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut out: String = text
        .lines()
        .filter(|line| !sets_it(line))
        .map(|line| format!("{line}\n"))
        .collect();
    out.push_str(SETTING);
    out.push_str(" = false\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# Default values\n\n#create_main_cluster = true\nstart_conf = 'auto'\n";

    #[test]
    fn the_switch_is_turned_off_and_put_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("createcluster.conf");
        fs::write(&path, BEFORE).expect("write");
        let conf = NoMainCluster::set(&path).expect("set");
        let during = fs::read_to_string(&path).expect("read");
        assert_eq!(
            during,
            "# Default values\n\nstart_conf = 'auto'\ncreate_main_cluster = false\n"
        );
        conf.restore().expect("restore");
        assert_eq!(fs::read_to_string(&path).expect("read"), BEFORE);
    }

    #[test]
    fn an_early_return_puts_it_back_too() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("createcluster.conf");
        drop(NoMainCluster::set(&path).expect("set"));
        assert!(!path.exists());
    }
}
