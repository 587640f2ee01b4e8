//! What tells a transaction whose eyes it reads with. There is nothing to quote in any of it: numbers, and names that were
//! looked at when they came in.

/// Which records this reader sees; all of them when it is empty.
pub(crate) fn seen_by(reader: &str) -> String {
    format!("SET LOCAL sindico.reader = '{reader}'")
}

/// What is kept from this reader.
pub(crate) fn kept_from(veil: &str, reader: i64) -> String {
    format!("SET LOCAL sindico.veil = '{veil}'; SET LOCAL sindico.veil_of = '{reader}'; {VEILED}")
}

/// Has names lead to the views in which fields are empty (docs/adr/0030-veil.md).
pub(crate) const VEILED: &str = "SET LOCAL search_path = veil, public";
/// Has them lead to the tables.
pub(crate) const UNVEILED: &str = "SET LOCAL search_path = public";

/// A text that is read under a veil: one that is prepared on its own, since its names lead elsewhere.
pub(crate) fn under(veil: &str, sql: &str) -> Option<String> {
    (!veil.is_empty()).then(|| format!("/* veiled */ {sql}"))
}

/// Whether a text of this program's own writes: views take no rows, so what it names has to be the tables.
pub(crate) fn writes(sql: &str) -> bool {
    let sql = sql.trim_start();
    let begins = |word: &str| sql.starts_with(word);
    begins("INSERT ")
        || begins("UPDATE ")
        || begins("DELETE ")
        || begins("WITH ")
            && (sql.contains("INSERT INTO ")
                || sql.contains("DELETE FROM ")
                // And not FOR UPDATE.
                || sql.contains("UPDATE ") && sql.contains(" SET "))
}

#[cfg(test)]
mod tests {
    use super::writes;

    #[test]
    fn what_writes_is_told_from_what_reads() {
        for sql in [
            "INSERT INTO lead DEFAULT VALUES",
            "\n UPDATE lead SET notes = ''",
            "DELETE FROM lead",
            "WITH those AS (SELECT 1) UPDATE lead SET notes = ''",
            "WITH one AS (INSERT INTO change_set DEFAULT VALUES RETURNING id) SELECT id FROM one",
        ] {
            assert!(writes(sql), "{sql}");
        }
        for sql in [
            "SELECT id FROM lead FOR UPDATE",
            "WITH those AS (SELECT id FROM lead FOR NO KEY UPDATE) SELECT id FROM those",
            "SELECT 'UPDATE lead SET'",
        ] {
            assert!(!writes(sql), "{sql}");
        }
    }
}
