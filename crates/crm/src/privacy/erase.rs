//! The erasure of a person: their records keep what they are counted by, and nothing anywhere tells who they were.
//!
//! Every column that can hold something of a person is named in [`TRACES`] or in the tables of fields; a test reads
//! the schema and refuses one that is not (`app/tests/it/crm/privacy/columns.rs`).

use super::person::{Person, ids};
use crate::attachments;
use crate::duplicates::dismissed;
use crate::quotes;
use crate::work::Work;
use serde::Serialize;
use serde_json::{Map, Value};
use sindico_db::{Result, Statement, ToSql};
use sindico_domain::crm::custom::KINDS;
use sindico_domain::crm::{Datum, Kind, Record};
use sindico_domain::privacy::{CALLED, Traces, erased, told_of};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use utoipa::ToSchema;

sindico_db::statements! { "erase":
    // Who they were before is looked for as well.
    EARLIER = "SELECT kind, before, after FROM change WHERE kind = $1 AND record_id = ANY ($2)";
    HISTORY = "SELECT erase_history($1, $2, $3, $4)";
    // Whatever may have been typed into, of fields that are deleted as well.
    CUSTOMS = "SELECT 'custom.' || key FROM custom_field WHERE kind = $1
        AND (pii OR deleted_at IS NOT NULL OR type IN ('TEXT', 'LONG_TEXT', 'URL', 'EMAIL', 'PHONE'))";
    KEPT = "INSERT INTO erasure (kind, record_id, request_id, rule_id)
        SELECT $1, id, $3, $4 FROM unnest($2::bigint[]) id ON CONFLICT DO NOTHING";
    CONSENTS = "UPDATE consent SET source = '', evidence = '' WHERE kind = $1 AND record_id = ANY ($2)
        AND (source <> '' OR evidence <> '')";
    // By the records that a row became, and by what stands in it.
    IMPORTS = "UPDATE import_row r SET cells = '[]', notes = '{}' FROM import_job j
        WHERE j.company_id = r.company_id AND j.id = r.job_id AND r.cells <> '[]'
            AND (j.kind = 'customer' AND r.record_id = ANY ($1) OR j.kind = 'lead' AND r.record_id = ANY ($2)
                OR j.kind = 'opportunity' AND r.record_id = ANY ($3) OR j.kind = 'activity' AND r.record_id = ANY ($4)
                OR r.cells::text ~* $5)";
    FORMS = "UPDATE lead_form_entry SET sent = '{}', address = NULL,
            state = CASE WHEN state = 'QUARANTINE' THEN 'DISCARDED' ELSE state END
        WHERE lead_id = ANY ($1) OR sent::text ~* $2";
    ANSWERS = "UPDATE webhook_delivery SET answer = '', error = '' WHERE answer ~* $1 OR error ~* $1";
    TRIES = "UPDATE webhook_delivery SET tries = '[]' WHERE tries::text ~* $1";
    // Whoever repeats such a request is told that it was done, and no more.
    REPEATS = "UPDATE idempotency_key SET body = '{\"erased\": true}' WHERE body::text ~* $1";
    EXPORTS = "UPDATE export_log SET query = '' WHERE query ~* $1";
    FILES = "UPDATE import_job SET file_name = $2 WHERE file_name ~* $1";
    RULES = "UPDATE retention_rule SET filter = regexp_replace(filter::text, $1, $2, 'gi')::jsonb WHERE filter::text ~* $1";
    ASSIGNMENT = "UPDATE assignment_rules SET rules = regexp_replace(rules::text, $1, $2, 'gi')::jsonb WHERE rules::text ~* $1";
    VIEWS = "SELECT erase_views($1, $2)";
}

/// Further places that may hold something of a person, as `table.column`, beside the fields of records.
pub const TRACES: &[&str] = &[
    "customer.custom",
    "lead.custom",
    "opportunity.custom",
    "activity.custom",
    "attachment.name",
    "file_chunk.bytes",
    "quote.notes",
    "quote.terms",
    "quote.lines",
    "quote.customer",
    "quote.decided_by",
    "change.title",
    "change.before",
    "change.after",
    "consent.source",
    "consent.evidence",
    "import_row.cells",
    "import_row.notes",
    "lead_form_entry.sent",
    "lead_form_entry.address",
    "webhook_delivery.answer",
    "webhook_delivery.error",
    "webhook_delivery.tries",
    "idempotency_key.body",
    "export_log.query",
    "saved_view.filter",
    "saved_view.name",
    "saved_view_change.before",
    "saved_view_change.after",
    "import_job.file_name",
    "retention_rule.filter",
    "assignment_rules.rules",
    "setting_change.before",
    "setting_change.after",
    "privacy_request.note",
    "privacy_request.reason",
];

/// What is left of fields that are deleted, by kind.
static HIDDEN: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let of = |kind: &Kind| {
        let sql = match KINDS.contains(kind) {
            true => format!(
                "UPDATE {kind} SET custom = custom - ARRAY(SELECT key FROM custom_field WHERE kind = '{kind}' AND deleted_at IS NOT NULL)
                 WHERE id = ANY ($1)"
            ),
            false => format!("SELECT FROM {kind} WHERE id = ANY ($1)"),
        };
        Statement {
            name: "erase.hidden",
            sql: Box::leak(sql.into_boxed_str()),
        }
    };
    Kind::ALL.iter().map(of).collect()
});

pub(super) fn statements() -> Vec<Statement> {
    [STATEMENTS, &HIDDEN].concat()
}

/// Why something is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// To see what would be.
    Survey,
    /// Somebody asked for it.
    Request(i64),
    /// A rule says that it is time.
    Rule(i64),
}

/// In how many places something was erased, by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Erased(pub BTreeMap<&'static str, u64>);

impl Erased {
    fn count(&mut self, what: &'static str, n: u64) {
        *self.0.entry(what).or_default() += n;
    }
}

/// Erases a person, in the caller's transaction, and records it as one change set.
///
/// # Errors
/// When the tenant's place can't be reached.
pub(super) async fn erase(
    work: &mut Work<'_>,
    person: &Person,
    because: Because,
) -> Result<Erased> {
    let earlier = earlier(work, person).await?;
    let traces = Traces::of(person.themselves().chain(&earlier));
    let mut done = Erased::default();
    for kind in [
        Kind::Customer,
        Kind::Lead,
        Kind::Opportunity,
        Kind::Activity,
    ] {
        let records = person.of(kind);
        let customs = work.customs().await?;
        let pairs: Vec<(Record, Record)> = records
            .iter()
            .map(|record| (record.clone(), erased(record, &traces, customs)))
            .filter(|(before, after)| !before.differs(after).is_empty())
            .collect();
        done.count(kind.as_str(), pairs.len() as u64);
        work.put_many(&pairs).await?;
        // What fields held that are deleted, and are shown no more.
        let hidden = &HIDDEN[kind as usize];
        work.tx.execute(hidden, &[&ids(records)]).await?;
    }
    work.record("privacy.erase", None).await?;
    let (request, rule) = match because {
        Because::Survey => (None, None),
        Because::Request(id) => (Some(id), None),
        Because::Rule(id) => (None, Some(id)),
    };
    // Behind the change set: what it says of how the records were is history, too.
    for kind in [
        Kind::Customer,
        Kind::Lead,
        Kind::Opportunity,
        Kind::Activity,
    ] {
        let (name, ids) = (kind.as_str(), ids(person.of(kind)));
        let customs = work.tx.rows(&CUSTOMS, &[&name]).await?;
        // With what is no field of the record's own, and told of by its changes.
        let own = told_of(kind)
            .into_iter()
            .chain([attachments::FIELD, quotes::FIELD]);
        let customs = customs.iter().map(|row| row.get(0));
        let fields: Vec<String> = own.map(str::to_owned).chain(customs).collect();
        done.count("files", attachments::erase(&work.tx, kind, &ids).await?);
        let pairs = dismissed::erase(&work.tx, kind, &ids).await?;
        done.count("dismissed", pairs);
        let row = work
            .tx
            .one(&HISTORY, &[&name, &ids, &fields, &CALLED])
            .await?;
        done.count("changes", row.get::<_, i64>(0).unsigned_abs());
        work.tx
            .execute(&KEPT, &[&name, &ids, &request, &rule])
            .await?;
        done.count(
            "consents",
            work.tx.execute(&CONSENTS, &[&name, &ids]).await?,
        );
    }
    let sales = ids(&person.sales);
    done.count("quotes", quotes::erase(&work.tx, &sales, &traces).await?);
    elsewhere(work, person, &traces, &mut done).await?;
    done.0.retain(|_, n| *n > 0);
    Ok(done)
}

/// Erases what stands in other places than the records.
async fn elsewhere(
    work: &Work<'_>,
    person: &Person,
    traces: &Traces,
    done: &mut Erased,
) -> Result<()> {
    let patterns = traces.patterns();
    // None fits nothing; an empty pattern would fit everything.
    let every = (!patterns.is_empty()).then(|| patterns.join("|"));
    let (customers, leads) = (ids(&person.customers), ids(&person.leads));
    let (sales, activities) = (ids(&person.sales), ids(&person.activities));
    let imports: [&(dyn ToSql + Sync); 5] = [&customers, &leads, &sales, &activities, &every];
    done.count("import_rows", work.tx.execute(&IMPORTS, &imports).await?);
    done.count(
        "form_entries",
        work.tx.execute(&FORMS, &[&leads, &every]).await?,
    );
    for (what, statement) in [
        ("webhook_answers", &ANSWERS),
        ("webhook_answers", &TRIES),
        ("repeated_requests", &REPEATS),
        ("export_log", &EXPORTS),
    ] {
        done.count(what, work.tx.execute(statement, &[&every]).await?);
    }
    for (what, statement) in [
        ("imports", &FILES),
        ("rules", &RULES),
        ("rules", &ASSIGNMENT),
    ] {
        done.count(what, work.tx.execute(statement, &[&every, &CALLED]).await?);
    }
    let row = work.tx.one(&VIEWS, &[&every, &CALLED]).await?;
    done.count("views", row.get::<_, i64>(0).unsigned_abs());
    Ok(())
}

/// The person as the history knows them: by what they were called, and reached at, before.
async fn earlier(work: &Work<'_>, person: &Person) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for kind in [Kind::Customer, Kind::Lead] {
        let ids = ids(person.of(kind));
        for row in work.tx.rows(&EARLIER, &[&kind.as_str(), &ids]).await? {
            for n in [1, 2] {
                let Value::Object(told) = row.get::<_, Value>(n) else {
                    continue;
                };
                records.push(record_of(kind, &told, work));
            }
        }
    }
    Ok(records)
}

fn record_of(kind: Kind, told: &Map<String, Value>, work: &Work<'_>) -> Record {
    let mut record = Record::new(kind, work.by.now);
    for (name, value) in told {
        if let Some(at) = kind.position(name)
            && let Some(value) = Datum::from_json(kind.fields()[at].ty, value)
        {
            record.values[at] = value;
        }
    }
    record
}
