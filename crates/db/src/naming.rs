//! A read that names its tenant itself, for the schema that tenants share.
//!
//! `BEGIN; SET LOCAL ...`, the read and `COMMIT` go out together, and are still three messages, each of
//! which PostgreSQL answers on its own and this program is woken for. One statement does the same: it
//! sets the tenant, then reads. Outside of a transaction such a setting ends with its statement, so
//! that nothing stays on a pooled connection (docs/adr/0016-one-statement-reads.md). A read of somebody who does
//! not see everything is told so in the same way, in a database of the tenant's own as well.

/// The read `sql` of so many parameters, in one statement that names the tenant and its reader: the two
/// parameters after the read's own.
///
/// PostgreSQL has to know how many rows to pass over before it asks for the first one, so the `OFFSET`
/// is where the tenant is set; it is always 0. The policies ask for the tenant in a sub-select, which
/// is run when a row is first looked for. Were the order ever another one, the setting would be empty,
/// and so the answer. It costs the plan a node that passes rows on as they are; a join or a condition
/// would copy each of them.
pub fn naming_its_tenant(sql: &str, params: usize) -> String {
    let (tenant, reader) = (params + 1, params + 2);
    // The line's end is for a read that ends in a comment.
    format!(
        "SELECT r.* FROM ({sql}\n) r \
         OFFSET (set_config('sindico.reader', ${reader}::text, true) IS NULL)::int \
           + (set_config('sindico.company_id', ${tenant}::bigint::text, true) IS NULL)::int"
    )
}

#[cfg(test)]
mod tests {
    use super::naming_its_tenant;

    #[test]
    fn the_tenant_is_the_parameter_after_the_reads_own() {
        let sql = naming_its_tenant("SELECT a FROM b WHERE c = $1 AND d = $2 -- e", 2);
        assert!(
            sql.contains("$3::bigint") && sql.contains("$4::text") && !sql.contains("$5"),
            "{sql}"
        );
        assert!(sql.contains("-- e\n)"), "{sql}");
        assert!(naming_its_tenant("SELECT 1", 0).contains("$1::bigint"));
    }
}
