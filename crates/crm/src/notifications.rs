//! Notifications: what somebody is told of, read by themself alone. They are made by the writes that they tell of,
//! in the same transaction ([`tell`]), and by what becomes due ([`due`]).

pub mod due;
mod tell;

pub(crate) use tell::{Told, assigned, of_write, tell};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::crm::Kind;
use sindico_domain::notification::{Topic, Ways};
use sindico_domain::page::{Cursor, Page, PageRequest};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How many are counted: more are many.
pub const COUNTED: i64 = 100;

/// What its reader may see: one about a record of a kind that is not theirs to read, or that they do not see, or that
/// is in the bin, is not there.
macro_rules! seen {
    () => {
        crate::notifications::seen!("n.portal")
    };
    ($told:literal) => {
        concat!("FROM notification n
        LEFT JOIN customer c ON n.record_kind = 'customer' AND c.id = n.record_id AND c.deleted_at IS NULL
        LEFT JOIN lead l ON n.record_kind = 'lead' AND l.id = n.record_id AND l.deleted_at IS NULL
        LEFT JOIN opportunity o ON n.record_kind = 'opportunity' AND o.id = n.record_id AND o.deleted_at IS NULL
        LEFT JOIN activity a ON n.record_kind = 'activity' AND a.id = n.record_id AND a.deleted_at IS NULL
        LEFT JOIN sales_goal g ON n.record_kind = 'sales_goal' AND g.id = n.record_id AND g.deleted_at IS NULL
        WHERE n.user_id = $1 AND n.topic = ANY ($3)
            AND (n.record_kind IS NULL OR n.record_kind = ANY ($2))
            AND (n.record_id IS NULL OR coalesce(c.id, l.id, o.id, a.id, g.id) IS NOT NULL) AND ", $told)
    };
}
use seen;

/// What [`read`] reads: titles as [`Record::title`](sindico_domain::crm::Record::title) has them.
macro_rules! columns {
    () => {
        "SELECT n.id, n.topic, n.record_kind, n.record_id,
            coalesce(c.name, nullif(l.name, ''), nullif(l.company, ''), nullif(l.email, ''), l.source, o.title, a.title,
                to_char(make_date(g.year::integer, g.month::integer, 1), 'YYYY-MM'), ''),
            n.count, n.data, n.created_at, n.read_at "
    };
}

sindico_db::statements! { "notifications":
    ONE = concat!(columns!(), seen!(), " AND n.id = $4");
    LIST = concat!(columns!(), seen!(), "
            AND (NOT $4 OR n.read_at IS NULL) AND ($5::bigint IS NULL OR n.id < $5)
        ORDER BY n.id DESC LIMIT $6");
    // What its reader wants by e-mail they may not want in the portal.
    FOR_MAIL = concat!(columns!(), seen!("n.mailed"), " AND n.id = ANY ($4) AND n.read_at IS NULL ORDER BY n.id LIMIT 50");
    UNREAD = concat!("SELECT count(*), coalesce(max(id), 0) FROM (SELECT n.id ", seen!(), "
        AND n.read_at IS NULL ORDER BY n.id DESC LIMIT $4) u");
    READ = "UPDATE notification SET read_at = $3 WHERE id = $2 AND user_id = $1 AND portal AND read_at IS NULL";
    UNREAD_AGAIN = "UPDATE notification SET read_at = NULL WHERE id = $2 AND user_id = $1 AND portal";
    FIND = "SELECT id FROM notification WHERE id = $2 AND user_id = $1 AND portal";
    READ_ALL = "UPDATE notification SET read_at = $3
        WHERE user_id = $1 AND portal AND read_at IS NULL AND ($2::bigint IS NULL OR id <= $2)";
    PREFERENCES = "SELECT topic, portal, mail FROM notification_preference WHERE user_id = $1";
    PREFER = "INSERT INTO notification_preference (user_id, topic, portal, mail)
        SELECT $1, p.topic, p.portal, p.mail FROM unnest($2::text[], $3::boolean[], $4::boolean[]) AS p (topic, portal, mail)
        ON CONFLICT (company_id, user_id, topic) DO UPDATE SET portal = excluded.portal, mail = excluded.mail";
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, tell::STATEMENTS, &due::statements()].concat()
}

/// Who reads, and what is theirs to read.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Their id.
    pub user: i64,
    /// Of which kinds they may read records.
    pub kinds: Vec<Kind>,
    /// What they may be told of.
    pub topics: Vec<Topic>,
}

impl Reader {
    fn words(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let kinds = self.kinds.iter().map(|kind| kind.as_str());
        let topics = self.topics.iter().map(|topic| topic.as_str());
        (kinds.collect(), topics.collect())
    }
}

/// Something that somebody was told of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Notification {
    /// Its id.
    pub id: i64,
    /// What it tells.
    pub topic: Topic,
    /// The kind of record that it is about, if it is about records.
    pub kind: Option<Kind>,
    /// The record; none when it is about several.
    pub record: Option<i64>,
    /// What the record is called now.
    pub title: String,
    /// About how many records it is.
    pub count: i64,
    /// What else there is to know: `by`, who did it; `due_at`; `import` and `state`; `webhook`, `name` and `reason`.
    #[schema(value_type = Object)]
    pub data: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was read.
    pub read_at: Option<Timestamp>,
}

/// What is unread, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unread {
    /// How many; 100 stands for that many or more.
    pub unread: i64,
    /// The newest of them; 0 for none.
    pub newest: i64,
}

fn read(row: &Row) -> Option<Notification> {
    Some(Notification {
        id: row.get(0),
        // A newer program may know more.
        topic: row.get::<_, &str>(1).parse().ok()?,
        kind: row
            .get::<_, Option<&str>>(2)
            .and_then(|kind| kind.parse().ok()),
        record: row.get(3),
        title: row.get(4),
        count: row.get(5),
        data: row.get(6),
        created_at: row.get(7),
        read_at: row.get(8),
    })
}

/// What somebody was told, the newest first; perhaps only what they have not read.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached; so with the others.
pub async fn list(
    data: &TenantConnection,
    reader: &Reader,
    unread: bool,
    page: &PageRequest,
) -> Result<Page<Notification>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let (kinds, topics) = reader.words();
    let params: [&(dyn ToSql + Sync); 6] = [&reader.user, &kinds, &topics, &unread, &after, &limit];
    let rows = data.rows(&LIST, &params).await?;
    let found = rows.iter().filter_map(read).collect();
    Ok(Page::of(found, page, None, |last: &Notification| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: last.id,
    }))
}

/// One of those.
///
/// # Errors
/// See [`list`].
pub async fn find(
    data: &TenantConnection,
    reader: &Reader,
    id: i64,
) -> Result<Option<Notification>> {
    let (kinds, topics) = reader.words();
    let params: [&(dyn ToSql + Sync); 4] = [&reader.user, &kinds, &topics, &id];
    Ok(data.row(&ONE, &params).await?.as_ref().and_then(read))
}

/// Of these what its reader has not read and may see now, as a mail tells it: the first fifty.
///
/// # Errors
/// See [`list`].
pub async fn for_mail(
    data: &TenantConnection,
    reader: &Reader,
    ids: &[i64],
) -> Result<Vec<Notification>> {
    let (kinds, topics) = reader.words();
    let params: [&(dyn ToSql + Sync); 4] = [&reader.user, &kinds, &topics, &ids];
    let rows = data.rows(&FOR_MAIL, &params).await?;
    Ok(rows.iter().filter_map(read).collect())
}

/// How much somebody has not read.
///
/// # Errors
/// See [`list`].
pub async fn unread(data: &TenantConnection, reader: &Reader) -> Result<Unread> {
    let (kinds, topics) = reader.words();
    let params: [&(dyn ToSql + Sync); 4] = [&reader.user, &kinds, &topics, &COUNTED];
    let row = data.row(&UNREAD, &params).await?;
    Ok(Unread {
        unread: row.as_ref().map_or(0, |row| row.get(0)),
        newest: row.as_ref().map_or(0, |row| row.get(1)),
    })
}

/// Marks one as read, or as not read any more; whether there is such a one of theirs.
///
/// # Errors
/// See [`list`].
pub async fn mark(
    data: &TenantConnection,
    user: i64,
    id: i64,
    read: Option<Timestamp>,
) -> Result<bool> {
    let tx = data.begin().await?;
    if tx.row(&FIND, &[&user, &id]).await?.is_none() {
        return Ok(false);
    }
    match read {
        Some(at) => tx.execute(&READ, &[&user, &id, &at]).await?,
        None => tx.execute(&UNREAD_AGAIN, &[&user, &id]).await?,
    };
    tx.commit().await?;
    Ok(true)
}

/// Marks all as read, up to the newest that its reader has seen; how many that were.
///
/// # Errors
/// See [`list`].
pub async fn mark_all(
    data: &TenantConnection,
    user: i64,
    until: Option<i64>,
    now: Timestamp,
) -> Result<u64> {
    let tx = data.begin().await?;
    let count = tx.execute(&READ_ALL, &[&user, &until, &now]).await?;
    tx.commit().await?;
    Ok(count)
}

/// What somebody wants told, and where.
///
/// # Errors
/// See [`list`].
pub async fn preferences(data: &TenantConnection, user: i64) -> Result<BTreeMap<Topic, Ways>> {
    let all = Topic::ALL.iter().map(|&topic| (topic, Ways::of(topic)));
    let mut all: BTreeMap<Topic, Ways> = all.collect();
    for row in data.rows(&PREFERENCES, &[&user]).await? {
        if let Ok(topic) = row.get::<_, &str>(0).parse() {
            let (portal, mail) = (row.get(1), row.get(2));
            all.insert(topic, Ways { portal, mail });
        }
    }
    Ok(all)
}

/// Keeps what somebody wants told, for these topics.
///
/// # Errors
/// See [`list`].
pub async fn prefer(
    data: &TenantConnection,
    user: i64,
    wanted: &BTreeMap<Topic, Ways>,
) -> Result<()> {
    let topics: Vec<&str> = wanted.keys().map(|topic| topic.as_str()).collect();
    let portal: Vec<bool> = wanted.values().map(|ways| ways.portal).collect();
    let mail: Vec<bool> = wanted.values().map(|ways| ways.mail).collect();
    let tx = data.begin().await?;
    tx.execute(&PREFER, &[&user, &topics, &portal, &mail])
        .await?;
    tx.commit().await
}
