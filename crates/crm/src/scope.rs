//! Which records there are for whoever reads. Every text that reads a kind's table takes its condition from here.
//!
//! What somebody must not see, the database hides from every statement, whatever its condition
//! (`migrations/tenant/0013_sight.sql`, docs/adr/0022-sight.md). What is said here of it is for the plans of lists:
//! a rule that may not matter is no condition that an index could answer, and this is one.

use sindico_domain::access::sight::{Scope, Sight};
use sindico_domain::crm::Kind;

/// The condition of the rows that are not in the bin.
pub(crate) const SEEN: &str = "deleted_at IS NULL";

/// The condition of the rows of a kind that are there for these eyes.
pub(crate) fn seen(kind: Kind, sight: &Sight) -> String {
    let owner = match kind {
        Kind::Customer | Kind::Lead | Kind::Opportunity => "owner_id",
        Kind::SalesGoal => "assignee_id",
        // Whose it is is not told by one column.
        Kind::Activity => return SEEN.to_owned(),
    };
    match sight.scope(kind) {
        Scope::All => SEEN.to_owned(),
        Scope::Team | Scope::Own => {
            format!("{SEEN} AND {owner} = ANY ((SELECT seen_owners('{kind}'))::bigint[])")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sindico_domain::access::Role;
    use sindico_domain::access::capability::RoleMatrix;
    use sindico_domain::access::overrides::Overrides;

    /// A condition of a scope names the kind's own owner, and nothing that came from outside.
    #[test]
    fn a_scope_is_a_condition_that_indexes_answer() {
        for kind in Kind::ALL {
            assert_eq!(seen(*kind, &Sight::whole()), SEEN);
            for scope in ["TEAM", "OWN"] {
                let said =
                    serde_json::json!({ kind.resource().as_str(): {"SCOPE": {"MEMBER": scope}} });
                let overrides = Overrides::parse(said.as_object().unwrap()).unwrap();
                let matrix = RoleMatrix::effective(&Overrides::default(), &overrides);
                let condition = seen(*kind, &Sight::of(7, Role::Member, &matrix));
                let expected = match kind {
                    Kind::Activity => SEEN.to_owned(),
                    Kind::SalesGoal => {
                        format!(
                            "{SEEN} AND assignee_id = ANY ((SELECT seen_owners('sales_goal'))::bigint[])"
                        )
                    }
                    _ => format!(
                        "{SEEN} AND owner_id = ANY ((SELECT seen_owners('{kind}'))::bigint[])"
                    ),
                };
                assert_eq!(condition, expected);
            }
        }
    }
}
