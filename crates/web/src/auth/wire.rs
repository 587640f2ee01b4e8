//! What clients send and get.

use jiff::Timestamp;
use serde::Serialize;
use sindico_domain::access::Membership;
use utoipa::ToSchema;

/// A name and a password.
#[derive(ToSchema)]
#[schema(example = json!({"username": "ana", "password": "correct horse battery"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct SignIn {
    /// Whatever its letter case.
    #[schema(max_length = 150)]
    username: String,
    /// Exactly as it was set; spaces count.
    #[schema(format = Password)]
    password: String,
    /// The code of a second factor, or one of its recovery codes: for accounts that have one.
    #[schema(max_length = 60)]
    otp: Option<String>,
}

/// A name, a password, and what the token is to be.
#[derive(ToSchema)]
#[schema(example = json!({"username": "ana", "password": "correct horse battery", "name": "Site", "scopes": ["leads:write"], "expires_in_days": 90}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct TokenInput {
    /// Whatever its letter case.
    #[schema(max_length = 150)]
    username: String,
    /// Exactly as it was set; spaces count.
    #[schema(format = Password)]
    password: String,
    /// The code of a second factor, or one of its recovery codes: for accounts that have one.
    #[schema(max_length = 60)]
    otp: Option<String>,
    /// By which its user will know it.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// `RESOURCE:read` or `RESOURCE:write`, `settings` and `platform` among the resources; without any, whatever its
    /// user may do.
    scopes: Option<Vec<String>>,
    /// From 1 to 3,650; without it, until it is revoked.
    expires_in_days: Option<i64>,
}

/// A new token.
#[derive(Serialize, ToSchema)]
pub struct Token {
    /// The key, for `Authorization: Token <key>`.
    pub token: String,
}

/// The session of a browser.
#[derive(Serialize, ToSchema)]
pub struct OpenSession {
    /// What unsafe methods carry in `X-CSRF-Token`.
    pub csrf_token: String,
    /// When it ends at the latest; a week without use ends it, too.
    pub expires_at: Timestamp,
}

/// The caller.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Id.
    pub id: i64,
    /// User name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Platform staff.
    pub is_staff: bool,
    /// Passes every check.
    pub is_superuser: bool,
    /// Whether the platform API is open to them.
    pub platform_admin: bool,
    /// Their active places in active companies.
    pub memberships: Vec<Membership>,
}

/// A change of the caller's own password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct PasswordChange {
    /// The current one.
    #[schema(format = Password)]
    old_password: String,
    /// At least 8 characters, none of the passwords that everybody tries first, and not the
    /// user's name or address.
    #[schema(format = Password, min_length = 8)]
    new_password: String,
}

/// Whose password was forgotten.
#[derive(ToSchema)]
#[schema(example = json!({"email": "ana@example.com"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct ResetRequest {
    /// The account's e-mail address; its user name is taken as well.
    #[schema(max_length = 254)]
    email: String,
}

/// A new password, in place of a forgotten one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct ResetConfirm {
    /// From the link in the mail.
    token: String,
    /// By the same rules as on a change.
    #[schema(format = Password, min_length = 8)]
    new_password: String,
}

/// The form of the page behind the link.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct ResetForm {
    /// From the link in the mail.
    token: String,
    /// By the same rules as on a change.
    #[schema(format = Password, min_length = 8)]
    new_password: String,
    /// The same once more.
    #[schema(format = Password)]
    new_password_again: String,
}
