//! Customers and leads that may be there twice: looked for while one is typed, and all at once. What somebody said is not
//! one ([`dismissed`]) is left out, as far as it is alike by nothing else.

pub mod dismissed;
mod parts;

use crate::model;
use parts::parts;
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection};
use sindico_domain::crm::identity::{Keys, has_keys};
use sindico_domain::crm::{Kind, Record};
use std::collections::HashMap;
use std::sync::LazyLock;
use utoipa::ToSchema;

/// How many are told while one is typed.
const FEW: usize = 5;
/// How many are looked at by each sign: a sign that more share tells little.
const LOOKED_AT: usize = 10;
/// How many groups are listed.
pub const GROUPS: i64 = 100;
/// How many of a group are shown.
const SHOWN: usize = 10;
/// How many of a group are looked at once somebody said something of them.
const SORTED: usize = 1000;

/// By what two records look like one, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The same CPF or CNPJ.
    Document,
    /// The same e-mail address.
    Email,
    /// The same telephone.
    Phone,
    /// The same name, but for accents, case and legal form.
    Name,
}

impl Reason {
    const ALL: [Self; 4] = [Self::Document, Self::Email, Self::Phone, Self::Name];

    fn column(self) -> &'static str {
        match self {
            Self::Document => "document_key",
            Self::Email => "email_key",
            Self::Phone => "phone_key",
            Self::Name => "name_key",
        }
    }

    /// Those in a number of the database's, the surest first.
    fn of_bits(bits: i32) -> Vec<Self> {
        let all = Self::ALL.into_iter().enumerate();
        all.filter(|(n, _)| bits & (1 << n) != 0)
            .map(|(_, reason)| reason)
            .collect()
    }
}

/// Each kind's statements.
struct Statements {
    alike: Statement,
    groups: Statement,
    those: Statement,
    dismissed: dismissed::Statements,
}

static OF: LazyLock<HashMap<Kind, Statements>> = LazyLock::new(|| {
    let kinds = Kind::ALL.iter().copied().filter(|kind| has_keys(*kind));
    kinds.map(|kind| (kind, Statements::of(kind))).collect()
});

impl Statements {
    fn of(kind: Kind) -> Self {
        let statement = |name, sql: String| Statement {
            name,
            sql: Box::leak(sql.into_boxed_str()),
        };
        let columns = model::of(kind).columns;
        let each = |sql: &dyn Fn(usize, &str) -> String| {
            let parts = Reason::ALL.iter().enumerate();
            let parts: Vec<String> = parts.map(|(n, reason)| sql(n, reason.column())).collect();
            parts.join(" UNION ALL ")
        };
        // Each by its index, and few of each; of those that are known to be somebody else none is in their way.
        let alike = each(&|n, column| {
            let place = n + 1;
            format!(
                "(SELECT {n} AS reason, id FROM {kind} WHERE ${place} <> '' AND {column} = ${place}
                    AND {column} <> '' AND deleted_at IS NULL AND id <> $5
                    AND NOT EXISTS (SELECT FROM apart WHERE apart.than = {kind}.id AND apart.reasons & (1 << {n}) <> 0)
                    ORDER BY id LIMIT {LOOKED_AT})"
            )
        });
        let groups = each(&|n, column| {
            format!(
                "SELECT {n} AS reason, {column} AS key, id FROM {kind} WHERE {column} <> '' AND deleted_at IS NULL"
            )
        });
        // What was said of those who still share what they shared then.
        let signs: Vec<String> = Reason::ALL
            .iter()
            .enumerate()
            .map(|(n, reason)| {
                let column = reason.column();
                format!("({n}, one.{column} COLLATE \"C\", other.{column} COLLATE \"C\")")
            })
            .collect();
        let signs = signs.join(", ");
        Self {
            dismissed: dismissed::Statements::of(kind),
            alike: statement(
                "duplicates.alike",
                format!(
                    "WITH apart AS MATERIALIZED (SELECT CASE WHEN one_id = $5 THEN other_id ELSE one_id END AS than, reasons
                        FROM not_duplicate WHERE kind = '{kind}' AND active AND (one_id = $5 OR other_id = $5))
                     SELECT {columns}, found.reasons FROM (SELECT one.id AS found_id, array_agg(reason ORDER BY reason) AS reasons
                        FROM ({alike}) one GROUP BY 1) found JOIN {kind} ON id = found_id
                     WHERE deleted_at IS NULL ORDER BY reasons, id"
                ),
            ),
            groups: statement(
                "duplicates.groups",
                format!(
                    "WITH found AS (SELECT reason, key COLLATE \"C\" AS key, count(*) AS n, array_agg(id ORDER BY id) AS ids
                        FROM ({groups}) all_of_them GROUP BY reason, key HAVING count(*) > 1),
                     apart AS (SELECT reason, key, count(*) AS n, array_agg(one_id) AS ones, array_agg(other_id) AS others FROM (
                        SELECT DISTINCT s.reason, s.key, d.one_id, d.other_id FROM not_duplicate d
                        JOIN {kind} one ON one.id = d.one_id JOIN {kind} other ON other.id = d.other_id
                        CROSS JOIN LATERAL (VALUES {signs}) s (reason, key, theirs)
                        WHERE d.kind = '{kind}' AND d.active AND one.deleted_at IS NULL AND other.deleted_at IS NULL
                            AND s.key <> '' AND s.key = s.theirs AND d.reasons & (1 << s.reason) <> 0) pairs GROUP BY reason, key)
                     SELECT f.reason, f.n, CASE WHEN a.n IS NULL THEN f.ids[1:{SHOWN}] ELSE f.ids[1:{SORTED}] END,
                        coalesce(a.ones, '{{}}'), coalesce(a.others, '{{}}')
                     FROM found f LEFT JOIN apart a ON a.reason = f.reason AND a.key = f.key
                     WHERE a.n IS NULL OR a.n < f.n * (f.n - 1) / 2 ORDER BY f.reason, f.n DESC, f.ids[1] LIMIT $1"
                ),
            ),
            those: statement(
                "duplicates.those",
                format!(
                    "SELECT {columns} FROM {kind} WHERE id = ANY ($1) AND deleted_at IS NULL"
                ),
            ),
        }
    }
}

pub(crate) fn statements() -> Vec<Statement> {
    let each = OF.values().flat_map(|of| {
        let own = [of.alike, of.groups, of.those];
        own.into_iter().chain(of.dismissed.all())
    });
    each.chain(dismissed::statements().iter().copied())
        .collect()
}

/// What is known of somebody who may be there already, as it is typed.
#[derive(Debug, Clone, Default)]
pub struct Probe {
    /// A name.
    pub name: String,
    /// An e-mail address.
    pub email: String,
    /// A telephone.
    pub phone: String,
    /// CPF or CNPJ.
    pub document: String,
    /// The record that is being typed, which is no duplicate of itself.
    pub except: Option<i64>,
}

/// One that may be the same.
#[derive(Serialize)]
pub struct Alike {
    /// The record.
    pub record: Record,
    /// Why, the surest first.
    pub reasons: Vec<Reason>,
}

/// Those that may be the same as this one, the surest first; five at the most. One round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn alike(data: &TenantConnection, kind: Kind, probe: &Probe) -> Result<Vec<Alike>> {
    let keys = Keys::from_texts(&probe.document, &probe.phone, &probe.name);
    let email = probe.email.trim().to_lowercase();
    let nothing = [&keys.document, &keys.phone, &keys.name, &email];
    let (Some(of), true) = (OF.get(&kind), nothing.iter().any(|text| !text.is_empty())) else {
        return Ok(Vec::new());
    };
    let except = probe.except.unwrap_or_default();
    let rows = data
        .rows(
            &of.alike,
            &[&keys.document, &email, &keys.phone, &keys.name, &except],
        )
        .await?;
    let model = model::of(kind);
    let found = rows.iter().take(FEW).map(|row| Alike {
        reasons: reasons(&row.get::<_, Vec<i32>>(model.width())),
        record: model.record(row),
    });
    Ok(found.collect())
}

/// What these two have in common, the surest first.
pub fn shared(one: &Record, other: &Record) -> Vec<Reason> {
    let of = |record: &Record| {
        let keys = Keys::of(record).unwrap_or_default();
        let email = record.text("email").to_lowercase();
        [keys.document, email, keys.phone, keys.name]
    };
    let pairs = Reason::ALL
        .into_iter()
        .zip(of(one).into_iter().zip(of(other)));
    let same = pairs.filter(|(_, (one, other))| !one.is_empty() && one == other);
    same.map(|(reason, _)| reason).collect()
}

/// Records that share something that only one should have.
#[derive(Serialize)]
pub struct Group {
    /// What they share.
    pub reason: Reason,
    /// How many there are.
    pub count: i64,
    /// The first ten of them.
    pub records: Vec<Record>,
}

/// A group whose records are not read yet.
struct Found {
    reason: Reason,
    count: i64,
    ids: Vec<i64>,
}

/// The parts that a group falls into by what was said of its records.
fn found(row: &Row) -> impl Iterator<Item = Found> + use<> {
    let (reason, count): (_, i64) = (reason(row.get(0)), row.get(1));
    let ids: Vec<i64> = row.get(2);
    let (ones, others): (Vec<i64>, Vec<i64>) = (row.get(3), row.get(4));
    let apart: Vec<(i64, i64)> = ones.into_iter().zip(others).collect();
    let beyond = count - i64::try_from(ids.len()).unwrap_or(count);
    parts(&ids, &apart).into_iter().map(move |mut ids| {
        let count = beyond + i64::try_from(ids.len()).unwrap_or_default();
        ids.truncate(SHOWN);
        Found { reason, count, ids }
    })
}

/// Groups of records that may be one, the surest and largest first; at most [`GROUPS`]. Those of whom somebody said that
/// they are not one are in no group together, unless it is for what they did not share then. Two round trips.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn groups(data: &TenantConnection, kind: Kind) -> Result<Vec<Group>> {
    let Some(of) = OF.get(&kind) else {
        return Ok(Vec::new());
    };
    let rows = data.rows(&of.groups, &[&GROUPS]).await?;
    let most = usize::try_from(GROUPS).unwrap_or(usize::MAX);
    let found: Vec<Found> = rows.iter().flat_map(found).take(most).collect();
    let ids: Vec<i64> = found.iter().flat_map(|of| of.ids.clone()).collect();
    let records = those(data, of, kind, &ids).await?;
    let groups = found.into_iter().map(|of| Group {
        reason: of.reason,
        count: of.count,
        records: of
            .ids
            .iter()
            .filter_map(|id| records.get(id).cloned())
            .collect(),
    });
    // One may have gone between the two looks.
    Ok(groups.filter(|group| group.records.len() > 1).collect())
}

/// The records with these ids that are there.
async fn those(
    data: &TenantConnection,
    of: &Statements,
    kind: Kind,
    ids: &[i64],
) -> Result<HashMap<i64, Record>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = data.rows(&of.those, &[&ids]).await?;
    let model = model::of(kind);
    Ok(rows
        .iter()
        .map(|row| (row.get(0), model.record(row)))
        .collect())
}

fn reasons(numbers: &[i32]) -> Vec<Reason> {
    numbers.iter().map(|number| reason(*number)).collect()
}

fn reason(number: i32) -> Reason {
    let n = usize::try_from(number).unwrap_or_default();
    Reason::ALL.get(n).copied().unwrap_or(Reason::Name)
}
