//! Taking a sample away again: the records that it made, and no others. One change set, so that it can be
//! undone as a whole.

use crate::model;
use crate::work::{By, Work};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::Refusal;
use sindico_domain::crm::Kind;
use std::sync::LazyLock;

/// The most records that are taken away at once: an undo has to lock each of them.
const MOST: i64 = 5_000;

sindico_db::statements! { "sample.removal":
    // What it made and nobody has put into the bin; and how many of those were changed by people since.
    THERE = "SELECT c.kind, count(*), count(*) FILTER (WHERE EXISTS (
                SELECT FROM change l JOIN change_set s ON s.id = l.change_set_id
                WHERE l.kind = c.kind AND l.record_id = c.record_id AND l.id > c.id AND s.user_id IS NOT NULL AND s.action NOT LIKE 'sample%'
                    AND s.undone_by IS NULL AND s.undoes IS NULL))
        FROM change c JOIN change_set m ON m.id = c.change_set_id AND m.action = 'sample'
        WHERE c.op = 'CREATE' AND CASE c.kind
            WHEN 'customer' THEN EXISTS (SELECT FROM customer r WHERE r.id = c.record_id AND r.deleted_at IS NULL)
            WHEN 'lead' THEN EXISTS (SELECT FROM lead r WHERE r.id = c.record_id AND r.deleted_at IS NULL)
            WHEN 'opportunity' THEN EXISTS (SELECT FROM opportunity r WHERE r.id = c.record_id AND r.deleted_at IS NULL)
            WHEN 'activity' THEN EXISTS (SELECT FROM activity r WHERE r.id = c.record_id AND r.deleted_at IS NULL)
            ELSE EXISTS (SELECT FROM sales_goal r WHERE r.id = c.record_id AND r.deleted_at IS NULL) END
        GROUP BY c.kind";
}

/// Puts all of a kind that a sample made into the bin, and tells them.
static TAKE: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let of = |kind: &Kind| Statement {
        name: "sample.take",
        sql: Box::leak(
            format!(
                "UPDATE {kind} SET deleted_at = now(), version = version + 1, updated_at = now()
                 WHERE deleted_at IS NULL AND id = ANY (ARRAY(SELECT c.record_id FROM change c
                     JOIN change_set s ON s.id = c.change_set_id AND s.action = 'sample'
                     WHERE c.op = 'CREATE' AND c.kind = '{kind}'))
                 RETURNING {}",
                model::of(*kind).columns
            )
            .into_boxed_str(),
        ),
    };
    Kind::ALL.iter().map(of).collect()
});

pub(super) fn statements() -> Vec<Statement> {
    [STATEMENTS, TAKE.as_slice()].concat()
}

/// What is there of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct There {
    /// How many records of each kind.
    pub kinds: Vec<(Kind, i64)>,
    /// How many of them people have changed since.
    pub changed: i64,
}

impl There {
    /// How many in all.
    pub fn total(&self) -> i64 {
        self.kinds.iter().map(|(_, count)| count).sum()
    }
}

/// Looks what is there of a sample.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn there(data: &TenantConnection) -> Result<There> {
    let mut there = There::default();
    for row in data.rows(&THERE, &[]).await? {
        let Ok(kind) = row.get::<_, &str>(0).parse() else {
            continue;
        };
        there.kinds.push((kind, row.get(1)));
        there.changed += row.get::<_, i64>(2);
    }
    there.kinds.sort();
    Ok(there)
}

/// Puts what a sample made into the bin; the change set, or `None` when nothing is there.
///
/// # Errors
/// So much that it could not be undone is refused; or the tenant's place can't be reached.
pub async fn remove(data: &TenantConnection, by: By<'_>) -> Result<Option<i64>> {
    if there(data).await?.total() > MOST {
        let detail =
            format!("There are more than {MOST} sample records: delete them by their lists.");
        return Err(Refusal::Invalid(detail).into());
    }
    let mut work = Work::begin(data, by).await?;
    // Whatever refers to others comes first, as it does when one deletes by hand.
    for kind in Kind::ALL.iter().rev() {
        let rows = work.tx.rows(&TAKE[*kind as usize], &[]).await?;
        let model = model::of(*kind);
        for row in &rows {
            work.note_deleted(&model.record(row));
        }
    }
    let change_set = work.record("sample.remove", None).await?;
    work.commit().await?;
    Ok(change_set)
}
