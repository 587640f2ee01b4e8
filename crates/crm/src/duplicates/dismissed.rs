//! Pairs of which somebody said that they are not one (docs/adr/0032-not-duplicates.md). It holds for what the two had in
//! common then: what they come to share later is told again.
//!
//! It is no change of the two records and stands in neither's history, which is read by who sees one of them alone.

use super::{OF, Reason, those};
use crate::work::{By, Work};
use jiff::Timestamp;
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::crm::merge::is_mergeable;
use sindico_domain::crm::{Kind, Record};
use sindico_domain::page::{Cursor, Page, PageRequest};
use utoipa::ToSchema;

/// Of how many records it can be said at once.
pub const MOST: usize = 50;

sindico_db::statements! { "dismissed":
    // In one order, so that two who say so at once wait for each other and never in a circle. Who says so again with
    // nothing new is not the one who said it.
    SAY = "INSERT INTO not_duplicate AS d (kind, one_id, other_id, reasons, user_id, username)
        SELECT $1, p.one_id, p.other_id, p.reasons, $5, $6 FROM unnest($2::bigint[], $3::bigint[], $4::integer[]) AS p (one_id, other_id, reasons)
        ORDER BY p.one_id, p.other_id
        ON CONFLICT (company_id, kind, one_id, other_id, merge_id) DO UPDATE SET id = DEFAULT, reasons = d.reasons | excluded.reasons,
            user_id = excluded.user_id, username = excluded.username, at = excluded.at
        WHERE d.reasons | excluded.reasons <> d.reasons";
    TAKE_BACK = "DELETE FROM not_duplicate d USING unnest($2::bigint[], $3::bigint[]) AS p (one_id, other_id)
        WHERE d.kind = $1 AND d.one_id = p.one_id AND d.other_id = p.other_id";
    // Of somebody who was made one with one of the two it was said as well.
    FOLLOW = "INSERT INTO not_duplicate (kind, one_id, other_id, merge_id, reasons, user_id, username, at)
        SELECT $1, least(third, $3), greatest(third, $3), $4, bit_or(reasons), (array_agg(user_id ORDER BY id DESC))[1],
            (array_agg(username ORDER BY id DESC))[1], max(at)
        FROM (SELECT d.*, CASE WHEN d.one_id = $2 THEN d.other_id ELSE d.one_id END AS third FROM not_duplicate d
            WHERE d.kind = $1 AND d.active AND (d.one_id = $2 OR d.other_id = $2)) said
        WHERE third <> $3 GROUP BY third";
    COUNT = "UPDATE not_duplicate d SET active = s.undone_by IS NULL FROM change_set s
        WHERE d.merge_id = ANY ($1) AND s.id = d.merge_id";
    ERASE = "DELETE FROM not_duplicate WHERE kind = $1 AND (one_id = ANY ($2) OR other_id = ANY ($2))";
}

/// Each kind's statements.
pub(super) struct Statements {
    alike: Statement,
    list: Statement,
    among: Statement,
}

impl Statements {
    pub(super) fn of(kind: Kind) -> Self {
        let statement = |name, sql: String| Statement {
            name,
            sql: Box::leak(sql.into_boxed_str()),
        };
        let shared = Reason::ALL.iter().enumerate().map(|(n, reason)| {
            let column = reason.column();
            format!("CASE WHEN one.{column} <> '' AND one.{column} = other.{column} THEN 1 << {n} ELSE 0 END")
        });
        let shared = shared.collect::<Vec<String>>().join(" | ");
        let there = |id| {
            format!("EXISTS (SELECT FROM {kind} r WHERE r.id = d.{id} AND r.deleted_at IS NULL)")
        };
        let (one, other) = (there("one_id"), there("other_id"));
        // A pair once: it may have been said of it, and of whom one of them was made one with.
        let select = |rest| {
            format!(
                "SELECT d.id, d.one_id, d.other_id, d.user_id, d.username, d.at,
                    (SELECT bit_or(s.reasons) FROM not_duplicate s
                        WHERE s.kind = '{kind}' AND s.one_id = d.one_id AND s.other_id = d.other_id AND s.active)
                 FROM not_duplicate d WHERE d.kind = '{kind}' AND d.active AND {one} AND {other}
                    AND NOT EXISTS (SELECT FROM not_duplicate s WHERE s.kind = '{kind}' AND s.one_id = d.one_id
                        AND s.other_id = d.other_id AND s.active AND s.id > d.id) AND {rest}"
            )
        };
        Self {
            alike: statement(
                "dismissed.alike",
                format!(
                    "SELECT one.id, other.id, {shared} FROM {kind} one JOIN {kind} other ON one.id < other.id
                     WHERE one.id = ANY ($1) AND other.id = ANY ($1) AND one.deleted_at IS NULL AND other.deleted_at IS NULL"
                ),
            ),
            list: statement(
                "dismissed.list",
                select("($1::bigint IS NULL OR d.id < $1) ORDER BY d.id DESC LIMIT $2"),
            ),
            among: statement(
                "dismissed.among",
                select("d.one_id = ANY ($1) AND d.other_id = ANY ($1) ORDER BY d.one_id, d.other_id"),
            ),
        }
    }

    pub(super) fn all(&self) -> [Statement; 3] {
        [self.alike, self.list, self.among]
    }
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// Two records that are not one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dismissed {
    #[serde(skip)]
    id: i64,
    /// The two, the smaller id first.
    pub ids: [i64; 2],
    /// By what they were alike when it was said, the surest first.
    pub reasons: Vec<Reason>,
    /// Who said so.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// When.
    pub at: Timestamp,
}

impl Dismissed {
    fn read(row: &Row) -> Self {
        Self {
            id: row.get(0),
            ids: [row.get(1), row.get(2)],
            user: row.get(3),
            username: row.get(4),
            at: row.get(5),
            reasons: Reason::of_bits(row.get(6)),
        }
    }
}

/// The same with what the two are by now.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// What was said.
    #[serde(flatten)]
    pub dismissed: Dismissed,
    /// The two.
    pub records: [Record; 2],
}

/// What was said, the latest first; of records that are there. Two round trips.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(data: &TenantConnection, kind: Kind, page: &PageRequest) -> Result<Page<Listed>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let Some(of) = OF.get(&kind) else {
        return Ok(Page::default());
    };
    let rows = data.rows(&of.dismissed.list, &[&after, &limit]).await?;
    let told = rows.iter().map(Dismissed::read).collect();
    let page = Page::of(told, page, None, |last: &Dismissed| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: last.id,
    });
    let ids: Vec<i64> = page.items.iter().flat_map(|one| one.ids).collect();
    let records = those(data, of, kind, &ids).await?;
    // One may have gone between the two looks.
    let items = page.items.into_iter().filter_map(|dismissed| {
        let [one, other] = dismissed.ids.map(|id| records.get(&id).cloned());
        let records = [one?, other?];
        Some(Listed { dismissed, records })
    });
    Ok(Page {
        items: items.collect(),
        next: page.next,
        total: None,
    })
}

/// Says of all these that no two of them are one, as far as they have something in common. To say it again is to say it
/// once.
///
/// # Errors
/// On `ids`: one that is not there, and records that have nothing in common; or the tenant's place can't be reached.
pub async fn dismiss(
    data: &TenantConnection,
    by: By<'_>,
    kind: Kind,
    ids: &[i64],
) -> Result<Vec<Dismissed>> {
    let wrong = |message: String| FieldErrors::one("ids", message);
    let Some(of) = OF.get(&kind).map(|of| &of.dismissed) else {
        return Err(wrong("Records of this kind are never one.".to_owned()).into());
    };
    let work = Work::begin(data, by).await?;
    // Whoever merges one of them waits, or was there before.
    let locked = work.lock_many(kind, ids).await?;
    let there = |id: i64| {
        let mut all = locked.iter();
        all.any(|(record, gone)| record.id == id && gone.is_none())
    };
    let missing = ids.iter().filter(|id| !there(**id));
    let missing = missing.map(|id| format!("There is no {kind} with the id {id}."));
    let missing: Vec<String> = missing.collect();
    if !missing.is_empty() {
        let mut errors = FieldErrors::new();
        for message in missing {
            errors.add("ids", message);
        }
        return Err(errors.into());
    }
    // With the eyes of who says so: of what is kept from them they have said nothing.
    let (mut ones, mut others, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for row in work.tx.rows(&of.alike, &[&ids]).await? {
        let shared: i32 = row.get(2);
        if shared > 0 {
            ones.push(row.get::<_, i64>(0));
            others.push(row.get::<_, i64>(1));
            reasons.push(shared);
        }
    }
    if ones.is_empty() {
        let message = "These have nothing in common by which they would look like one.";
        return Err(wrong(message.to_owned()).into());
    }
    let (kind, actor) = (kind.as_str(), by.actor);
    let params: [&(dyn ToSql + Sync); 6] =
        [&kind, &ones, &others, &reasons, &actor.user_id, &actor.name];
    work.tx.execute(&SAY, &params).await?;
    let rows = work.tx.rows(&of.among, &[&ids]).await?;
    let said = rows.iter().map(Dismissed::read).collect();
    work.commit().await?;
    Ok(said)
}

/// Takes back what was said of these: each pair of them may be one again. Whether there was something to take back.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn take_back(
    data: &TenantConnection,
    by: By<'_>,
    kind: Kind,
    ids: &[i64],
) -> Result<bool> {
    let Some(of) = OF.get(&kind).map(|of| &of.dismissed) else {
        return Ok(false);
    };
    let work = Work::begin(data, by).await?;
    let rows = work.tx.rows(&of.among, &[&ids]).await?;
    let found: Vec<Dismissed> = rows.iter().map(Dismissed::read).collect();
    let side = |n: usize| found.iter().map(|one| one.ids[n]).collect::<Vec<i64>>();
    let (kind, ones, others) = (kind.as_str(), side(0), side(1));
    let gone = work
        .tx
        .execute(&TAKE_BACK, &[&kind, &ones, &others])
        .await?;
    work.commit().await?;
    Ok(gone > 0)
}

/// Has what was said of a record that goes hold of the one that stays, by this merge.
pub(crate) async fn follow(
    tx: &TenantTransaction,
    kind: Kind,
    (from, to): (i64, i64),
    merge: i64,
) -> Result<()> {
    if is_mergeable(kind) {
        let params: [&(dyn ToSql + Sync); 4] = [&kind.as_str(), &from, &to, &merge];
        tx.execute(&FOLLOW, &params).await?;
    }
    Ok(())
}

/// What came with these writes counts while they are not undone.
pub(crate) async fn count(tx: &TenantTransaction, writes: &[i64]) -> Result<()> {
    tx.execute(&COUNT, &[&writes]).await?;
    Ok(())
}

/// Takes away what was said of these records; of how many pairs.
pub(crate) async fn erase(tx: &TenantTransaction, kind: Kind, records: &[i64]) -> Result<u64> {
    tx.execute(&ERASE, &[&kind.as_str(), &records]).await
}
