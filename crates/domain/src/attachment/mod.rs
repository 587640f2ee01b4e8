//! Files at records: what they are called, what they are, and how much of them is taken.

mod media;
mod name;

pub use media::{Media, Preview};
pub use name::FileName;

use crate::crm::Kind;

/// The most files that one record has.
pub const PER_RECORD: i64 = 200;

/// The most files that are sent at once.
pub const AT_ONCE: usize = 10;

/// How much room files take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One file.
    pub file: u64,
    /// All of a company's.
    pub company: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 25 << 20,
            company: 5 << 30,
        }
    }
}

/// Whether records of this kind have files.
pub fn has_files(kind: Kind) -> bool {
    kind != Kind::SalesGoal
}

/// A number of bytes as people say it: `25 MiB`.
pub fn bytes(number: u64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB"];
    let mut unit = 0;
    let mut whole = number;
    let mut rest = 0;
    while whole >= 1024 && unit + 1 < units.len() {
        rest = whole % 1024;
        whole /= 1024;
        unit += 1;
    }
    match rest * 10 / 1024 {
        0 => format!("{whole} {}", units[unit]),
        tenth => format!("{whole}.{tenth} {}", units[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (number, said) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (25 << 20, "25 MiB"),
            (5 << 30, "5 GiB"),
            (u64::MAX, "17179869183.9 GiB"),
        ] {
            assert_eq!(bytes(number), said);
        }
    }
}
