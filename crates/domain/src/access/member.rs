//! Members of a tenant, as they are shown and as they come in (contract section 5).

use super::Role;
use crate::FieldErrors;
use crate::account;
use crate::input::{Fields, boolean, choice, text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A user's place in one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// The membership's id.
    pub id: i64,
    /// The user.
    pub user_id: i64,
    /// The user's name.
    pub username: String,
    /// The user's address.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Whether the place is taken: an inactive member is out, and takes no seat.
    pub is_active: bool,
    /// When they came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the place changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl Member {
    /// The version for `ETag`: `updated_at` in microseconds, which every change moves on.
    pub fn version(&self) -> i64 {
        self.updated_at.as_microsecond()
    }
}

/// Somebody who is to be a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The user's name.
    pub username: String,
    /// MEMBER unless told, or the one that they have.
    pub role: Option<Role>,
    /// True unless told: who is added again is back.
    pub is_active: bool,
}

impl NewMember {
    /// Reads `{username, role?, is_active?}`.
    ///
    /// # Errors
    /// All fields that are wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let username = f.require("username", |value| {
            account::username(&text(1..=150)(value)?)
        });
        let role = f.read("role", choice);
        let is_active = f.read("is_active", boolean).unwrap_or(true);
        f.finish().check(Self {
            username: username.unwrap_or_default(),
            role,
            is_active,
        })
    }
}

/// What is to change of a membership; what is `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemberChanges {
    /// The role.
    pub role: Option<Role>,
    /// The activity.
    pub is_active: Option<bool>,
}

impl MemberChanges {
    /// Reads `{role?, is_active?}`.
    ///
    /// # Errors
    /// All fields that are wrong; a body that has none of them.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let changes = Self {
            role: f.read("role", choice),
            is_active: f.read("is_active", boolean),
        };
        let mut errors = f.finish();
        if errors.is_empty() && changes == Self::default() {
            errors.merge(FieldErrors::whole("Send role or is_active, or both."));
        }
        errors.check(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_wrong_fields_are_told() {
        for (body, fields) in [
            (json!({}), vec!["username"]),
            (
                json!({"username": " ", "role": "BOSS", "is_active": "perhaps"}),
                vec!["username", "role", "is_active"],
            ),
            (
                json!({"username": null, "role": null, "is_active": null}),
                vec!["username", "role", "is_active"],
            ),
            (
                json!({"username": ["ana"], "role": 7}),
                vec!["username", "role"],
            ),
            (json!({"username": "a b"}), vec!["username"]),
            (json!({"username": "a\u{0}"}), vec!["username"]),
        ] {
            let errors = NewMember::parse(body.as_object().unwrap()).unwrap_err();
            for field in ["username", "role", "is_active"] {
                assert_eq!(errors.has(field), fields.contains(&field), "{body} {field}");
            }
        }
    }

    #[test]
    fn a_change_needs_something_to_change() {
        let parse = |body: Value| MemberChanges::parse(body.as_object().unwrap());
        assert!(
            parse(json!({"username": "x"}))
                .unwrap_err()
                .has("non_field_errors")
        );
        let wrong = parse(json!({"role": "boss"})).unwrap_err();
        assert!(wrong.has("role") && !wrong.has("non_field_errors"));
        let read = parse(json!({"is_active": "false", "id": 7})).unwrap();
        assert_eq!((read.role, read.is_active), (None, Some(false)));
    }
}
