//! Customers and leads that may be there twice: looked for while one is typed, and all at once.

use crate::model;
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
const SHOWN: i64 = 10;

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
}

/// Each kind's statements.
struct Statements {
    alike: Statement,
    groups: Statement,
    those: Statement,
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
        // Each by its index, and few of each.
        let alike = each(&|n, column| {
            let place = n + 1;
            format!(
                "(SELECT {n} AS reason, id FROM {kind} WHERE ${place} <> '' AND {column} = ${place}
                    AND {column} <> '' AND deleted_at IS NULL AND id <> $5 ORDER BY id LIMIT {LOOKED_AT})"
            )
        });
        let groups = each(&|n, column| {
            format!(
                "SELECT {n} AS reason, {column} AS key, id FROM {kind} WHERE {column} <> '' AND deleted_at IS NULL"
            )
        });
        Self {
            alike: statement(
                "duplicates.alike",
                format!(
                    "SELECT {columns}, found.reasons FROM (SELECT one.id AS found_id, array_agg(reason ORDER BY reason) AS reasons
                        FROM ({alike}) one GROUP BY 1) found JOIN {kind} ON id = found_id
                     WHERE deleted_at IS NULL ORDER BY reasons, id"
                ),
            ),
            groups: statement(
                "duplicates.groups",
                format!(
                    "SELECT reason, count(*), (array_agg(id ORDER BY id))[1:{SHOWN}] FROM ({groups}) all_of_them
                     GROUP BY reason, key HAVING count(*) > 1 ORDER BY reason, count(*) DESC, min(id) LIMIT $1"
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
    let all = OF.values();
    all.flat_map(|of| [of.alike, of.groups, of.those]).collect()
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

/// Groups of records that may be one, the surest and largest first; at most [`GROUPS`]. Two round trips.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn groups(data: &TenantConnection, kind: Kind) -> Result<Vec<Group>> {
    let Some(of) = OF.get(&kind) else {
        return Ok(Vec::new());
    };
    let found = data.rows(&of.groups, &[&GROUPS]).await?;
    let ids: Vec<i64> = found
        .iter()
        .flat_map(|row| row.get::<_, Vec<i64>>(2))
        .collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = data.rows(&of.those, &[&ids]).await?;
    let model = model::of(kind);
    let records: HashMap<i64, Record> = rows
        .iter()
        .map(|row| (row.get(0), model.record(row)))
        .collect();
    let group = |row: &Row| Group {
        reason: reason(row.get(0)),
        count: row.get(1),
        records: row
            .get::<_, Vec<i64>>(2)
            .iter()
            .filter_map(|id| records.get(id).cloned())
            .collect(),
    };
    // One may have gone between the two looks.
    let groups = found
        .iter()
        .map(group)
        .filter(|group| group.records.len() > 1);
    Ok(groups.collect())
}

fn reasons(numbers: &[i32]) -> Vec<Reason> {
    numbers.iter().map(|number| reason(*number)).collect()
}

fn reason(number: i32) -> Reason {
    let n = usize::try_from(number).unwrap_or_default();
    Reason::ALL.get(n).copied().unwrap_or(Reason::Name)
}
