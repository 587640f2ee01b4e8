//! What program, guardian and server tell each other: arguments one way, reports and the pid file the other.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::cluster::Layout;
use crate::user::ServerUser;

/// What the program tells its guardian, as command line arguments. They are in the process list: no secrets here.
pub(crate) struct Job {
    pub(crate) data_dir: PathBuf,
    pub(crate) postgres: PathBuf,
    pub(crate) user: ServerUser,
    pub(crate) socket_dir: PathBuf,
    /// `name=value` each.
    pub(crate) settings: Vec<OsString>,
}

impl Job {
    pub(crate) fn to_args(&self) -> Vec<OsString> {
        let id = |name: &str, value: u32| [OsString::from(name), value.to_string().into()];
        let path = |name: &str, value: &Path| [OsString::from(name), value.into()];
        let mut args: Vec<OsString> = Vec::new();
        args.extend(path("--data-dir", &self.data_dir));
        args.extend(path("--postgres", &self.postgres));
        args.extend(path("--socket-dir", &self.socket_dir));
        if self.user.switch {
            args.extend(id("--uid", self.user.uid));
            args.extend(id("--gid", self.user.gid));
        }
        for setting in &self.settings {
            args.extend(["--set".into(), setting.clone()]);
        }
        args
    }

    pub(crate) fn from_args(args: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let (mut data_dir, mut postgres, mut socket_dir) = (None, None, None);
        let (mut uid, mut gid, mut settings) = (None, None, Vec::new());
        let mut args = args.into_iter();
        while let Some(name) = args.next() {
            let value = args.next()?;
            let number = || value.to_str()?.parse::<u32>().ok();
            match name.to_str()? {
                "--data-dir" => data_dir = Some(PathBuf::from(value)),
                "--postgres" => postgres = Some(PathBuf::from(value)),
                "--socket-dir" => socket_dir = Some(PathBuf::from(value)),
                "--uid" => uid = Some(number()?),
                "--gid" => gid = Some(number()?),
                "--set" => settings.push(value),
                _ => return None,
            }
        }
        let switch = uid.is_some();
        let user = ServerUser {
            uid: uid.unwrap_or(0),
            gid: gid.unwrap_or(0),
            name: String::new(),
            switch,
        };
        Some(Self {
            data_dir: data_dir?,
            postgres: postgres?,
            user,
            socket_dir: socket_dir?,
            settings,
        })
    }
}

/// A line from the guardian to its program, on the guardian's standard output.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The server takes connections.
    Ready,
    /// There will be no server; why.
    Failed(String),
}

impl Report {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("ready", "") => Some(Self::Ready),
            ("failed", why) => Some(Self::Failed(why.to_owned())),
            _ => None,
        }
    }

    /// The program may be gone, which is not the guardian's trouble: its standard input tells.
    pub(crate) fn send(&self) {
        let line = match self {
            Self::Ready => "ready".to_owned(),
            Self::Failed(why) => format!("failed {}", why.replace('\n', " ")),
        };
        let mut out = io::stdout();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// What `postmaster.pid` says.
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) socket_dir: PathBuf,
    pub(crate) ready: bool,
}

impl PidFile {
    /// `None` when there is none, or not all of it yet.
    pub(crate) fn read(layout: &Layout) -> Option<Self> {
        let bytes = fs::read(layout.pid_file()).ok()?;
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let pid = std::str::from_utf8(lines.first()?)
            .ok()?
            .trim()
            .parse()
            .ok()?;
        let socket_dir = PathBuf::from(OsString::from_vec((*lines.get(4)?).to_vec()));
        Some(Self {
            pid,
            socket_dir,
            ready: lines.get(7)?.trim_ascii() == b"ready",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_survives_the_command_line() {
        let user = ServerUser {
            uid: 101,
            gid: 104,
            name: String::new(),
            switch: true,
        };
        let settings = vec![
            OsString::from("listen_addresses="),
            OsString::from_vec(b"x=\xff y".to_vec()),
        ];
        let job = Job {
            data_dir: "/a b".into(),
            postgres: "/p".into(),
            user,
            socket_dir: "/s".into(),
            settings,
        };
        let back = Job::from_args(job.to_args()).expect("understood");
        assert_eq!(
            (back.data_dir, back.postgres, back.socket_dir),
            (job.data_dir, job.postgres, job.socket_dir)
        );
        assert_eq!((back.user, back.settings), (job.user, job.settings));
        assert!(Job::from_args(["--data-dir".into()]).is_none());
        assert!(Job::from_args(["--other".into(), "x".into()]).is_none());
    }

    #[test]
    fn reports_are_understood() {
        assert_eq!(Report::parse("ready"), Some(Report::Ready));
        assert_eq!(
            Report::parse("failed it is so"),
            Some(Report::Failed("it is so".into()))
        );
        assert_eq!(Report::parse("Usage: x"), None);
    }
}
