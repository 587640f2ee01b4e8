//! Migrations: numbered SQL files, each run once, in one transaction with its history row, under
//! an advisory lock, so that any number of programs may start at once.
//!
//! There are two sets: [`CONTROL`] for the control database, and [`TENANT`] for the tenants' places,
//! the same for a database of a tenant's own and for the shared one.

mod control;
pub mod tenant;

pub use control::{CONTROL, control, ensure_database, state};
pub use tenant::TENANT;

/// One migration.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// `0001_accounts`: its number and what it is about.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

impl Migration {
    /// SHA-256 of its text: an applied migration must not be edited.
    fn checksum(&self) -> Vec<u8> {
        use sha2::Digest;
        sha2::Sha256::digest(self.sql).to_vec()
    }
}

/// The migrations with these names, from a folder under `migrations`.
macro_rules! migrations {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$($crate::migrate::Migration {
            name: $name,
            sql: include_str!(concat!("../../../../migrations/", $folder, "/", $name, ".sql")),
        }),+]
    };
}
use migrations;

/// Where the schema of a database stands against this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// All of this program's migrations are there, and no others.
    Current,
    /// Some are missing.
    Behind,
    /// It has migrations that this program doesn't know: a newer program was here.
    Ahead,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(folder: &str) -> Vec<String> {
        let folder = format!("{}/../../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
            .collect();
        files.sort();
        files
    }

    #[test]
    fn every_file_is_listed_in_order() {
        for (folder, set) in [("control", CONTROL), ("tenant", TENANT)] {
            let names: Vec<&str> = set.iter().map(|migration| migration.name).collect();
            assert_eq!(names, listed(folder), "{folder}");
        }
    }
}
