//! What a token may be used for, whatever its user may do: one place for all routes.

use super::access::Access;
use super::actor::Caller;
use crate::contract::error::ApiResult;
use crate::table::Face;
use axum::http::request::Parts;
use sindico_domain::Refusal;
use sindico_domain::access::capability::Resource;
use sindico_domain::access::scopes::{Need, Scopes};

/// Whoever has a token may give it back.
const GIVE_BACK: &str = "/api/auth/logout/";

/// What a route of this access takes. A route with a resource takes its scope; one of the members, that of what it
/// is about, or else shows what the scopes of records let it.
pub fn need(access: Access, face: Face, method: &str, path: &str) -> Need {
    let write = !matches!(method, "GET" | "HEAD");
    if access == Access::Anyone || path == GIVE_BACK {
        return Need::Nothing;
    }
    // Pages are for people, who have sessions.
    if face == Face::Page {
        return Need::Everything;
    }
    match access {
        Access::Anyone => Need::Nothing,
        Access::Of(resource) | Access::May(resource, _) => Need::Of(resource, write),
        // What is kept of people is of every kind.
        Access::Owner if path.starts_with("/api/privacy/") => Need::Everything,
        Access::Owner => Need::Settings(write),
        Access::PlatformAdmin => Need::Platform(write),
        Access::SignedIn if write => Need::Everything,
        Access::SignedIn => Need::Nothing,
        Access::Member if path.starts_with("/api/views/") => Need::Of(Resource::Views, write),
        // Who the members are, with whom, and what roles may do.
        Access::Member
            if [
                "/api/auth/tenant-members/",
                "/api/auth/tenant-rbac/",
                "/api/teams/",
            ]
            .iter()
            .any(|settings| path.starts_with(settings)) =>
        {
            Need::Settings(write)
        }
        // What one has read, and wants to be told: for people, not for programs.
        Access::Member if path.starts_with("/api/notifications/") && write => Need::Everything,
        // They ask for each kind of record by themselves.
        Access::Member => Need::Nothing,
    }
}

/// Refuses a credential that is not for this.
pub(super) fn check(access: Access, parts: &Parts, face: Face, caller: &Caller) -> ApiResult<()> {
    let needed = need(access, face, parts.method.as_str(), parts.uri.path());
    require(caller.scopes, needed)
}

/// Refuses scopes that are not enough, and says which is missing.
pub(super) fn require(scopes: Scopes, need: Need) -> ApiResult<()> {
    if scopes.meet(need) {
        return Ok(());
    }
    let told = match need.name() {
        Some(name) => format!("This token lacks the scope {name}."),
        None => "This takes a token without limits, or a session.".to_owned(),
    };
    Err(Refusal::Forbidden(told).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_with_whom_is_a_setting() {
        for path in ["/api/teams/", "/api/teams/7/", "/api/auth/tenant-members/"] {
            let need = |method| need(Access::Member, Face::Api, method, path);
            assert_eq!(need("GET"), Need::Settings(false), "{path}");
            assert_eq!(need("POST"), Need::Settings(true), "{path}");
        }
    }
}
