//! Which records somebody sees, of each kind, and what of them: the scope and the fields that their role has there.

use super::Role;
use super::capability::{Resource, RoleMatrix};
use super::fields::Veil;
use crate::crm::Kind;
use crate::words::words;

words! {
    /// Which of a kind's records a role sees.
    Scope { /// All of the company's.
        All = "ALL", /// Their own, and those of the members of their teams.
        Team = "TEAM", /// Their own, and those of the members of teams that they lead.
        Own = "OWN" }
}

impl Resource {
    /// The kind of record that it is the permission for, if it is a kind's: those have a scope.
    pub fn kind(self) -> Option<Kind> {
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| kind.resource() == self)
    }
}

/// Whose eyes a tenant's data are read with. Nobody gets to the data without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sight {
    reader: i64,
    scopes: [Scope; Kind::ALL.len()],
    veil: Veil,
}

impl Sight {
    /// All there is: for the program's own work, and for who passes every check.
    pub fn whole() -> Self {
        Self {
            reader: 0,
            scopes: [Scope::All; Kind::ALL.len()],
            veil: Veil::default(),
        }
    }

    /// What this user sees with this role.
    pub fn of(reader: i64, role: Role, matrix: &RoleMatrix) -> Self {
        let mut sight = Self {
            reader,
            veil: Veil::of(role, matrix.fields()),
            ..Self::whole()
        };
        for (kind, scope) in Kind::ALL.iter().zip(&mut sight.scopes) {
            *scope = matrix.scope(kind.resource(), role);
        }
        sight
    }

    /// The scope of a kind.
    pub fn scope(&self, kind: Kind) -> Scope {
        self.scopes[kind as usize]
    }

    /// What of the records that they see is kept from them.
    pub fn veil(&self) -> &Veil {
        &self.veil
    }

    /// Whether every record is seen, whatever is kept of it.
    pub fn sees_all(&self) -> bool {
        self.scopes.iter().all(|scope| *scope == Scope::All)
    }

    /// Whether nothing is hidden.
    pub fn is_whole(&self) -> bool {
        self.sees_all() && !self.veil.hides_any()
    }

    /// Who reads, as the database is told where fields are kept from them.
    pub fn reader(&self) -> i64 {
        self.reader
    }

    /// The field that tells whose a record is.
    pub fn owner(kind: Kind) -> &'static str {
        match kind {
            Kind::Customer | Kind::Lead | Kind::Opportunity => "owner",
            Kind::Activity => "assigned_to",
            Kind::SalesGoal => "assignee",
        }
    }

    /// As the database is told (`migrations/tenant/0013_sight.sql`): empty for who sees everything. There is
    /// nothing to quote in it.
    pub fn setting(&self) -> String {
        if self.sees_all() {
            return String::new();
        }
        let mut setting = format!("{} ", self.reader);
        for (kind, scope) in Kind::ALL.iter().zip(&self.scopes) {
            if *scope != Scope::All {
                setting.push_str(&format!("{kind}={scope} "));
            }
        }
        setting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::overrides::Overrides;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn who_is_not_narrowed_sees_everything() {
        assert_eq!(Sight::whole().setting(), "");
        let matrix = RoleMatrix::default();
        for role in Role::ALL {
            let sight = Sight::of(7, *role, &matrix);
            assert!(sight.is_whole());
            assert_eq!(sight.setting(), "");
        }
    }

    #[test]
    fn every_kind_has_a_field_that_tells_whose_it_is() {
        for kind in Kind::ALL {
            assert!(kind.position(Sight::owner(*kind)).is_some(), "{kind}");
            assert_eq!(kind.resource().kind(), Some(*kind));
        }
        assert_eq!(Resource::Metrics.kind(), None);
    }

    proptest! {
        /// What the database is told says of each kind what the matrix says of the role, and names nobody else.
        #[test]
        fn the_setting_tells_each_kinds_scope(reader in 1i64.., scopes in proptest::collection::vec(prop::sample::select(Scope::ALL), Kind::ALL.len()), role in prop::sample::select(Role::ALL)) {
            let all = Kind::ALL.iter().zip(&scopes);
            let said = all.map(|(kind, scope)| (kind.resource().to_string(), json!({"SCOPE": {role.as_str(): scope}})));
            let overrides = Overrides::parse(&said.collect()).unwrap();
            let sight = Sight::of(reader, role, &RoleMatrix::effective(&Overrides::default(), &overrides));
            let setting = sight.setting();
            prop_assert_eq!(setting.is_empty(), scopes.iter().all(|scope| *scope == Scope::All));
            for (kind, scope) in Kind::ALL.iter().zip(&scopes) {
                prop_assert_eq!(sight.scope(*kind), *scope);
                prop_assert_eq!(setting.contains(&format!(" {kind}={scope} ")), *scope != Scope::All);
            }
            if !setting.is_empty() {
                let first = setting.split(' ').next().unwrap();
                prop_assert_eq!(first.parse::<i64>().unwrap(), reader);
                prop_assert!(setting.chars().all(|c| c.is_ascii_alphanumeric() || " =_".contains(c)));
            }
            // The other roles are as they were.
            for other in Role::ALL.iter().filter(|other| **other != role) {
                prop_assert!(Sight::of(reader, *other, &RoleMatrix::effective(&Overrides::default(), &overrides)).is_whole());
            }
        }
    }
}
