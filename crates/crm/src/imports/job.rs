//! An import, and what may be asked of it.

use super::cells::Style;
use crate::customs;
use crate::notifications::{Told, tell};
use crate::work::{By, read_support, support_of};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::access::Support;
use sindico_domain::crm::custom::Customs;
pub use sindico_domain::crm::import::{State, Verb};
use sindico_domain::crm::{Access, Field, FieldType, Kind};
use sindico_domain::notification::Topic;
use sindico_domain::page::{Cursor, Page, PageRequest};
use sindico_domain::{FieldErrors, Refusal};
use utoipa::ToSchema;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, state, file_name, format, headers, mapping, options, rows, position, counts, trouble,
                cancel, user_id, username, address, request_id, support, created_at, updated_at FROM import_job ",
            $rest
        )
    };
}

sindico_db::statements! { "imports":
    FIND = select!("WHERE id = $1");
    LOCK = select!("WHERE id = $1 FOR UPDATE");
    LIST = select!("WHERE ($1::bigint IS NULL OR id < $1) ORDER BY id DESC LIMIT $2");
    OPEN = select!("WHERE state IN ('CHECKING', 'COMMITTING', 'UNDOING') ORDER BY id LIMIT 1");
    CHOOSE = "UPDATE import_job SET mapping = $2, options = $3, state = 'READY', position = 0, counts = '{}',
        trouble = '', updated_at = now() WHERE id = $1";
    ASK = "UPDATE import_job SET state = $2, position = $3, counts = $4, trouble = '', cancel = false, user_id = $5,
        username = $6, address = $7, request_id = $8, support = $9, updated_at = now() WHERE id = $1";
    CANCEL = "UPDATE import_job SET cancel = true, updated_at = now() WHERE id = $1";
    ADVANCE = "UPDATE import_job SET state = $2, position = $3, counts = $4, updated_at = now() WHERE id = $1";
    STOPPED = "UPDATE import_job SET state = 'FAILED', trouble = $2, updated_at = now() WHERE id = $1";
    DELETE = "DELETE FROM import_job WHERE id = $1";
}

/// What a person may say of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Options {
    /// `skip`, `update` or `create`.
    pub duplicates: String,
    /// By what a row is known to be there: `email`, `document`, `phone`.
    pub keys: Vec<String>,
    /// `pt-BR` or `en`: how numbers and days are written.
    pub style: Style,
}

impl Options {
    /// What a kind's rows are known by.
    pub fn keys_of(kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::Customer => &["email", "document", "phone"],
            Kind::Lead => &["email"],
            _ => &[],
        }
    }

    /// As long as nobody says anything.
    pub fn of(kind: Kind, style: Style) -> Self {
        Self {
            duplicates: Verb::Skip.as_str().to_owned(),
            keys: Self::keys_of(kind)
                .iter()
                .take(1)
                .map(|key| (*key).to_owned())
                .collect(),
            style,
        }
    }

    /// What to do with what is there already.
    pub fn verb(&self) -> Verb {
        self.duplicates.parse().unwrap_or(Verb::Skip)
    }
}

/// An import.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What its rows are.
    pub kind: Kind,
    /// How far it is.
    pub state: State,
    /// The file's name.
    pub file_name: String,
    /// What the file turned out to be.
    #[schema(value_type = Object)]
    pub format: Value,
    /// The heads of its columns.
    pub headers: Vec<String>,
    /// For each column the field that it means, or `""`.
    pub mapping: Vec<String>,
    /// What to do with what.
    pub options: Options,
    /// How many rows it has.
    pub rows: i64,
    /// The line that was done last.
    pub position: i64,
    /// Rows by verdict, and what an undo took back and kept.
    #[schema(value_type = Object)]
    pub counts: Map<String, Value>,
    /// Why it could not go on.
    pub trouble: String,
    /// Whether it is to stop.
    pub cancel: bool,
    /// Who asked last.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// From where, for the history.
    #[serde(skip)]
    pub address: Option<String>,
    /// The request that asked last.
    pub request_id: String,
    /// During which visit of support, if it was one; for the history.
    #[serde(skip)]
    pub support: Option<Support>,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it moved last.
    pub updated_at: Timestamp,
}

impl Job {
    pub(super) fn read(row: &Row) -> Self {
        let kind = row.get::<_, &str>(1).parse().unwrap_or(Kind::Customer);
        Self {
            id: row.get(0),
            kind,
            state: row.get::<_, &str>(2).parse().unwrap_or(State::Failed),
            file_name: row.get(3),
            format: row.get(4),
            headers: row.get(5),
            mapping: row.get(6),
            options: serde_json::from_value(row.get(7))
                .unwrap_or_else(|_| Options::of(kind, Style::Brazilian)),
            rows: row.get(8),
            position: row.get(9),
            counts: row
                .get::<_, Value>(10)
                .as_object()
                .cloned()
                .unwrap_or_default(),
            trouble: row.get(11),
            cancel: row.get(12),
            user: row.get(13),
            username: row.get(14),
            address: row.get(15),
            request_id: row.get(16),
            support: read_support(row.get(17)),
            created_at: row.get(18),
            updated_at: row.get(19),
        }
    }

    /// Counts one more of these.
    pub(super) fn count(&mut self, what: &str, more: i64) {
        let now = self.counts.get(what).and_then(Value::as_i64).unwrap_or(0);
        self.counts.insert(what.to_owned(), json!(now + more));
    }
}

/// The import with this id.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<Job>> {
    Ok(data.row(&FIND, &[&id]).await?.as_ref().map(Job::read))
}

/// Imports, the newest first.
///
/// # Errors
/// See [`find`].
pub async fn list(data: &TenantConnection, page: &PageRequest) -> Result<Page<Job>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let rows = data.rows(&LIST, &[&after, &limit]).await?;
    let jobs = rows.iter().map(Job::read).collect();
    Ok(Page::of(jobs, page, None, |job: &Job| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: job.id,
    }))
}

/// The import on which work waits.
///
/// # Errors
/// See [`find`].
pub async fn open(data: &TenantConnection) -> Result<Option<Job>> {
    Ok(data.row(&OPEN, &[]).await?.as_ref().map(Job::read))
}

/// Says what the columns mean, and what to do; the verdicts of before count no more.
///
/// # Errors
/// What can't be, by field; or an import that is past that.
pub async fn choose(
    data: &TenantConnection,
    id: i64,
    mapping: Option<Vec<String>>,
    options: Option<Options>,
) -> Result<Option<Job>> {
    let tx = data.begin().await?;
    let Some(job) = tx.row(&LOCK, &[&id]).await?.as_ref().map(Job::read) else {
        return Ok(None);
    };
    if !matches!(job.state, State::Ready | State::Checked) {
        return Err(past(&job));
    }
    let mapping = mapping.unwrap_or_else(|| job.mapping.clone());
    let options = options.unwrap_or_else(|| job.options.clone());
    let mut errors = check_mapping(&job, &mapping, &customs::read_in(&tx).await?);
    for key in &options.keys {
        if !Options::keys_of(job.kind).contains(&key.as_str()) {
            errors.add(
                "keys",
                format!("{key:?} is nothing that these are known by."),
            );
        }
    }
    if options.duplicates.parse::<Verb>().is_err() {
        errors.add("duplicates", "Use skip, update or create.");
    }
    errors.check(())?;
    let told = crate::records::json(&options)?;
    tx.execute(&CHOOSE, &[&id, &mapping, &told]).await?;
    tx.commit().await?;
    find(data, id).await
}

/// Whether a column can be this field; custom ones are named one by one.
pub fn is_mapped(field: &Field) -> bool {
    field.access == Access::Input && field.ty != FieldType::Custom
}

fn check_mapping(job: &Job, mapping: &[String], customs: &Customs) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if mapping.len() != job.headers.len() {
        errors.add(
            "mapping",
            format!("Say it for each of the {} columns.", job.headers.len()),
        );
    }
    for (n, name) in mapping.iter().enumerate() {
        let field = job.kind.fields().iter().find(|field| field.name == name);
        let known = name.is_empty()
            || name == "id"
            || field.is_some_and(is_mapped)
            || customs.named(job.kind, name).is_some();
        if !known {
            errors.add("mapping", format!("There is no field {name:?} to write."));
        }
        if !name.is_empty() && mapping[..n].contains(name) {
            errors.add("mapping", format!("Two columns can't both be {name:?}."));
        }
    }
    errors
}

fn past(job: &Job) -> Error {
    Refusal::Fields(FieldErrors::one(
        "state",
        format!("This can't be done to an import that is {}.", job.state),
    ))
    .into()
}

/// Has the next programs that look do this: a dry run, the writing, or taking back.
///
/// # Errors
/// An import that is not where that can begin.
pub async fn ask(data: &TenantConnection, by: By<'_>, id: i64, to: State) -> Result<Option<Job>> {
    let tx = data.begin().await?;
    let Some(mut job) = tx.row(&LOCK, &[&id]).await?.as_ref().map(Job::read) else {
        return Ok(None);
    };
    let may = match to {
        State::Checking => matches!(job.state, State::Ready | State::Checked),
        State::Committing => matches!(job.state, State::Checked | State::Failed),
        State::Undoing => matches!(job.state, State::Done | State::Cancelled | State::Failed),
        _ => false,
    };
    // To ask twice is to ask once.
    if job.state == to {
        return Ok(Some(job));
    }
    if !may {
        return Err(past(&job));
    }
    let position = match to {
        State::Undoing => i64::MAX,
        State::Committing if job.state == State::Failed => job.position,
        _ => 0,
    };
    if to == State::Checking {
        job.counts = Map::new();
    }
    let actor = by.actor;
    let address = actor.address.map(|address| address.to_string());
    let counts = Value::Object(job.counts.clone());
    let params: [&(dyn ToSql + Sync); 9] = [
        &id,
        &to.as_str(),
        &position,
        &counts,
        &actor.user_id,
        &actor.name,
        &address,
        &actor.request_id,
        &support_of(actor),
    ];
    tx.execute(&ASK, &params).await?;
    tx.commit().await?;
    find(data, id).await
}

/// Has it stop after the piece that is being done. What was written stays.
///
/// # Errors
/// One that is not under way.
pub async fn cancel(data: &TenantConnection, id: i64) -> Result<Option<Job>> {
    let tx = data.begin().await?;
    let Some(job) = tx.row(&LOCK, &[&id]).await?.as_ref().map(Job::read) else {
        return Ok(None);
    };
    if !matches!(
        job.state,
        State::Checking | State::Committing | State::Undoing
    ) {
        return Err(past(&job));
    }
    tx.execute(&CANCEL, &[&id]).await?;
    tx.commit().await?;
    find(data, id).await
}

/// Forgets an import and its rows; what it wrote stays. Whether there was one.
///
/// # Errors
/// One that is under way.
pub async fn delete(data: &TenantConnection, id: i64) -> Result<bool> {
    let tx = data.begin().await?;
    let Some(job) = tx.row(&LOCK, &[&id]).await?.as_ref().map(Job::read) else {
        return Ok(false);
    };
    if matches!(
        job.state,
        State::Checking | State::Committing | State::Undoing
    ) {
        return Err(past(&job));
    }
    tx.execute(&DELETE, &[&id]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Writes down why it can't go on, and tells whoever asked.
///
/// # Errors
/// See [`find`].
pub async fn stopped(data: &TenantConnection, job: &Job, why: &str, now: Timestamp) -> Result<()> {
    let tx = data.begin().await?;
    tx.execute(&STOPPED, &[&job.id, &why]).await?;
    ended(&tx, job, State::Failed, now).await?;
    tx.commit().await
}

/// Tells whoever asked that it came to this end.
pub(super) async fn ended(
    tx: &TenantTransaction,
    job: &Job,
    state: State,
    now: Timestamp,
) -> Result<()> {
    let Some(user) = job.user else {
        return Ok(());
    };
    let told = Told {
        user,
        topic: Topic::ImportDone,
        cause: format!("import:{}:{state}:{}", job.id, job.request_id),
        kind: None,
        record: None,
        count: 1,
        data: json!({ "import": job.id, "state": state }),
    };
    tell(tx, &[told], None, now).await
}

/// The statements that the work itself uses.
pub(super) const LOCKED: &Statement = &LOCK;
pub(super) const ADVANCED: &Statement = &ADVANCE;
