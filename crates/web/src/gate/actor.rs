//! Who a request comes from: a token, or a session with its proof.

use super::trace::RequestInfo;
use crate::App;
use crate::contract::error::ApiResult;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use sindico_domain::Refusal;
use sindico_domain::access::scopes::Scopes;
use sindico_domain::access::{Actor, Role, User};
use sindico_store::control::sessions::Session;
use sindico_store::control::{sessions, tokens};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The session cookie over https, where the prefix binds it to exactly this host.
pub const SECURE_COOKIE: &str = "__Host-sindico_session";
/// The session cookie without TLS, in development.
pub const PLAIN_COOKIE: &str = "sindico_session";

/// What the caller presented.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A token, in the `Authorization` header.
    Token(String),
    /// A session, in its cookie.
    Session(Session),
}

/// The known caller of a request that passed the gate.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// By what they are known.
    pub credential: Credential,
    /// Under whom changes are recorded.
    pub actor: Actor,
    /// The role in the request's tenant; `None` without a tenant, and for who is no member.
    pub role: Option<Role>,
    /// What the credential may be used for.
    pub scopes: Scopes,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = crate::contract::ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        known(parts).map(Arc::unwrap_or_clone)
    }
}

/// The known caller, without a copy.
///
/// # Errors
/// `401` outside of a gate that asks for one.
pub fn known(parts: &Parts) -> ApiResult<Arc<Caller>> {
    let caller = parts.extensions.get::<Arc<Caller>>().cloned();
    caller.ok_or_else(|| unauthenticated("Sign in, or send a token.").into())
}

fn unauthenticated(detail: &str) -> Refusal {
    Refusal::Unauthenticated(detail.to_owned())
}

/// Finds out who calls, and as what in this company, in one round trip. A header with credentials
/// counts before a cookie.
pub async fn identify(app: &App, parts: &Parts, company_id: Option<i64>) -> ApiResult<Caller> {
    let info = parts.extensions.get::<RequestInfo>();
    let secure = info.is_some_and(|info| info.secure);
    // A read may go by what was true a moment ago; a write asks.
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let (user, role, scopes, credential) = if let Some(token) = presented_token(&parts.headers)? {
        let recalled = reads.then(|| tokens::recall(app.store(), token, company_id));
        let known = match recalled.flatten() {
            Some(known) => Some(known),
            None => tokens::authenticate(app.store(), token, company_id).await?,
        };
        let known = known
            .ok_or_else(|| unauthenticated("This token is not valid, or not valid any more."))?;
        let token = Credential::Token(token.to_owned());
        (known.user, known.role, known.scopes, token)
    } else if let Some(cookie) = session_cookie(&parts.headers, secure) {
        let recalled = reads.then(|| sessions::recall(app.store(), cookie, company_id));
        let known = match recalled.flatten() {
            Some(known) => Some(known),
            None => sessions::authenticate(app.store(), cookie, company_id).await?,
        };
        let (user, session, role) =
            known.ok_or_else(|| unauthenticated("This session is over. Sign in again."))?;
        check_csrf(parts, &session)?;
        (user, role, Scopes::FULL, Credential::Session(session))
    } else {
        return Err(unauthenticated("Sign in, or send a token.").into());
    };
    let actor = Actor {
        user_id: Some(user.id),
        name: user.username.clone(),
        address: info.map(|info| info.client),
        request_id: info.map(|info| info.id.to_string()).unwrap_or_default(),
        support: None,
    };
    Ok(Caller {
        user,
        credential,
        actor,
        role,
        scopes,
    })
}

fn presented_token(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let wrong = || unauthenticated("Send the header as: Authorization: Token <key>.");
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.trim().split_once(' '))
        .ok_or_else(wrong)?;
    if scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(wrong())
    }
}

/// The session in the cookies. Over https only the name with the prefix counts: a cookie without it
/// may have been planted by another subdomain.
pub fn session_cookie(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let wanted = if secure { SECURE_COOKIE } else { PLAIN_COOKIE };
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

/// The header that proves that a request comes from our own pages.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// An unsafe method by session needs a proof that another site can't give: the session's CSRF
/// token, or the browser's word that the request is same-origin (Fetch Metadata).
fn check_csrf(parts: &Parts, session: &Session) -> Result<(), Refusal> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let header = |name: &str| parts.headers.get(name).map(|value| value.as_bytes());
    let by_token = header(CSRF_HEADER)
        .is_some_and(|token| bool::from(token.ct_eq(session.csrf_token.as_bytes())));
    let by_browser = header("sec-fetch-site") == Some(b"same-origin");
    if by_token || by_browser {
        Ok(())
    } else {
        Err(Refusal::Forbidden(
            "This request by session lacks its CSRF proof. Send the header X-CSRF-Token."
                .to_owned(),
        ))
    }
}
