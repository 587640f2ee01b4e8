//! Who runs the server. PostgreSQL refuses root, so root drops to another account; anybody else runs it as themselves.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid, User, getegid, geteuid};

use crate::error::Error;

/// The account that runs `initdb` and `postgres` and owns their files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUser {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) name: String,
    /// Whether this process is somebody else (root) and has to change over.
    pub(crate) switch: bool,
}

impl ServerUser {
    /// The account for a cluster at `pgdata`. One that exists keeps its owner: the accounts of a machine may have
    /// changed since, the files have not.
    pub(crate) fn choose(pgdata: &Path) -> Result<Self, Error> {
        if !geteuid().is_root() {
            return Ok(Self::new(geteuid(), getegid(), None, false));
        }
        if let Ok(found) = fs::metadata(pgdata)
            && found.uid() != 0
        {
            let account = User::from_uid(Uid::from_raw(found.uid())).ok().flatten();
            let gid = account
                .as_ref()
                .map_or(Gid::from_raw(found.gid()), |user| user.gid);
            return Ok(Self::new(Uid::from_raw(found.uid()), gid, account, true));
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .filter(|user| !user.uid.is_root())
            .map(|user| Self::new(user.uid, user.gid, Some(user), true))
            .ok_or(Error::NoServerUser)
    }

    fn new(uid: Uid, gid: Gid, account: Option<User>, switch: bool) -> Self {
        let name = account
            .or_else(|| User::from_uid(uid).ok().flatten())
            .map_or_else(|| uid.to_string(), |user| user.name);
        Self {
            uid: uid.as_raw(),
            gid: gid.as_raw(),
            name,
            switch,
        }
    }

    /// The outermost directory on the way to `path` (itself included) that this account may not pass, judged by mode
    /// bits. It explains a refusal that has happened; access lists can make it wrong, so it must not cause one.
    pub(crate) fn blocked_at(&self, path: &Path) -> Option<PathBuf> {
        let mut steps: Vec<&Path> = path.ancestors().collect();
        steps.reverse();
        steps
            .into_iter()
            .find(|step| fs::metadata(step).is_ok_and(|meta| !self.may_pass(&meta)))
            .map(Path::to_owned)
    }

    fn may_pass(&self, meta: &fs::Metadata) -> bool {
        let bit = if meta.uid() == self.uid {
            0o100
        } else if meta.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        meta.mode() & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_outermost_barred_directory_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let barred = dir.path().join("barred");
        let inner = barred.join("inner");
        fs::create_dir_all(&inner).expect("directories");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("mode");
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).expect("mode");
        fs::set_permissions(&barred, fs::Permissions::from_mode(0o700)).expect("mode");
        let stranger = ServerUser {
            uid: 4_000_000,
            gid: 4_000_000,
            name: "stranger".into(),
            switch: true,
        };
        assert_eq!(stranger.blocked_at(&inner), Some(barred.clone()));
        fs::set_permissions(&barred, fs::Permissions::from_mode(0o711)).expect("mode");
        assert_eq!(stranger.blocked_at(&inner), None);
    }
}
