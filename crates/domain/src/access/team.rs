//! Teams of a company: with the scope TEAM, their members see each other's records.

use crate::FieldErrors;
use crate::input::{Fields, boolean, integer, text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// How many members a team may have.
pub const MOST: usize = 500;

/// Somebody's place in a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamMember {
    /// The user.
    pub user: i64,
    /// Their name.
    pub username: String,
    /// Whether they lead it: who does sees its records with the scope OWN, too.
    pub leads: bool,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Team {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Who is in it, by name.
    pub members: Vec<TeamMember>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The version for `ETag`.
    #[serde(skip)]
    pub version: i64,
}

/// What is told of a team; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamDraft {
    /// Its name.
    pub name: Option<String>,
    /// Users, and whether each leads it.
    pub members: Option<Vec<(i64, bool)>>,
}

impl TeamDraft {
    /// Reads `{name, members: [{user, leads?}]}`.
    ///
    /// # Errors
    /// All fields that are wrong; a new one needs a name.
    pub fn parse(body: &Map<String, Value>, new: bool) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let name = match new {
            true => f.require("name", text(1..=60)),
            false => f.read("name", text(1..=60)),
        };
        let members = f.read("members", members);
        f.finish().check(Self { name, members })
    }
}

fn members(value: &Value) -> Result<Vec<(i64, bool)>, String> {
    let expected = || "Expected a list of {\"user\": id, \"leads\": true or false}.".to_owned();
    let list = value.as_array().ok_or_else(expected)?;
    if list.len() > MOST {
        return Err(format!("A team has at most {MOST} members."));
    }
    let mut seen = BTreeSet::new();
    let mut read = Vec::with_capacity(list.len());
    for one in list {
        let one = one.as_object().ok_or_else(expected)?;
        let id = integer(1..=i64::MAX)(one.get("user").ok_or_else(expected)?)?;
        let leads = one.get("leads").map_or(Ok(false), boolean)?;
        if !seen.insert(id) {
            return Err(format!("The user {id} stands here twice."));
        }
        read.push((id, leads));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(body: Value, new: bool) -> Result<TeamDraft, FieldErrors> {
        TeamDraft::parse(body.as_object().unwrap(), new)
    }

    #[test]
    fn a_team_is_a_name_and_users() {
        let told = json!({"name": " Sul ", "members": [{"user": 7}, {"user": 8, "leads": true}]});
        let draft = parse(told, true).unwrap();
        assert_eq!(draft.name.as_deref(), Some("Sul"));
        assert_eq!(draft.members, Some(vec![(7, false), (8, true)]));
        assert_eq!(parse(json!({}), false).unwrap(), TeamDraft::default());
        assert!(parse(json!({}), true).unwrap_err().has("name"));
        for wrong in [
            json!("x"),
            json!([7]),
            json!([{"user": "x"}]),
            json!([{"leads": true}]),
            json!([{"user": 7}, {"user": 7}]),
            json!([{"user": 7, "leads": 3}]),
        ] {
            assert!(
                parse(json!({"members": wrong}), false)
                    .unwrap_err()
                    .has("members")
            );
        }
    }
}
