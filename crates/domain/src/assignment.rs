//! Who gets new leads that nobody was named for: rules in an order, of which the first that fits and has somebody
//! gives.

use crate::FieldErrors;
use crate::crm::Kind;
use crate::crm::filter::Filter;
use crate::input::{Fields, boolean, integer, nullable, text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// How many rules a company may have.
pub const MOST: usize = 50;
/// How many people a rule may name.
pub const PEOPLE: usize = 100;

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    /// Its id, by which its turn is kept; 0 for one that is new.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Whether it counts.
    pub active: bool,
    /// Which leads it is for: a tree of conditions.
    #[schema(value_type = Object)]
    pub filter: Value,
    /// Who gets them, in turn.
    pub users: Vec<i64>,
    /// The team whose members get them in turn, after those who are named.
    pub team: Option<i64>,
    /// Who gets them when nobody of those is active.
    pub fallback: Option<i64>,
}

impl Rule {
    /// Its filter; of one that can't be read any more (a field that is gone) nothing fits.
    pub fn tree(&self) -> Filter {
        Filter::parse(Kind::Lead, &self.filter).unwrap_or(Filter::Any(Vec::new()))
    }

    fn parse(value: &Value) -> Result<Self, FieldErrors> {
        let nothing = Map::new();
        let map = value.as_object().unwrap_or(&nothing);
        let mut f = Fields::new(map);
        let filter = f.read("filter", |value| {
            let tree = Filter::parse(Kind::Lead, value).map_err(|wrong| wrong.join(" "))?;
            Ok(tree.to_json())
        });
        let rule = Self {
            id: f.read("id", integer(0..=i64::MAX)).unwrap_or_default(),
            name: f.require("name", text(1..=60)).unwrap_or_default(),
            active: f.read("active", boolean).unwrap_or(true),
            filter: filter.unwrap_or_else(|| json!({"all": []})),
            users: f.read("users", people).unwrap_or_default(),
            team: f.read("team", nullable(integer(1..=i64::MAX))).flatten(),
            fallback: f
                .read("fallback", nullable(integer(1..=i64::MAX)))
                .flatten(),
        };
        let mut errors = f.finish();
        if errors.is_empty()
            && rule.users.is_empty()
            && rule.team.is_none()
            && rule.fallback.is_none()
        {
            errors.add("users", "Name somebody: users, a team, or a fallback.");
        }
        errors.check(rule)
    }
}

fn people(value: &Value) -> Result<Vec<i64>, String> {
    let wrong = || "Expected a list of ids of users.".to_owned();
    let list = value.as_array().ok_or_else(wrong)?;
    if list.len() > PEOPLE {
        return Err(format!("Name at most {PEOPLE} people."));
    }
    let mut people = Vec::new();
    for one in list {
        let id = one.as_i64().filter(|id| *id > 0).ok_or_else(wrong)?;
        if !people.contains(&id) {
            people.push(id);
        }
    }
    Ok(people)
}

/// Reads `rules`: all of them, in their order. Those without an id, or with one that is not `known`, are new, and get the
/// next ids.
///
/// # Errors
/// What is wrong with which.
pub fn parse(
    body: &Map<String, Value>,
    known: &[i64],
    next: i64,
) -> Result<Vec<Rule>, FieldErrors> {
    let Some(list) = body.get("rules").and_then(Value::as_array) else {
        return Err(FieldErrors::one("rules", "Expected a list of rules."));
    };
    if list.len() > MOST {
        let told = format!("A company has at most {MOST} rules.");
        return Err(FieldErrors::one("rules", told));
    }
    let mut errors = FieldErrors::new();
    let (mut rules, mut next) = (Vec::<Rule>::new(), next);
    for (n, value) in list.iter().enumerate() {
        match Rule::parse(value) {
            Err(wrong) => errors.nest(&format!("rules.{n}"), wrong),
            Ok(mut rule) => {
                if !known.contains(&rule.id) || rules.iter().any(|other| other.id == rule.id) {
                    rule.id = next;
                    next += 1;
                }
                rules.push(rule);
            }
        }
    }
    errors.check(rules)
}

/// Whose turn it is among these, after who had the last one.
pub fn turn(people: &[i64], last: Option<i64>) -> Option<i64> {
    let after = last
        .and_then(|last| people.iter().position(|one| *one == last))
        .map_or(0, |place| place + 1);
    people.get(after).or_else(|| people.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn wrong_rules_are_named() {
        for (rule, field) in [
            (json!({"users": [1]}), "name"),
            (json!({"name": "a"}), "users"),
            (json!({"name": "a", "users": "x"}), "users"),
            (json!({"name": "a", "users": [-1]}), "users"),
            (
                json!({"name": "a", "users": [1], "filter": {"field": "nothing", "op": "is", "value": 1}}),
                "filter",
            ),
            (json!({"name": "a", "team": "x"}), "team"),
        ] {
            let body = json!({"rules": [{"name": "right", "users": [1]}, rule]});
            let wrong = parse(body.as_object().unwrap(), &[], 1).unwrap_err();
            let told = serde_json::to_value(&wrong).unwrap();
            assert!(told["rules.1"][field].is_array(), "{body}: {told}");
        }
        let many = json!({"rules": vec![json!({"name": "a", "users": [1]}); MOST + 1]});
        assert!(
            parse(many.as_object().unwrap(), &[], 1)
                .unwrap_err()
                .has("rules")
        );
        assert!(parse(&Map::new(), &[], 1).unwrap_err().has("rules"));
    }

    #[test]
    fn rules_keep_their_ids_and_new_ones_get_others() {
        let one = |id: i64| json!({"id": id, "name": "a", "users": [1, 1, 2]});
        let body = json!({"rules": [one(7), one(7), one(9), one(0)]});
        let rules = parse(body.as_object().unwrap(), &[7], 20).unwrap();
        let ids: Vec<i64> = rules.iter().map(|rule| rule.id).collect();
        assert_eq!(ids, [7, 20, 21, 22]);
        assert_eq!(rules[0].users, [1, 2]);
    }

    proptest! {
        /// However many turns are taken, nobody has two more than anybody else; and who is no member any more has none.
        #[test]
        fn turns_are_fair(people in proptest::collection::btree_set(1i64..50, 1..8), turns in 1usize..60, gone in proptest::option::of(1i64..50)) {
            let people: Vec<i64> = people.into_iter().collect();
            let (mut last, mut counts) = (gone, BTreeMap::<i64, usize>::new());
            for _ in 0..turns {
                last = turn(&people, last);
                *counts.entry(last.unwrap()).or_default() += 1;
            }
            prop_assert!(counts.keys().all(|one| people.contains(one)));
            let least = people.iter().map(|one| counts.get(one).copied().unwrap_or(0)).min().unwrap();
            prop_assert!(counts.values().all(|count| *count <= least + 1));
            prop_assert_eq!(turn(&[], last), None);
        }
    }
}
