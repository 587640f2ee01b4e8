//! Files at records. What is in them is kept once a company, in pieces, in the tenant's own place
//! (docs/adr/0026-attachments.md); a file is reached by its record alone. Whatever is done to one is a change of its
//! record, told and taken back as any other.

mod incoming;
mod place;
mod sweep;

pub use incoming::{Incoming, PIECE, Received, forget};
pub use place::FIELD;
pub(crate) use place::{Placed, follow, told};
pub(crate) use sweep::erase;
pub use sweep::{Ages, Swept, sweep};

use crate::model;
use crate::work::{By, Op, Work};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::attachment::{FileName, Limits, Media, PER_RECORD, bytes};
use sindico_domain::crm::{Kind, Record};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use utoipa::ToSchema;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.kind, a.record_id, a.name, a.media_type, c.size, encode(c.sha256, 'hex'), a.user_id, a.username,
                a.version, a.created_at, a.updated_at, a.content_id
             FROM attachment a JOIN file_content c ON c.id = a.content_id WHERE a.deleted_at IS NULL AND ",
            $rest
        )
    };
}

sindico_db::statements! { "attachments":
    LIST = select!("a.kind = $1 AND a.record_id = $2 ORDER BY a.id");
    // Of a record that is there: what is in the bin is shown to nobody, and so with its files.
    FIND = select!("a.id = $1 AND CASE a.kind
        WHEN 'customer' THEN EXISTS (SELECT FROM customer r WHERE r.id = a.record_id AND r.deleted_at IS NULL)
        WHEN 'lead' THEN EXISTS (SELECT FROM lead r WHERE r.id = a.record_id AND r.deleted_at IS NULL)
        WHEN 'opportunity' THEN EXISTS (SELECT FROM opportunity r WHERE r.id = a.record_id AND r.deleted_at IS NULL)
        WHEN 'activity' THEN EXISTS (SELECT FROM activity r WHERE r.id = a.record_id AND r.deleted_at IS NULL)
        ELSE false END");
    LOCK = select!("a.id = $1 FOR UPDATE OF a");
    CHUNK = "SELECT bytes FROM file_chunk WHERE content_id = $1 AND n = $2";
    COUNT = "SELECT count(*) FROM attachment WHERE kind = $1 AND record_id = $2 AND deleted_at IS NULL";
    ROOM = "INSERT INTO file_room DEFAULT VALUES ON CONFLICT (company_id) DO UPDATE SET looked_at = now()";
    USED = "SELECT coalesce(sum(size), 0)::bigint FROM file_content WHERE sha256 IS NOT NULL";
    // Those of others, whom the writer does not see, among them: it is the same content.
    SAME = "SELECT id FROM file_content WHERE sha256 = $1 FOR KEY SHARE";
    WHOLE = "UPDATE file_content SET sha256 = $2, touched_at = now() WHERE id = $1 AND sha256 IS NULL";
    DISCARD = "DELETE FROM file_content WHERE id = $1 AND sha256 IS NULL";
    INSERT = "INSERT INTO attachment (kind, record_id, name, media_type, content_id, user_id, username)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING id, kind, record_id, name, media_type, $8::bigint, $9::text, user_id, username, version, created_at, updated_at, content_id";
    RENAME = "UPDATE attachment SET name = $2, media_type = $3, version = version + 1, updated_at = now() WHERE id = $1";
    REMOVE = "UPDATE attachment SET deleted_at = now(), version = version + 1, updated_at = now() WHERE id = $1";
}

pub(crate) fn statements() -> Vec<Statement> {
    [
        STATEMENTS,
        incoming::STATEMENTS,
        place::STATEMENTS,
        sweep::STATEMENTS,
    ]
    .concat()
}

/// A file at a record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attachment {
    /// Its id.
    pub id: i64,
    /// The kind of its record.
    pub kind: Kind,
    /// Its record's id.
    pub record: i64,
    /// What it is called.
    #[schema(example = "proposta.pdf")]
    pub name: String,
    /// What it is, as its content says.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Whether it can be shown in a page, at `preview/`.
    pub preview: bool,
    /// Who attached it.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// When it was attached.
    pub created_at: Timestamp,
    /// When it was renamed.
    pub updated_at: Timestamp,
    /// Its version, as in the `ETag`.
    #[serde(skip)]
    pub version: i64,
    #[serde(skip)]
    content: i64,
}

impl Attachment {
    fn read(row: &Row) -> Self {
        let media_type: String = row.get(4);
        Self {
            id: row.get(0),
            // The table has no other words in it.
            kind: row.get::<_, &str>(1).parse().unwrap_or(Kind::Customer),
            record: row.get(2),
            name: row.get(3),
            preview: Media::preview(&media_type).is_some(),
            media_type,
            size: row.get(5),
            sha256: row.get(6),
            user: row.get(7),
            username: row.get(8),
            version: row.get(9),
            created_at: row.get(10),
            updated_at: row.get(11),
            content: row.get(12),
        }
    }

    /// How it stands in the history.
    fn placed(&self) -> Placed {
        Placed {
            id: self.id,
            record: self.record,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
        }
    }
}

/// The files of a record, the oldest first; `None` when it is not there.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn list(
    data: &TenantConnection,
    (kind, id): (Kind, i64),
) -> Result<Option<Vec<Attachment>>> {
    let (find, of): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 2]) =
        ([&id], [&kind.as_str(), &id]);
    let answers = data
        .read(&[(&model::of(kind).find, &find), (&LIST, &of)])
        .await?;
    let there = !answers[0].is_empty();
    Ok(there.then(|| answers[1].iter().map(Attachment::read).collect()))
}

/// A file, of a record that is there.
///
/// # Errors
/// See [`list`].
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<Attachment>> {
    let row = data.row(&FIND, &[&id]).await?;
    Ok(row.as_ref().map(Attachment::read))
}

/// The piece of a file's content with this number; `None` behind the last one.
///
/// # Errors
/// See [`list`].
pub async fn piece(data: &TenantConnection, file: &Attachment, n: i32) -> Result<Option<Vec<u8>>> {
    let row = data.row(&CHUNK, &[&file.content, &n]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// What a write left: the files, and the change set.
#[derive(Debug)]
pub struct Attached {
    /// The files, as they are by now.
    pub files: Vec<Attachment>,
    /// What can be taken back; none when nothing was changed.
    pub change_set: Option<i64>,
}

/// Attaches what has come in to a record, all in one change set; `None` when it is not there.
///
/// # Errors
/// More than a record or a company may have is refused, and so is what took too long to come.
pub async fn attach(
    data: &TenantConnection,
    by: By<'_>,
    (kind, id): (Kind, i64),
    files: &[Received],
    limits: Limits,
) -> Result<Option<Attached>> {
    let mut work = Work::begin(data, by).await?;
    let Some(record) = work.lock(kind, id).await? else {
        return Ok(None);
    };
    let count: i64 = work.tx.one(&COUNT, &[&kind.as_str(), &id]).await?.get(0);
    let many = i64::try_from(files.len()).unwrap_or(i64::MAX);
    if count.saturating_add(many) > PER_RECORD {
        let told = format!("A record has at most {PER_RECORD} files. Remove some first.");
        return Err(FieldErrors::one("file", told).into());
    }
    // Behind the record: whoever counts waits here for whoever has counted.
    work.tx.execute(&ROOM, &[]).await?;
    let mut made = Vec::new();
    for file in files {
        let file = one(&work, &record, file, limits).await?;
        work.note(
            Op::Update,
            &record,
            field(None),
            field(Some(&file.placed())),
        );
        made.push(file);
    }
    let change_set = work.record("attachment.add", None).await?;
    work.commit().await?;
    Ok(Some(Attached {
        files: made,
        change_set,
    }))
}

async fn one(
    work: &Work<'_>,
    record: &Record,
    file: &Received,
    limits: Limits,
) -> Result<Attachment> {
    let same = work.tx.write(&SAME, &[&file.sha256]).await?;
    let content: i64 = match same.first() {
        Some(row) => {
            work.tx.execute(&DISCARD, &[&file.content]).await?;
            row.get(0)
        }
        None => {
            let used: i64 = work.tx.write_one(&USED, &[]).await?.get(0);
            let used = u64::try_from(used).unwrap_or_default();
            if used.saturating_add(file.size) > limits.company {
                return Err(no_room(used, limits));
            }
            let params: [&(dyn ToSql + Sync); 2] = [&file.content, &file.sha256];
            if work.tx.execute(&WHOLE, &params).await? == 0 {
                return Err(incoming::too_late());
            }
            file.content
        }
    };
    let size = i64::try_from(file.size).unwrap_or(i64::MAX);
    let (kind, actor) = (record.kind.as_str(), work.by.actor);
    let params: [&(dyn ToSql + Sync); 9] = [
        &kind,
        &record.id,
        &file.name.as_str(),
        &file.media.as_str(),
        &content,
        &actor.user_id,
        &actor.name,
        &size,
        &hex::encode(&file.sha256),
    ];
    Ok(Attachment::read(
        &work.tx.write_one(&INSERT, &params).await?,
    ))
}

fn no_room(used: u64, limits: Limits) -> sindico_db::Error {
    let free = bytes(limits.company.saturating_sub(used));
    let told = format!(
        "The files of your company may take {}, and {free} of it are left.",
        bytes(limits.company)
    );
    FieldErrors::one("file", told).into()
}

/// A change of a file as it stands in the history of its record.
fn field(placed: Option<&Placed>) -> Map<String, Value> {
    Map::from_iter([(
        FIELD.to_owned(),
        placed.map_or(Value::Null, Placed::to_json),
    )])
}

/// The record of a file, and the file, locked in this order; `None` when one is not there, or the file has gone to
/// another record meanwhile.
async fn lock(
    work: &Work<'_>,
    seen: &Attachment,
    condition: &Precondition,
) -> Result<Option<(Record, Attachment)>> {
    let Some(record) = work.lock(seen.kind, seen.record).await? else {
        return Ok(None);
    };
    let file = work.tx.row(&LOCK, &[&seen.id]).await?;
    let Some(file) = file.as_ref().map(Attachment::read) else {
        return Ok(None);
    };
    if (file.kind, file.record) != (record.kind, record.id) {
        return Ok(None);
    }
    condition.check(file.version)?;
    Ok(Some((record, file)))
}

/// Calls a file otherwise. It stays what it is: a name that says something else is refused.
///
/// # Errors
/// `412` over another version; a name that contradicts the content.
pub async fn rename(
    data: &TenantConnection,
    by: By<'_>,
    seen: &Attachment,
    name: &FileName,
    condition: &Precondition,
) -> Result<Option<Attached>> {
    let start = piece(data, seen, 0).await?.unwrap_or_default();
    let media = Media::of(&start, name).map_err(|told| FieldErrors::one("name", told))?;
    let mut work = Work::begin(data, by).await?;
    let Some((record, file)) = lock(&work, seen, condition).await? else {
        return Ok(None);
    };
    if file.name == name.as_str() {
        return Ok(Some(Attached {
            files: vec![file],
            change_set: None,
        }));
    }
    let params: [&(dyn ToSql + Sync); 3] = [&file.id, &name.as_str(), &media.as_str()];
    work.tx.execute(&RENAME, &params).await?;
    let after = Attachment::read(&work.tx.one(&LOCK, &[&file.id]).await?);
    work.note(
        Op::Update,
        &record,
        field(Some(&file.placed())),
        field(Some(&after.placed())),
    );
    let change_set = work.record("attachment.rename", None).await?;
    work.commit().await?;
    Ok(Some(Attached {
        files: vec![after],
        change_set,
    }))
}

/// Takes a file off its record; its change set, or `None` when it is not there. It can come back for thirty days.
///
/// # Errors
/// `412` over another version.
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    seen: &Attachment,
    condition: &Precondition,
) -> Result<Option<i64>> {
    let mut work = Work::begin(data, by).await?;
    let Some((record, file)) = lock(&work, seen, condition).await? else {
        return Ok(None);
    };
    work.tx.execute(&REMOVE, &[&file.id]).await?;
    work.note(
        Op::Update,
        &record,
        field(Some(&file.placed())),
        field(None),
    );
    let change_set = work.record("attachment.remove", None).await?;
    work.commit().await?;
    Ok(change_set)
}

/// What is said of a file that is larger than one may be.
pub(crate) fn too_large(limits: Limits) -> sindico_db::Error {
    Refusal::TooLarge(usize::try_from(limits.file).unwrap_or(usize::MAX)).into()
}
