//! Teams: who is with whom. What is done to them is written down in the transaction that does it, and its last
//! change can be taken back.

use crate::records::json;
use crate::work::{By, support_of};
use serde_json::{Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::access::team::{Team, TeamDraft, TeamMember};
use sindico_domain::precondition::Precondition;
use std::collections::HashMap;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, version, created_at, updated_at, deleted_at IS NOT NULL,
                coalesce((SELECT jsonb_agg(jsonb_build_object('user', m.user_id, 'username', m.username, 'leads', m.leads)
                    ORDER BY m.username, m.user_id) FROM team_member m WHERE m.team_id = team.id), '[]')
             FROM team ",
            $rest
        )
    };
}

sindico_db::statements! { "teams":
    LIST = select!("WHERE deleted_at IS NULL ORDER BY name COLLATE \"und-x-icu\", id LIMIT 500");
    FIND = select!("WHERE id = $1 AND deleted_at IS NULL");
    LOCK = select!("WHERE id = $1 FOR UPDATE OF team");
    INSERT = "INSERT INTO team (name) VALUES ($1) RETURNING id";
    UPDATE = "UPDATE team SET name = $2, deleted_at = CASE WHEN $3 THEN now() END, version = version + 1,
        updated_at = now() WHERE id = $1";
    CLEAR = "DELETE FROM team_member WHERE team_id = $1";
    FILL = "INSERT INTO team_member (team_id, user_id, username, leads)
        SELECT $1, m.user, m.username, m.leads FROM jsonb_to_recordset($2) AS m (\"user\" bigint, username text, leads boolean)";
    RECORD = "INSERT INTO team_change (team_id, action, user_id, username, address, request_id, before, after, support)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LAST = "SELECT before FROM team_change WHERE team_id = $1 ORDER BY id DESC LIMIT 1";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// A team as it is, or was.
#[derive(Clone, PartialEq)]
struct State {
    name: String,
    members: Vec<TeamMember>,
    deleted: bool,
}

impl State {
    fn json(&self) -> Result<Value> {
        let members = json(&self.members)?;
        Ok(json!({"name": self.name, "members": members, "deleted": self.deleted}))
    }
}

/// All teams, by name.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn list(data: &TenantConnection) -> Result<Vec<Team>> {
    let rows = data.rows(&LIST, &[]).await?;
    rows.iter().map(|row| Ok(read(row)?.0)).collect()
}

/// A team; `None` when there is none.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<Team>> {
    let row = data.row(&FIND, &[&id]).await?;
    row.map(|row| Ok(read(&row)?.0)).transpose()
}

/// Makes a team. `known` are those active members of the company whom it names.
///
/// # Errors
/// A name that is taken, or users who are no members, are refused.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    draft: TeamDraft,
    known: &HashMap<i64, String>,
) -> Result<Team> {
    let nothing = State {
        name: draft.name.clone().unwrap_or_default(),
        members: Vec::new(),
        deleted: true,
    };
    let mut state = apply(&nothing, draft, known)?;
    state.deleted = false;
    let tx = data.begin().await?;
    let id: i64 = tx.one(&INSERT, &[&state.name]).await?.get(0);
    let members = json(&state.members)?;
    tx.execute(&FILL, &[&id, &members]).await?;
    note(&tx, by, (id, "create"), (&nothing, &state)).await?;
    finished(tx, id).await
}

/// Changes a team; `None` when there is none.
///
/// # Errors
/// As [`create`]; `PreconditionFailed` when it is not at the version that the caller means.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    draft: TeamDraft,
    known: &HashMap<i64, String>,
) -> Result<Option<Team>> {
    let tx = data.begin().await?;
    let Some((team, before)) = lock(&tx, id).await?.filter(|(_, state)| !state.deleted) else {
        return Ok(None);
    };
    condition.check(team.version)?;
    let after = apply(&before, draft, known)?;
    if after == before {
        return Ok(Some(team));
    }
    put(&tx, by, (id, "update"), (&before, &after)).await?;
    Ok(Some(finished(tx, id).await?))
}

/// Deletes a team; false when there is none. Its members see less from then on.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<bool> {
    let tx = data.begin().await?;
    let Some((team, before)) = lock(&tx, id).await?.filter(|(_, state)| !state.deleted) else {
        return Ok(false);
    };
    condition.check(team.version)?;
    let after = State {
        deleted: true,
        members: Vec::new(),
        ..before.clone()
    };
    put(&tx, by, (id, "delete"), (&before, &after)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes the last change of a team back, its deletion included; to do so again is to have it again. The team, and
/// whether it is gone by that; `None` when there never was one.
///
/// # Errors
/// As [`change`].
pub async fn undo(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<(Team, bool)>> {
    let tx = data.begin().await?;
    let Some((team, now)) = lock(&tx, id).await? else {
        return Ok(None);
    };
    condition.check(team.version)?;
    let Some(row) = tx.row(&LAST, &[&id]).await? else {
        return Ok(None);
    };
    let told: Value = row.get(0);
    let odd = |error: serde_json::Error| {
        Error::Internal(format!("a team as it was can't be read: {error}"))
    };
    let earlier = State {
        name: told["name"].as_str().unwrap_or_default().to_owned(),
        members: serde_json::from_value(told["members"].clone()).map_err(odd)?,
        deleted: told["deleted"].as_bool().unwrap_or_default(),
    };
    put(&tx, by, (id, "undo"), (&now, &earlier)).await?;
    let gone = earlier.deleted;
    Ok(Some((finished(tx, id).await?, gone)))
}

fn apply(
    before: &State,
    draft: TeamDraft,
    known: &HashMap<i64, String>,
) -> Result<State, FieldErrors> {
    let mut state = before.clone();
    if let Some(name) = draft.name {
        state.name = name;
    }
    if let Some(told) = draft.members {
        let mut errors = FieldErrors::new();
        state.members.clear();
        for (user, leads) in told {
            match known.get(&user) {
                Some(username) => state.members.push(TeamMember {
                    user,
                    username: username.clone(),
                    leads,
                }),
                None => errors.add(
                    "members",
                    format!("There is no active member with the id {user}."),
                ),
            }
        }
        errors.check(())?;
        state
            .members
            .sort_by(|a, b| (&a.username, a.user).cmp(&(&b.username, b.user)));
    }
    Ok(state)
}

async fn lock(tx: &TenantTransaction, id: i64) -> Result<Option<(Team, State)>> {
    let Some(row) = tx.row(&LOCK, &[&id]).await? else {
        return Ok(None);
    };
    let (team, deleted) = read(&row)?;
    let state = State {
        name: team.name.clone(),
        members: team.members.clone(),
        deleted,
    };
    Ok(Some((team, state)))
}

async fn put(
    tx: &TenantTransaction,
    by: By<'_>,
    what: (i64, &str),
    (before, after): (&State, &State),
) -> Result<()> {
    tx.execute(&UPDATE, &[&what.0, &after.name, &after.deleted])
        .await?;
    tx.execute(&CLEAR, &[&what.0]).await?;
    let members = json(&after.members)?;
    tx.execute(&FILL, &[&what.0, &members]).await?;
    note(tx, by, what, (before, after)).await
}

async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    (id, action): (i64, &str),
    (before, after): (&State, &State),
) -> Result<()> {
    let actor = by.actor;
    let address = actor.address.map(|address| address.to_string());
    let (before, after) = (before.json()?, after.json()?);
    let params: [&(dyn ToSql + Sync); 9] = [
        &id,
        &action,
        &actor.user_id,
        &actor.name,
        &address,
        &actor.request_id,
        &before,
        &after,
        &support_of(actor),
    ];
    tx.execute(&RECORD, &params).await?;
    Ok(())
}

async fn finished(tx: TenantTransaction, id: i64) -> Result<Team> {
    let row = tx.one(&LOCK, &[&id]).await?;
    let (team, _) = read(&row)?;
    tx.commit().await?;
    Ok(team)
}

fn read(row: &Row) -> Result<(Team, bool)> {
    let members: Value = row.get(6);
    let members = serde_json::from_value(members)
        .map_err(|error| Error::Internal(format!("a team's members can't be read: {error}")))?;
    let team = Team {
        id: row.get(0),
        name: row.get(1),
        members,
        version: row.get(2),
        created_at: row.get(3),
        updated_at: row.get(4),
    };
    Ok((team, row.get(5)))
}
