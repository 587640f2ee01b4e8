//! Saved views: read, made, changed, deleted, and the last change taken back. What is done to them is
//! written down in the transaction that does it.

use crate::records::json;
use crate::work::{By, support_of};
use serde_json::{Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::access::Role;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::Kind;
use sindico_domain::crm::view::{Density, Draft, Shown, View, Visibility};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};

macro_rules! columns {
    () => {
        "id, kind, name, visibility, filter, sort, columns, density, default_for,
         owner_id, owner_username, created_at, updated_at, version, deleted_at IS NOT NULL, team_id"
    };
}

/// That `$2` sees the view.
macro_rules! seen {
    () => {
        "(visibility = 'TENANT' OR owner_id = $2 OR EXISTS (
            SELECT FROM team_member m WHERE m.team_id = saved_view.team_id AND m.user_id = $2))"
    };
}

sindico_db::statements! { "views":
    LIST = concat!("SELECT ", columns!(), " FROM saved_view
        WHERE deleted_at IS NULL AND kind = ANY ($1) AND ", seen!(), "
        ORDER BY kind, visibility DESC, name COLLATE \"und-x-icu\", id LIMIT 500");
    GONE = concat!("SELECT ", columns!(), " FROM saved_view
        WHERE deleted_at > now() - interval '30 days' AND kind = ANY ($1) AND ", seen!(), "
        ORDER BY deleted_at DESC, id LIMIT 50");
    FIND = concat!("SELECT ", columns!(), " FROM saved_view WHERE id = $1 AND deleted_at IS NULL AND ", seen!());
    LOCK = concat!("SELECT ", columns!(), " FROM saved_view WHERE id = $1 AND ", seen!(), " FOR UPDATE");
    IN_TEAM = "SELECT FROM team_member WHERE team_id = $1 AND user_id = $2";
    INSERT = concat!("INSERT INTO saved_view
            (kind, owner_id, owner_username, name, visibility, filter, sort, columns, density, default_for, team_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ", columns!());
    UPDATE = concat!("UPDATE saved_view SET name = $2, visibility = $3, filter = $4, sort = $5, columns = $6,
            density = $7, default_for = $8, team_id = $10, deleted_at = CASE WHEN $9 THEN now() END,
            version = version + 1, updated_at = now()
        WHERE id = $1 RETURNING ", columns!());
    RECORD = "INSERT INTO saved_view_change (view_id, action, user_id, username, address, request_id, before, after, support)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LAST = "SELECT before FROM saved_view_change WHERE view_id = $1 ORDER BY id DESC LIMIT 1";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// Who has to do with views, and what they may do to those that all see.
pub struct Reader<'a> {
    /// Their id.
    pub user: i64,
    /// The kinds of records that they may read.
    pub kinds: Vec<Kind>,
    /// Whether they may use this method of shared views.
    pub may: &'a (dyn Fn(Method) -> bool + Sync),
}

impl Reader<'_> {
    fn sees(&self, view: &View) -> bool {
        self.kinds.contains(&view.kind)
    }

    fn check(&self, method: Method) -> Result<(), Refusal> {
        match (self.may)(method) {
            true => Ok(()),
            false => Err(Refusal::Forbidden(format!(
                "Others see this view: it takes {method} on views, which your role may not in this tenant."
            ))),
        }
    }
}

/// The views of these kinds that somebody sees: those that all see first.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn list(data: &TenantConnection, user: i64, kinds: &[Kind]) -> Result<Vec<View>> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let rows = data.rows(&LIST, &[&kinds, &user]).await?;
    rows.iter().map(|row| Ok(read(row)?.0)).collect()
}

/// The same, and those that were deleted lately, the latest first.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn with_deleted(
    data: &TenantConnection,
    user: i64,
    kinds: &[Kind],
) -> Result<(Vec<View>, Vec<View>)> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let params: [&(dyn ToSql + Sync); 2] = [&kinds, &user];
    let answers = data.read(&[(&LIST, &params), (&GONE, &params)]).await?;
    let all = |rows: &[Row]| {
        rows.iter()
            .map(|row| Ok(read(row)?.0))
            .collect::<Result<_>>()
    };
    Ok((all(&answers[0])?, all(&answers[1])?))
}

/// A view; `None` when there is none, or it is another's own.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(data: &TenantConnection, reader: &Reader<'_>, id: i64) -> Result<Option<View>> {
    let Some(row) = data.row(&FIND, &[&id, &reader.user]).await? else {
        return Ok(None);
    };
    let (view, _) = read(&row)?;
    Ok(reader.sees(&view).then_some(view))
}

/// Makes a view.
///
/// # Errors
/// Names and roles that are taken are refused, as is who may not make one for all.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    reader: &Reader<'_>,
    kind: Kind,
    draft: Draft,
) -> Result<View> {
    let shown = draft.made()?;
    if shown.visibility != Visibility::Private {
        reader.check(Method::Post)?;
    }
    let tx = data.begin().await?;
    in_team(&tx, reader, &shown).await?;
    let (kind, filter) = (kind.as_str(), &shown.filter);
    let (visibility, density) = (shown.visibility.as_str(), shown.density.as_str());
    let roles = words(&shown.default_for);
    let params: [&(dyn ToSql + Sync); 11] = [
        &kind,
        &reader.user,
        &by.actor.name,
        &shown.name,
        &visibility,
        filter,
        &shown.sort,
        &shown.columns,
        &density,
        &roles,
        &shown.team,
    ];
    let (view, _) = read(&tx.one(&INSERT, &params).await?)?;
    let before = state(&view.shown, true)?;
    note(
        &tx,
        by,
        (view.id, "create"),
        before,
        state(&view.shown, false)?,
    )
    .await?;
    tx.commit().await?;
    Ok(view)
}

/// Changes a view; `None` when there is none.
///
/// # Errors
/// As [`create`]; a change of what all see must name the version that it was made of.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    reader: &Reader<'_>,
    (id, condition): (i64, &Precondition),
    draft: Draft,
) -> Result<Option<View>> {
    let tx = data.begin().await?;
    let Some((view, false)) = lock(&tx, reader, id).await? else {
        return Ok(None);
    };
    guard(reader, &view, Method::Patch, condition)?;
    let mut shown = view.shown.clone();
    draft.apply(&mut shown)?;
    if shown.visibility != Visibility::Private && view.shown.visibility == Visibility::Private {
        reader.check(Method::Post)?;
    }
    if shown == view.shown {
        return Ok(Some(view));
    }
    if shown.team != view.shown.team {
        in_team(&tx, reader, &shown).await?;
    }
    let changed = put(&tx, by, (&view, false), (&shown, false), "update").await?;
    tx.commit().await?;
    Ok(Some(changed))
}

/// Deletes a view; false when there is none.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    reader: &Reader<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<bool> {
    let tx = data.begin().await?;
    let Some((view, false)) = lock(&tx, reader, id).await? else {
        return Ok(false);
    };
    guard(reader, &view, Method::Delete, condition)?;
    put(&tx, by, (&view, false), (&view.shown, true), "delete").await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes the last change of a view back, its deletion included; to do so again is to have it again. The
/// view, and whether it is gone by that; `None` when there is none.
///
/// # Errors
/// As [`change`]: what is unique may have been taken meanwhile.
pub async fn undo(
    data: &TenantConnection,
    by: By<'_>,
    reader: &Reader<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<(View, bool)>> {
    let tx = data.begin().await?;
    let Some((view, deleted)) = lock(&tx, reader, id).await? else {
        return Ok(None);
    };
    let Some(row) = tx.row(&LAST, &[&id]).await? else {
        return Ok(None);
    };
    let before: Value = row.get(0);
    let gone = before["deleted"].as_bool().unwrap_or_default();
    let shown: Shown = serde_json::from_value(before["shown"].clone())
        .map_err(|error| Error::Internal(format!("a view as it was can't be read: {error}")))?;
    let method = match (gone, deleted) {
        (true, _) => Method::Delete,
        (false, true) => Method::Post,
        (false, false) => Method::Patch,
    };
    guard(reader, &view, method, condition)?;
    if shown.visibility != Visibility::Private {
        reader.check(method)?;
    }
    if shown.team != view.shown.team {
        in_team(&tx, reader, &shown).await?;
    }
    let now = put(&tx, by, (&view, deleted), (&shown, gone), "undo").await?;
    tx.commit().await?;
    Ok(Some((now, gone)))
}

/// A view is shown to a team that one is in.
async fn in_team(tx: &TenantTransaction, reader: &Reader<'_>, shown: &Shown) -> Result<()> {
    let Some(team) = shown.team else {
        return Ok(());
    };
    match tx.row(&IN_TEAM, &[&team, &reader.user]).await? {
        Some(_) => Ok(()),
        None => {
            Err(FieldErrors::one("team", format!("You are in no team with the id {team}.")).into())
        }
    }
}

/// What others see is changed by who may, and only over the version that they have seen.
fn guard(
    reader: &Reader<'_>,
    view: &View,
    method: Method,
    condition: &Precondition,
) -> Result<(), Refusal> {
    if view.shown.visibility != Visibility::Private {
        reader.check(method)?;
        if *condition == Precondition::None {
            return Err(Refusal::PreconditionRequired);
        }
    }
    condition.check(view.version)
}

async fn lock(
    tx: &TenantTransaction,
    reader: &Reader<'_>,
    id: i64,
) -> Result<Option<(View, bool)>> {
    let Some(row) = tx.row(&LOCK, &[&id, &reader.user]).await? else {
        return Ok(None);
    };
    let (view, deleted) = read(&row)?;
    Ok(reader.sees(&view).then_some((view, deleted)))
}

async fn put(
    tx: &TenantTransaction,
    by: By<'_>,
    (view, was_deleted): (&View, bool),
    (shown, deleted): (&Shown, bool),
    action: &str,
) -> Result<View> {
    let (visibility, density) = (shown.visibility.as_str(), shown.density.as_str());
    let roles = words(&shown.default_for);
    let params: [&(dyn ToSql + Sync); 10] = [
        &view.id,
        &shown.name,
        &visibility,
        &shown.filter,
        &shown.sort,
        &shown.columns,
        &density,
        &roles,
        &deleted,
        &shown.team,
    ];
    let (changed, _) = read(&tx.one(&UPDATE, &params).await?)?;
    let (before, after) = (state(&view.shown, was_deleted)?, state(shown, deleted)?);
    note(tx, by, (view.id, action), before, after).await?;
    Ok(changed)
}

fn state(shown: &Shown, deleted: bool) -> Result<Value> {
    Ok(json!({ "shown": json(shown)?, "deleted": deleted }))
}

async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    (id, action): (i64, &str),
    before: Value,
    after: Value,
) -> Result<()> {
    let actor = by.actor;
    let address = actor.address.map(|address| address.to_string());
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

fn words(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

fn read(row: &Row) -> Result<(View, bool)> {
    fn word<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T> {
        text.parse().map_err(Error::Internal)
    }
    let roles: Vec<&str> = row.get(8);
    let view = View {
        id: row.get(0),
        kind: word(row.get(1))?,
        shown: Shown {
            name: row.get(2),
            visibility: word::<Visibility>(row.get(3))?,
            team: row.get(15),
            filter: row.get(4),
            sort: row.get(5),
            columns: row.get(6),
            density: word::<Density>(row.get(7))?,
            default_for: roles.into_iter().map(word).collect::<Result<_>>()?,
        },
        owner: row.get(9),
        owner_username: row.get(10),
        created_at: row.get(11),
        updated_at: row.get(12),
        version: row.get(13),
    };
    Ok((view, row.get(14)))
}
