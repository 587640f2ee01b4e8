//! For how long records are kept that tell something about a person: rules, and who is due by them.

use super::erase::{self, Because};
use super::person::Person;
use crate::list::{Filter, Sql, Viewpoint, conditions};
use crate::settings::{last, note, room};
use crate::work::{By, Work};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::Refusal;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::Filter as Tree;
use sindico_domain::precondition::Precondition;
use sindico_domain::privacy::{MOST_RULES, RuleDraft};
use sindico_domain::setting::Setting;
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "id, kind, name, filter, months, active, ran_at, erased, created_at, updated_at, version, deleted_at IS NOT NULL"
    };
}

sindico_db::statements! { "retention":
    LIST = concat!("SELECT ", columns!(), " FROM retention_rule WHERE deleted_at IS NULL ORDER BY id");
    FIND = concat!("SELECT ", columns!(), " FROM retention_rule WHERE id = $1 AND deleted_at IS NULL");
    LOCK = concat!("SELECT ", columns!(), " FROM retention_rule WHERE id = $1 FOR UPDATE");
    COUNT = "SELECT count(*) FROM retention_rule WHERE deleted_at IS NULL";
    INSERT = concat!("INSERT INTO retention_rule (kind, name, filter, months, active) VALUES ($1, $2, $3, $4, $5)
        RETURNING ", columns!());
    UPDATE = concat!("UPDATE retention_rule SET name = $2, filter = $3, months = $4, active = $5,
            deleted_at = CASE WHEN $6 THEN now() END, version = version + 1, updated_at = now()
        WHERE id = $1 RETURNING ", columns!());
    // Of several programs one goes by a rule, once a day.
    TURN = "UPDATE retention_rule SET ran_at = $1::timestamptz WHERE active AND deleted_at IS NULL
            AND (ran_at IS NULL OR ran_at < $1::timestamptz - interval '20 hours') RETURNING id";
    DONE = "UPDATE retention_rule SET erased = erased + $2 WHERE id = $1";
    LEADS = "SELECT id FROM lead WHERE customer_id = $1 ORDER BY id";
}

pub(super) fn statements() -> Vec<Statement> {
    let samples = [Kind::Customer, Kind::Lead].map(|kind| Statement {
        name: "retention.due",
        sql: Box::leak(due_text(kind, &[], &mut Sql::default()).into_boxed_str()),
    });
    [STATEMENTS, &samples].concat()
}

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    /// Its id.
    pub id: i64,
    /// Of which records: customers or leads.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Which of them: a tree of the filter language; all of them without one.
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Value>,
    /// After so many months in which nothing was done with a record.
    pub months: i64,
    /// Whether it is gone by.
    pub active: bool,
    /// When it was last gone by.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ran_at: Option<Timestamp>,
    /// Of how many people it had the records erased.
    pub erased: i64,
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

/// What can be changed of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    name: String,
    filter: Option<Value>,
    months: i64,
    active: bool,
    deleted: bool,
}

impl State {
    fn tell(&mut self, draft: RuleDraft) {
        if let Some(name) = draft.name {
            self.name = name;
        }
        if let Some(filter) = draft.filter {
            self.filter = filter.map(|filter| filter.to_json());
        }
        self.months = draft.months.unwrap_or(self.months);
        self.active = draft.active.unwrap_or(self.active);
    }
}

fn read(row: &Row) -> Result<(Rule, State)> {
    let rule = Rule {
        id: row.get(0),
        kind: row.get::<_, &str>(1).parse().map_err(Error::Internal)?,
        name: row.get(2),
        filter: row.get(3),
        months: row.get(4),
        active: row.get(5),
        ran_at: row.get(6),
        erased: row.get(7),
        created_at: row.get(8),
        updated_at: row.get(9),
        version: row.get(10),
    };
    let state = State {
        name: rule.name.clone(),
        filter: rule.filter.clone(),
        months: rule.months,
        active: rule.active,
        deleted: row.get(11),
    };
    Ok((rule, state))
}

/// All rules.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn list(data: &TenantConnection) -> Result<Vec<Rule>> {
    let rows = data.rows(&LIST, &[]).await?;
    rows.iter().map(|row| Ok(read(row)?.0)).collect()
}

/// A rule; `None` when there is none.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<Rule>> {
    let row = data.row(&FIND, &[&id]).await?;
    row.map(|row| Ok(read(&row)?.0)).transpose()
}

/// Makes a rule, which is not gone by unless that is said.
///
/// # Errors
/// More rules than a company may have are refused.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    kind: Kind,
    draft: RuleDraft,
) -> Result<Rule> {
    let mut state = State {
        name: String::new(),
        filter: None,
        months: 0,
        active: false,
        deleted: false,
    };
    state.tell(draft);
    let tx = data.begin().await?;
    room(&tx, Setting::RetentionRule, (&COUNT, MOST_RULES)).await?;
    let params: [&(dyn ToSql + Sync); 5] = [
        &kind.as_str(),
        &state.name,
        &state.filter,
        &state.months,
        &state.active,
    ];
    let (rule, state) = read(&tx.one(&INSERT, &params).await?)?;
    let before = State {
        deleted: true,
        active: false,
        ..state.clone()
    };
    trail(&tx, by, (rule.id, "create"), (&before, &state)).await?;
    tx.commit().await?;
    Ok(rule)
}

/// Changes a rule; `None` when there is none.
///
/// # Errors
/// `PreconditionFailed` when it is not at the version that the caller means.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    draft: RuleDraft,
) -> Result<Option<Rule>> {
    let told = |state: &mut State| state.tell(draft);
    put(data, by, (id, condition, "update"), told).await
}

/// Deletes a rule; false when there is none.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<bool> {
    let gone = |state: &mut State| state.deleted = true;
    let done = put(data, by, (id, condition, "delete"), gone).await?;
    Ok(done.is_some())
}

async fn put(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition, action): (i64, &Precondition, &str),
    change: impl FnOnce(&mut State),
) -> Result<Option<Rule>> {
    let tx = data.begin().await?;
    let Some((rule, before)) = lock(&tx, id).await?.filter(|(_, state)| !state.deleted) else {
        return Ok(None);
    };
    condition.check(rule.version)?;
    let mut after = before.clone();
    change(&mut after);
    if after == before {
        return Ok(Some(rule));
    }
    let rule = write(&tx, by, (id, action), (&before, &after)).await?;
    tx.commit().await?;
    Ok(Some(rule))
}

/// Takes the last change of a rule back, its deletion included; to do so again is to have it again. The rule, and
/// whether it is gone by that; `None` when there never was one. What was erased does not come back.
///
/// # Errors
/// As [`create`] and [`change`].
pub async fn undo(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<(Rule, bool)>> {
    let tx = data.begin().await?;
    let Some((rule, now)) = lock(&tx, id).await? else {
        return Ok(None);
    };
    condition.check(rule.version)?;
    let Some(earlier) = last(&tx, Setting::RetentionRule, id).await? else {
        return Ok(None);
    };
    let earlier: State = serde_json::from_value(earlier)
        .map_err(|error| Error::Internal(format!("a rule as it was can't be read: {error}")))?;
    if now.deleted && !earlier.deleted {
        room(&tx, Setting::RetentionRule, (&COUNT, MOST_RULES)).await?;
    }
    let rule = write(&tx, by, (id, "undo"), (&now, &earlier)).await?;
    tx.commit().await?;
    Ok(Some((rule, earlier.deleted)))
}

async fn lock(tx: &TenantTransaction, id: i64) -> Result<Option<(Rule, State)>> {
    let row = tx.row(&LOCK, &[&id]).await?;
    row.as_ref().map(read).transpose()
}

async fn write(
    tx: &TenantTransaction,
    by: By<'_>,
    what: (i64, &str),
    (before, after): (&State, &State),
) -> Result<Rule> {
    let params: [&(dyn ToSql + Sync); 6] = [
        &what.0,
        &after.name,
        &after.filter,
        &after.months,
        &after.active,
        &after.deleted,
    ];
    let (rule, _) = read(&tx.one(&UPDATE, &params).await?)?;
    trail(tx, by, what, (before, after)).await?;
    Ok(rule)
}

async fn trail(
    tx: &TenantTransaction,
    by: By<'_>,
    (id, action): (i64, &str),
    (before, after): (&State, &State),
) -> Result<()> {
    let what = (Setting::RetentionRule, id, action);
    note(tx, by, what, Some(json!(before)), Some(json!(after))).await
}

/// Somebody whose records are due to be erased.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Due {
    /// The record's id.
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// Who is due by a rule, those first that have been for the longest, at most so many.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn due(
    data: &TenantConnection,
    kind: Kind,
    (filter, months): (Option<&Tree>, i64),
    at: &Viewpoint,
    most: i64,
) -> Result<Vec<Due>> {
    let filters: Vec<Filter> = filter.iter().map(|tree| Filter::of(tree, at)).collect();
    let months = i32::try_from(months).unwrap_or(i32::MAX);
    let mut sql = Sql::default();
    sql.bind(&at.now);
    sql.bind(&months);
    sql.bind(&most);
    let text = due_text(kind, &filters, &mut sql);
    let mut answers = data.read_sql(&[(&text, &sql.params)]).await?;
    let rows = answers.swap_remove(0);
    let read = |row: &Row| Due {
        id: row.get(0),
        title: row.get(1),
        updated_at: row.get(2),
    };
    Ok(rows.iter().map(read).collect())
}

/// The statement: `$1` is now, `$2` how many months, `$3` how many rows at most. Nobody is due whose sale is not
/// decided, or with whom something was done, or is to be done.
fn due_text<'a>(kind: Kind, filters: &'a [Filter], sql: &mut Sql<'a>) -> String {
    let rest = conditions((kind, &Sight::whole()), filters, sql);
    let (title, sales, about) = match kind {
        Kind::Lead => (
            "coalesce(nullif(t.name, ''), nullif(t.company, ''), nullif(t.email, ''), t.source)",
            "o.source_lead_id = t.id",
            "a.lead_id = t.id",
        ),
        _ => (
            "t.name",
            "o.customer_id = t.id",
            "a.lead_id IN (SELECT l.id FROM lead l WHERE l.customer_id = t.id)",
        ),
    };
    let before = "$1::timestamptz - make_interval(months => $2)";
    format!(
        "SELECT t.id, {title}, t.updated_at FROM (SELECT * FROM {kind} WHERE {rest} AND updated_at < {before}) t
         WHERE NOT EXISTS (SELECT FROM erasure e WHERE e.kind = '{kind}' AND e.record_id = t.id)
             AND NOT EXISTS (SELECT FROM opportunity o WHERE {sales} AND o.deleted_at IS NULL
                 AND (o.closed_at IS NULL OR o.updated_at >= {before}))
             AND NOT EXISTS (SELECT FROM activity a WHERE a.deleted_at IS NULL
                 AND ({about} OR a.opportunity_id IN (SELECT o.id FROM opportunity o WHERE {sales}))
                 AND (a.status = 'PENDING' OR a.updated_at >= {before}))
         ORDER BY t.updated_at, t.id LIMIT $3"
    )
}

/// Rules whose turn it is: of several programs one gets each.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn turn(data: &TenantConnection, now: Timestamp) -> Result<Vec<i64>> {
    let tx = data.begin().await?;
    let rows = tx.rows(&TURN, &[&now]).await?;
    tx.commit().await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Goes by a rule: erases those who are due, one transaction for each, at most so many; of how many it did. A rule
/// that was changed or put off meanwhile is gone by as it is then.
///
/// # Errors
/// When the tenant's place can't be reached; what was done until then stays done.
pub async fn run(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    (at, most): (&Viewpoint, i64),
) -> Result<u64> {
    let mut done = 0;
    let Some(rule) = find(data, id).await?.filter(|rule| rule.active) else {
        return Ok(done);
    };
    let tree = match &rule.filter {
        None => None,
        Some(told) => match Tree::parse((rule.kind, &crate::customs::read(data).await?), told) {
            Ok(tree) => Some(tree),
            // It names something that is no more: it holds for nobody, rather than for all.
            Err(_) => {
                return Err(Refusal::Conflict {
                    detail: format!("The filter of the rule {id} can't be read any more."),
                    location: None,
                }
                .into());
            }
        },
    };
    for one in due(data, rule.kind, (tree.as_ref(), rule.months), at, most).await? {
        let mut work = Work::begin(data, by).await?;
        let (_, now) = match lock(&work.tx, id).await? {
            Some(locked) => locked,
            None => break,
        };
        if !now.active || now.deleted || now.months != rule.months || now.filter != rule.filter {
            break;
        }
        let (customers, leads) = match rule.kind {
            Kind::Lead => (Vec::new(), vec![one.id]),
            _ => {
                let rows = work.tx.rows(&LEADS, &[&one.id]).await?;
                (vec![one.id], rows.iter().map(|row| row.get(0)).collect())
            }
        };
        let person = Person::lock(&work, &customers, &leads).await?;
        let untouched = person.themselves().any(|record| {
            record.id == one.id && record.kind == rule.kind && record.updated_at == one.updated_at
        });
        if !untouched {
            continue;
        }
        erase::erase(&mut work, &person, Because::Rule(id)).await?;
        work.tx.execute(&DONE, &[&id, &1_i64]).await?;
        work.commit().await?;
        done += 1;
    }
    Ok(done)
}
