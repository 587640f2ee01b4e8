//! What clients send and get.

use serde::Serialize;
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Capabilities, Resource, RoleMatrix};
use sindico_domain::access::fields::{FieldAccess, FieldRules};
use sindico_domain::access::member::Member;
use sindico_domain::access::overrides::Overrides;
use sindico_domain::access::sight::Scope;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a caller may do.
#[derive(Serialize, ToSchema)]
pub struct CapabilityMap {
    /// The tenant's code.
    pub tenant_code: String,
    /// Null for a superuser who is no member.
    pub role: Option<Role>,
    /// By resource.
    #[schema(value_type = BTreeMap<String, Capabilities>)]
    pub capabilities: BTreeMap<Resource, Capabilities>,
    /// Which records of each kind the caller sees: ALL, TEAM or OWN.
    #[schema(value_type = BTreeMap<String, Scope>)]
    pub scopes: BTreeMap<Resource, Scope>,
    /// The fields of each kind that are kept from the caller: READ can't be changed, NONE is shown as empty.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, FieldAccess>>)]
    pub fields: BTreeMap<Resource, BTreeMap<String, FieldAccess>>,
}

/// What roles may do in a tenant.
#[derive(Serialize, ToSchema)]
pub struct Roles {
    /// The tenant's code.
    pub tenant_code: String,
    /// The tenant's own word: by resource and method, `*` for all methods.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Vec<Role>>>)]
    pub rbac_overrides: Overrides,
    /// What counts: the default, under the installation's overrides, under the tenant's.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Vec<Role>>>)]
    pub effective_role_matrices: RoleMatrix,
    /// Which records of each kind each role sees: ALL, TEAM or OWN.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Scope>>)]
    pub effective_scopes: BTreeMap<Resource, BTreeMap<Role, Scope>>,
    /// What each role may do with fields that are not open to all: WRITE, READ or NONE.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, BTreeMap<String, FieldAccess>>>)]
    pub effective_fields: BTreeMap<Resource, FieldRules>,
}

/// Overrides; the same object may also come bare.
#[derive(ToSchema)]
#[schema(example = json!({"rbac_overrides": {"leads": {"DELETE": ["MANAGER", "OWNER"]}, "metrics": {"*": ["OWNER"]}}}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct RolesInput {
    /// By resource and method, `*` for all methods; a list of at least one role.
    rbac_overrides: BTreeMap<String, BTreeMap<String, Vec<Role>>>,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
pub struct Members<'a> {
    /// The tenant's code.
    pub tenant_code: &'a str,
    /// By user name.
    pub results: &'a [Member],
}

/// Somebody who is to be a member.
#[derive(ToSchema)]
#[schema(example = json!({"username": "ana", "role": "MANAGER"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct MemberInput {
    /// A user's name, whatever its letter case.
    #[schema(max_length = 150)]
    username: String,
    /// The role that they have, or MEMBER, unless told.
    role: Option<Role>,
    /// True unless told.
    is_active: Option<bool>,
}

/// What to change of a membership; at least one field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct MemberPatch {
    role: Option<Role>,
    is_active: Option<bool>,
}
