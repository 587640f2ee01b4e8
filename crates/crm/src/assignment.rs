//! Rules of assignment: who gets new leads that nobody was named for. All of a company are one thing in one order,
//! which is read, changed and undone as a whole; what is done to them is written down in the transaction that does it.

mod give;

pub(crate) use give::Given;
pub use give::{Assigning, Preview, preview};

use crate::list::Viewpoint;
use crate::records::json;
use crate::settings;
use crate::work::By;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction};
use sindico_domain::assignment::{Rule, parse};
use sindico_domain::precondition::Precondition;
use sindico_domain::setting::Setting;
use sindico_domain::{FieldErrors, Refusal};
use std::collections::BTreeSet;
use utoipa::ToSchema;

sindico_db::statements! { "assignment":
    FIND = "SELECT rules, next_id, version, updated_at FROM assignment_rules";
    BEGIN = "INSERT INTO assignment_rules DEFAULT VALUES ON CONFLICT DO NOTHING";
    LOCK = "SELECT rules, next_id, version, updated_at FROM assignment_rules FOR UPDATE";
    UPDATE = "UPDATE assignment_rules SET rules = $1, next_id = $2, version = version + 1, updated_at = now()
        RETURNING rules, next_id, version, updated_at";
    LAST = "SELECT before FROM setting_change WHERE what = 'assignment_rules' AND what_id = 0 ORDER BY id DESC LIMIT 1";
    HISTORY = "SELECT action, user_id, username, at, before, after FROM setting_change
        WHERE what = 'assignment_rules' AND what_id = 0 ORDER BY id DESC LIMIT 100";
    TEAMS = "SELECT id FROM team WHERE id = ANY ($1) AND deleted_at IS NULL";
    PEOPLE = "SELECT DISTINCT m.user_id FROM team_member m JOIN team t ON t.company_id = m.company_id AND t.id = m.team_id
        WHERE m.team_id = ANY ($1) AND t.deleted_at IS NULL";
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, &give::statements()].concat()
}

/// All rules of a company, in their order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rules {
    /// The rules; the first that fits and has somebody gives.
    pub rules: Vec<Rule>,
    /// Their version, as in the `ETag`.
    #[serde(skip)]
    pub version: i64,
    /// When they were changed.
    pub updated_at: Option<Timestamp>,
    #[serde(skip)]
    next: i64,
}

impl Rules {
    fn read(row: Option<&Row>) -> Result<Self> {
        let Some(row) = row else {
            return Ok(Self {
                rules: Vec::new(),
                version: 1,
                updated_at: None,
                next: 1,
            });
        };
        Ok(Self {
            rules: rules_of(row.get(0))?,
            next: row.get(1),
            version: row.get(2),
            updated_at: Some(row.get(3)),
        })
    }

    /// Whom they name, but for members of teams.
    fn users(&self) -> BTreeSet<i64> {
        let rules = self.rules.iter();
        rules
            .flat_map(|rule| rule.users.iter().copied().chain(rule.fallback))
            .collect()
    }

    fn teams(&self) -> Vec<i64> {
        self.rules.iter().filter_map(|rule| rule.team).collect()
    }
}

fn rules_of(told: Value) -> Result<Vec<Rule>> {
    serde_json::from_value(told)
        .map_err(|error| Error::Internal(format!("rules of assignment can't be read: {error}")))
}

/// What was done to the rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesChange {
    /// `update` or `undo`.
    pub action: String,
    /// Who, unless the program itself.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// When.
    pub at: Timestamp,
    /// As they were.
    #[schema(value_type = Vec<Rule>)]
    pub before: Option<Value>,
    /// As they were then.
    #[schema(value_type = Vec<Rule>)]
    pub after: Option<Value>,
}

/// All rules.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn list(data: &TenantConnection) -> Result<Rules> {
    Rules::read(data.row(&FIND, &[]).await?.as_ref())
}

/// Everybody who may get something by the rules, active or not; none when there are no rules.
///
/// # Errors
/// See [`list`].
pub async fn people(data: &TenantConnection) -> Result<Vec<i64>> {
    let rules = list(data).await?;
    let (mut users, teams) = (rules.users(), rules.teams());
    if !teams.is_empty() {
        let rows = data.rows(&PEOPLE, &[&teams]).await?;
        users.extend(rows.iter().map(|row| row.get::<_, i64>(0)));
    }
    Ok(users.into_iter().collect())
}

/// Puts these in the place of all rules. `active` are those members of the company whom they name.
///
/// # Errors
/// All that is wrong, by rule; people or teams that are not there; `412` over another version.
pub async fn set(
    data: &TenantConnection,
    by: By<'_>,
    condition: &Precondition,
    body: &Map<String, Value>,
    active: &BTreeSet<i64>,
) -> Result<Rules> {
    let tx = data.begin().await?;
    let before = lock(&tx, condition).await?;
    let known: Vec<i64> = before.rules.iter().map(|rule| rule.id).collect();
    let rules = parse(body, &known, before.next)?;
    check(&tx, &rules, &before, active).await?;
    if rules == before.rules {
        return Ok(before);
    }
    put(tx, by, "update", &before, rules).await
}

/// Takes the last change back; to do so again is to have it again.
///
/// # Errors
/// `412` over another version; a conflict when nothing was changed yet.
pub async fn undo(data: &TenantConnection, by: By<'_>, condition: &Precondition) -> Result<Rules> {
    let tx = data.begin().await?;
    let now = lock(&tx, condition).await?;
    let Some(row) = tx.row(&LAST, &[]).await? else {
        return Err(Refusal::Conflict {
            detail: "Nothing was changed yet.".to_owned(),
            location: None,
        }
        .into());
    };
    let earlier = rules_of(row.get::<_, Option<Value>>(0).unwrap_or(json!([])))?;
    put(tx, by, "undo", &now, earlier).await
}

/// The last hundred changes, the newest first.
///
/// # Errors
/// See [`list`].
pub async fn history(data: &TenantConnection) -> Result<Vec<RulesChange>> {
    let rows = data.rows(&HISTORY, &[]).await?;
    let read = |row: &Row| RulesChange {
        action: row.get(0),
        user: row.get(1),
        username: row.get(2),
        at: row.get(3),
        before: row.get(4),
        after: row.get(5),
    };
    Ok(rows.iter().map(read).collect())
}

async fn lock(tx: &TenantTransaction, condition: &Precondition) -> Result<Rules> {
    tx.execute(&BEGIN, &[]).await?;
    let rules = Rules::read(Some(&tx.one(&LOCK, &[]).await?))?;
    condition.check(rules.version)?;
    Ok(rules)
}

/// Whoever is named anew is an active member, and a team is there. Who has left since stays named, and gets nothing.
async fn check(
    tx: &TenantTransaction,
    rules: &[Rule],
    before: &Rules,
    active: &BTreeSet<i64>,
) -> Result<()> {
    let teams: Vec<i64> = rules.iter().filter_map(|rule| rule.team).collect();
    let there = tx.rows(&TEAMS, &[&teams]).await?;
    let there: Vec<i64> = there.iter().map(|row| row.get(0)).collect();
    let named = before.users();
    let mut errors = FieldErrors::new();
    for (n, rule) in rules.iter().enumerate() {
        let mut wrong = FieldErrors::new();
        let unknown = |user: &&i64| !active.contains(user) && !named.contains(user);
        if let Some(user) = rule.users.iter().find(unknown) {
            wrong.add(
                "users",
                format!("There is no active member with the id {user}."),
            );
        }
        if let Some(user) = rule.fallback.iter().find(unknown) {
            wrong.add(
                "fallback",
                format!("There is no active member with the id {user}."),
            );
        }
        if let Some(team) = rule.team.filter(|team| !there.contains(team)) {
            wrong.add("team", format!("There is no team with the id {team}."));
        }
        errors.nest(&format!("rules.{n}"), wrong);
    }
    Ok(errors.check(())?)
}

async fn put(
    tx: TenantTransaction,
    by: By<'_>,
    action: &str,
    before: &Rules,
    rules: Vec<Rule>,
) -> Result<Rules> {
    let newest = rules.iter().map(|rule| rule.id + 1).max().unwrap_or(1);
    let (told, next) = (json(&rules)?, newest.max(before.next));
    let after = Rules::read(Some(&tx.one(&UPDATE, &[&told, &next]).await?))?;
    let before = json(&before.rules)?;
    let what = (Setting::Assignment, 0, action);
    settings::note(&tx, by, what, Some(before), Some(told)).await?;
    tx.commit().await?;
    Ok(after)
}

/// How filters mean days when nobody looks: where the company's people are.
fn viewpoint(by: By<'_>, zone: &jiff::tz::TimeZone) -> Viewpoint {
    Viewpoint {
        user: by.actor.user_id.unwrap_or_default(),
        now: by.now,
        zone: zone.clone(),
    }
}
