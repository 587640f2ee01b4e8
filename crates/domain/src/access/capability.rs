//! What each role may do in a tenant: by resource and by HTTP method (contract section 5).

use super::Role;
use super::fields::{self, FieldRules};
use super::overrides::Overrides;
use super::sight::Scope;
use crate::words::words;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use utoipa::ToSchema;

words! {
    /// What permissions are given for.
    Resource { /// Customers.
        Customers = "customers", /// Leads.
        Leads = "leads", /// Opportunities.
        Opportunities = "opportunities", /// Activities.
        Activities = "activities", /// Sales goals.
        SalesGoals = "sales_goals", /// Sales metrics; read only.
        Metrics = "metrics", /// The start page's summary; read only.
        Dashboard = "dashboard", /// Views of lists that everybody in the company sees.
        Views = "views", /// Imports of spreadsheets.
        Imports = "imports", /// Exports of lists; read only.
        Exports = "exports", /// Pipelines, their stages, and the reasons why sales are lost.
        Pipelines = "pipelines", /// Custom fields.
        CustomFields = "custom_fields", /// Products, of which quotes are made.
        Products = "products", /// Rules of who gets new leads.
        AssignmentRules = "assignment_rules" }
}

words! {
    /// The methods that need a permission. `HEAD` counts as `GET`; `OPTIONS` needs none.
    Method { /// Lists and reads.
        Get = "GET", /// Creates, and executes actions.
        Post = "POST", /// Replaces.
        Put = "PUT", /// Changes what is sent.
        Patch = "PATCH", /// Deletes.
        Delete = "DELETE" }
}

impl Resource {
    /// The methods that this resource has at all.
    pub fn methods(self) -> &'static [Method] {
        match self {
            Self::Metrics | Self::Dashboard | Self::Exports => &[Method::Get],
            Self::Imports => &[Method::Get, Method::Post, Method::Patch, Method::Delete],
            Self::AssignmentRules => &[Method::Get, Method::Post, Method::Put],
            _ => Method::ALL,
        }
    }
}

/// A set of roles. Written out, they are sorted by their words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// Every role.
    pub fn all() -> Self {
        Role::ALL.iter().copied().collect()
    }

    /// Whether this role is in the set.
    pub fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// The roles by their words, as they are shown.
    pub fn sorted(self) -> Vec<Role> {
        let mut roles: Vec<Role> = Role::ALL
            .iter()
            .copied()
            .filter(|role| self.contains(*role))
            .collect();
        roles.sort_by_key(|role| role.as_str());
        roles
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |set, role| set | 1 << role as u8))
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sorted().serialize(serializer)
    }
}

/// What one caller may do with one resource, by the actions that clients know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Capabilities {
    /// `GET` of the list.
    pub list: bool,
    /// `GET` of one.
    pub retrieve: bool,
    /// `POST`.
    pub create: bool,
    /// `PUT`.
    pub update: bool,
    /// `PATCH`.
    pub partial_update: bool,
    /// `DELETE`.
    pub delete: bool,
}

impl Capabilities {
    /// Those of every resource, where this says what is allowed.
    pub fn each(allows: impl Fn(Resource, Method) -> bool) -> BTreeMap<Resource, Self> {
        let of = |resource| {
            let may = |method| allows(resource, method);
            Self {
                list: may(Method::Get),
                retrieve: may(Method::Get),
                create: may(Method::Post),
                update: may(Method::Put),
                partial_update: may(Method::Patch),
                delete: may(Method::Delete),
            }
        };
        Resource::ALL.iter().map(|r| (*r, of(*r))).collect()
    }
}

/// Which roles may use which method of which resource, and which of a kind's records each role sees. What nobody
/// is named for is open to nobody but superusers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleMatrix {
    methods: [[Roles; Method::ALL.len()]; Resource::ALL.len()],
    scopes: [[Scope; Role::ALL.len()]; Resource::ALL.len()],
    fields: BTreeMap<Resource, FieldRules>,
}

impl Default for RoleMatrix {
    /// Read all three; create and change MANAGER and OWNER; delete OWNER (contract section 5). Views are
    /// nobody's data: who may change one may delete it. What takes many records out or in at once is for MANAGER
    /// and OWNER.
    fn default() -> Self {
        let writers = [Role::Manager, Role::Owner].into_iter().collect();
        let owners = [Role::Owner].into_iter().collect();
        let mut matrix = Self {
            methods: [[Roles::default(); Method::ALL.len()]; Resource::ALL.len()],
            scopes: [[Scope::All; Role::ALL.len()]; Resource::ALL.len()],
            fields: BTreeMap::new(),
        };
        for (resource, method, roles) in matrix.cells() {
            if resource.methods().contains(&method) {
                *roles = match method {
                    _ if matches!(resource, Resource::Imports | Resource::Exports) => writers,
                    Method::Get => Roles::all(),
                    Method::Post | Method::Put | Method::Patch => writers,
                    Method::Delete if resource == Resource::Views => writers,
                    Method::Delete => owners,
                };
            }
        }
        matrix
    }
}

impl RoleMatrix {
    /// The matrix that counts in a tenant: the default, under `TENANT_ROLE_MATRICES`, under the
    /// company's own overrides.
    pub fn effective(setting: &Overrides, company: &Overrides) -> Self {
        let mut matrix = Self::default();
        matrix.lay(setting);
        matrix.lay(company);
        matrix
    }

    /// Lays overrides over this matrix: what they name is as they say, the rest stays.
    pub fn lay(&mut self, overrides: &Overrides) {
        for (resource, method, roles) in self.cells() {
            if resource.methods().contains(&method)
                && let Some(said) = overrides.roles(resource, method)
            {
                *roles = said;
            }
        }
        for (resource, rules) in overrides.fields() {
            fields::lay(self.fields.entry(resource).or_default(), rules);
        }
        for (resource, row) in Resource::ALL.iter().zip(&mut self.scopes) {
            for (role, scope) in Role::ALL.iter().zip(row) {
                if let Some(said) = overrides.scope(*resource, *role) {
                    *scope = said;
                }
            }
        }
    }

    /// Which of a kind's records a role sees; all of what is no kind of record.
    pub fn scope(&self, resource: Resource, role: Role) -> Scope {
        self.scopes[resource as usize][role as usize]
    }

    /// The scopes of every kind of record, by role (`GET /api/auth/tenant-rbac/`).
    pub fn scopes(&self) -> BTreeMap<Resource, BTreeMap<Role, Scope>> {
        let kinds = Resource::ALL.iter().filter(|r| r.kind().is_some());
        let of = |resource: Resource| {
            let roles = Role::ALL.iter();
            roles.map(move |role| (*role, self.scope(resource, *role)))
        };
        kinds.map(|r| (*r, of(*r).collect())).collect()
    }

    /// What is said of the fields of every kind of record; what is not named, every role reads and writes.
    pub fn fields(&self) -> &BTreeMap<Resource, FieldRules> {
        &self.fields
    }

    fn cells(&mut self) -> impl Iterator<Item = (Resource, Method, &mut Roles)> {
        let rows = Resource::ALL.iter().zip(&mut self.methods);
        rows.flat_map(|(resource, row)| {
            let cells = Method::ALL.iter().zip(row);
            cells.map(|(method, roles)| (*resource, *method, roles))
        })
    }

    /// The roles that may use this method of this resource.
    pub fn roles(&self, resource: Resource, method: Method) -> Roles {
        self.methods[resource as usize][method as usize]
    }

    /// Whether a caller with this role (none: no member) may use this method of this resource.
    /// A superuser passes every check.
    pub fn allows(
        &self,
        role: Option<Role>,
        superuser: bool,
        resource: Resource,
        method: Method,
    ) -> bool {
        superuser || role.is_some_and(|role| self.roles(resource, method).contains(role))
    }

    /// What a caller may do with each resource (`GET /api/auth/capabilities/`).
    pub fn capabilities(
        &self,
        role: Option<Role>,
        superuser: bool,
    ) -> BTreeMap<Resource, Capabilities> {
        Capabilities::each(|resource, method| self.allows(role, superuser, resource, method))
    }
}

impl Serialize for RoleMatrix {
    /// By resource, the methods that it has.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Resource::ALL.iter().map(|resource| {
            let methods = resource.methods().iter();
            let row: BTreeMap<Method, Roles> = methods
                .map(|method| (*method, self.roles(*resource, *method)))
                .collect();
            (resource, row)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// The overrides that this JSON says.
    fn overrides(json: Value) -> Overrides {
        Overrides::parse(json.as_object().unwrap()).unwrap()
    }

    #[test]
    fn the_default_is_the_contracts() {
        let matrix = RoleMatrix::default();
        let allowed = |role, resource, method| matrix.allows(Some(role), false, resource, method);
        for resource in Resource::ALL.iter().copied() {
            if matches!(resource, Resource::Imports | Resource::Exports) {
                for method in resource.methods().iter().copied() {
                    assert!(!allowed(Role::Member, resource, method));
                    assert!(allowed(Role::Manager, resource, method));
                    assert!(allowed(Role::Owner, resource, method));
                }
                continue;
            }
            let read_only = matches!(resource, Resource::Metrics | Resource::Dashboard);
            for role in Role::ALL.iter().copied() {
                assert!(allowed(role, resource, Method::Get));
                for method in [Method::Post, Method::Put, Method::Patch] {
                    let has = resource.methods().contains(&method);
                    let expected = role != Role::Member && !read_only && has;
                    assert_eq!(
                        allowed(role, resource, method),
                        expected,
                        "{resource} {role}"
                    );
                }
                let managed = resource == Resource::Views && role == Role::Manager;
                let has = resource.methods().contains(&Method::Delete);
                let expected = (role == Role::Owner || managed) && !read_only && has;
                assert_eq!(allowed(role, resource, Method::Delete), expected);
            }
        }
    }

    #[test]
    fn a_superuser_passes_and_a_stranger_does_not() {
        let matrix = RoleMatrix::default();
        for resource in Resource::ALL.iter().copied() {
            for method in Method::ALL.iter().copied() {
                assert!(matrix.allows(None, true, resource, method));
                assert!(!matrix.allows(None, false, resource, method));
            }
        }
        let all = matrix.capabilities(Some(Role::Member), true);
        assert_eq!(all.len(), Resource::ALL.len());
        for capabilities in all.values() {
            let json = serde_json::to_value(capabilities).unwrap();
            assert!(json.as_object().unwrap().values().all(|v| v == true));
        }
    }

    #[test]
    fn the_company_counts_over_the_setting_and_the_setting_over_the_default() {
        let setting = overrides(json!({"leads": {"DELETE": ["manager"], "GET": ["owner"]}}));
        let company = overrides(json!({"leads": {"*": ["owner"], "POST": ["member"]}}));
        let matrix = RoleMatrix::effective(&setting, &Overrides::default());
        let json = serde_json::to_value(matrix).unwrap();
        assert_eq!(json["leads"]["DELETE"], json!(["MANAGER"]));
        assert_eq!(json["leads"]["POST"], json!(["MANAGER", "OWNER"]));
        let matrix = RoleMatrix::effective(&setting, &company);
        let json = serde_json::to_value(matrix).unwrap();
        // The company's `*` is all methods; what it names is nearer than its `*`.
        assert_eq!(
            json["leads"],
            json!({"GET": ["OWNER"], "POST": ["MEMBER"], "PUT": ["OWNER"], "PATCH": ["OWNER"],
                "DELETE": ["OWNER"]})
        );
        assert_eq!(
            json["customers"]["GET"],
            json!(["MANAGER", "MEMBER", "OWNER"])
        );
        assert_eq!(
            json["metrics"],
            json!({"GET": ["MANAGER", "MEMBER", "OWNER"]})
        );
    }

    #[test]
    fn capabilities_follow_the_matrix() {
        let company = overrides(json!({"customers": {"PATCH": ["MEMBER"]}}));
        let matrix = RoleMatrix::effective(&Overrides::default(), &company);
        let of = |role| matrix.capabilities(Some(role), false)[&Resource::Customers];
        let member = of(Role::Member);
        assert!(member.list && member.retrieve && member.partial_update);
        assert!(!member.create && !member.update && !member.delete);
        let manager = of(Role::Manager);
        assert!(manager.create && manager.update && !manager.partial_update && !manager.delete);
    }

    proptest! {
        #[test]
        fn sets_of_roles_hold_what_was_put_in(picked in proptest::sample::subsequence(Role::ALL, 0..=3)) {
            let roles: Roles = picked.iter().copied().collect();
            for role in Role::ALL {
                prop_assert_eq!(roles.contains(*role), picked.contains(role));
            }
            let words: Vec<_> = roles.sorted().iter().map(|r| r.as_str()).collect();
            prop_assert!(words.is_sorted());
            prop_assert_eq!(words.len(), picked.len());
        }
    }
}
