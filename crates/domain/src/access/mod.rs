//! Who acts, and what they may do.

pub mod capability;
pub mod fields;
pub mod member;
pub mod overrides;
pub mod scopes;
pub mod sight;
pub mod team;

use crate::words::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// The role of a member in a tenant.
    Role { /// Reads.
        Member = "MEMBER", /// Reads, creates and changes.
        Manager = "MANAGER", /// Everything, members included.
        Owner = "OWNER" }
}

/// A known, active user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: i64,
    /// Unique, whatever the case.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Platform staff.
    pub is_staff: bool,
    /// Passes every check.
    pub is_superuser: bool,
}

impl User {
    /// Whether the platform API is open to this user (seed: "Authentication").
    pub fn is_platform_admin(&self) -> bool {
        self.is_staff || self.is_superuser
    }
}

/// Who a change is recorded under: every function that writes takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user, unless the program itself or the shell acts.
    pub user_id: Option<i64>,
    /// The user's name, or `system`, or `shell:<login>`.
    pub name: String,
    /// Where the request came from, if it came over the network.
    pub address: Option<std::net::IpAddr>,
    /// The id of the request, or of the operation, that led to the change.
    pub request_id: String,
    /// The visit of support during which it was done: for whom, and why.
    pub support: Option<Support>,
}

/// Why somebody of the platform acts in a tenant, and for whom: recorded beside their own name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Support {
    /// The visit.
    pub visit: i64,
    /// The member of the tenant who asked for it; empty when the platform acts of its own.
    pub behalf_of: String,
    /// Why.
    pub reason: String,
}

impl Actor {
    /// The program itself, acting for a request made earlier.
    pub fn system(request_id: &str) -> Self {
        Self {
            user_id: None,
            name: "system".to_owned(),
            address: None,
            request_id: request_id.to_owned(),
            support: None,
        }
    }
}

/// A user's place in a tenant, as `GET /api/auth/me/` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Membership {
    /// The company.
    pub company_id: i64,
    /// Its name.
    pub company_name: String,
    /// Its code.
    pub tenant_code: String,
    /// The user's role in it.
    pub role: Role,
}
