//! What clients send and get, for the documentation and the answers.

use serde::Serialize;
use sindico_domain::access::{Membership, User};
use utoipa::ToSchema;

/// Name and password.
#[derive(ToSchema)]
#[schema(example = json!({"username": "ana", "password": "correct horse battery"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct Credentials {
    username: String,
    #[schema(format = Password)]
    password: String,
}

/// A new token.
#[derive(Serialize, ToSchema)]
pub struct Token {
    /// Send it as `Authorization: Token <key>`. It is shown this once.
    pub token: String,
}

/// An open session.
#[derive(Serialize, ToSchema)]
pub struct OpenSession {
    /// The user's id.
    pub id: i64,
    /// The user's name.
    pub username: String,
    /// Goes into `X-CSRF-Token` of unsafe requests.
    pub csrf_token: String,
}

/// The caller.
#[derive(Serialize, ToSchema)]
pub struct Me {
    id: i64,
    username: String,
    email: String,
    is_staff: bool,
    is_superuser: bool,
    /// Whether the platform API is open to the caller.
    platform_admin: bool,
    /// Active memberships of active companies, by company name.
    memberships: Vec<Membership>,
}

impl Me {
    pub(super) fn new(user: User, memberships: Vec<Membership>) -> Self {
        Self {
            platform_admin: user.is_platform_admin(),
            id: user.id,
            username: user.username,
            email: user.email,
            is_staff: user.is_staff,
            is_superuser: user.is_superuser,
            memberships,
        }
    }
}

/// The old password and the new one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct PasswordChange {
    #[schema(format = Password)]
    old_password: String,
    /// At least 8 characters; not a common one, nor the name or address.
    #[schema(format = Password, min_length = 8)]
    new_password: String,
}

/// Whose password is to be reset.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct ResetRequest {
    /// The account's e-mail address, or its user name.
    email: Option<String>,
    /// In place of `email`.
    username: Option<String>,
}

/// The new password, with the secret of the link.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct ResetConfirm {
    /// From the link in the mail.
    token: String,
    /// At least 8 characters; not a common one, nor the name or address.
    #[schema(format = Password, min_length = 8)]
    new_password: String,
}

/// A word to the caller.
#[derive(Serialize, ToSchema)]
pub struct Detail {
    /// The word.
    pub detail: &'static str,
}
