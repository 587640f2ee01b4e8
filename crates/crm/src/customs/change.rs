//! Custom fields made, changed, put in order, and deleted.

use super::{columns, field, read_in};
use crate::held::Held;
use crate::idempotency;
use crate::pipelines::Changed;
use crate::records::json;
use crate::work::{By, Work};
use serde_json::Value;
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{CustomField, CustomOption, Customs, FieldDraft, ordered};
use sindico_domain::precondition::Precondition;
use std::sync::LazyLock;

sindico_db::statements! { "customs.change":
    // Whoever sets one up does so alone in a company: of two at the limit one finds that it is reached.
    HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('custom_field', current_company()))";
    KEYS = "SELECT key FROM custom_field WHERE kind = $1";
    // Nothing is written in it yet, or it is only read anew.
    MAKE = concat!("INSERT INTO custom_field (kind, key, label, type, options, help, position, required, required_roles, searchable, on_card, pii)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ", columns!());
    PUT = concat!("UPDATE custom_field SET label = $2, options = $3, help = $4, position = $5, required = $6, required_roles = $7,
            searchable = $8, on_card = $9, pii = $10, reindex_at = CASE WHEN $11 THEN 0 ELSE reindex_at END,
            deleted_at = NULL, version = version + 1, updated_at = now()
        WHERE id = $1 RETURNING ", columns!());
    DROP = "UPDATE custom_field SET deleted_at = now(), reindex_at = CASE WHEN searchable THEN 0 END,
            version = version + 1, updated_at = now() WHERE id = $1";
}

/// Which of these values records of a kind have in a field.
static USED: LazyLock<Vec<(Kind, Statement)>> = LazyLock::new(|| {
    let of = |kind: &Kind| {
        let sql = format!(
            "SELECT word FROM unnest($2::text[]) word WHERE EXISTS (
                SELECT FROM {kind} WHERE custom -> $1::text @> to_jsonb(word))"
        );
        let statement = Statement {
            name: "customs.used",
            sql: Box::leak(sql.into_boxed_str()),
        };
        (*kind, statement)
    };
    sindico_domain::crm::custom::KINDS.iter().map(of).collect()
});

pub(super) fn statements() -> &'static [Statement] {
    static ALL: LazyLock<Vec<Statement>> = LazyLock::new(|| {
        let used = USED.iter().map(|(_, statement)| *statement);
        STATEMENTS.iter().copied().chain(used).collect()
    });
    &ALL
}

/// Holds all custom fields of the company, until the transaction's end, and reads them.
pub(crate) async fn hold(work: &Work<'_>) -> Result<Customs> {
    work.tx.rows(&HOLD, &[]).await?;
    read_in(&work.tx).await
}

/// Writes one that is to be there. What searches look in follows ([`super::reindex`]).
pub(crate) async fn raise(
    work: &Work<'_>,
    before: Option<&CustomField>,
    after: &CustomField,
) -> Result<CustomField> {
    let options = json(&after.options)?;
    let roles: Vec<&str> = after.required_roles.iter().map(|r| r.as_str()).collect();
    if after.id == 0 {
        let params: [&(dyn ToSql + Sync); 12] = [
            &after.kind.as_str(),
            &after.key,
            &after.label,
            &after.ty.as_str(),
            &options,
            &after.help,
            &after.position,
            &after.required,
            &roles,
            &after.searchable,
            &after.on_card,
            &after.pii,
        ];
        return field(&work.tx.write_one(&MAKE, &params).await?);
    }
    let was = before.is_some_and(|before| before.searchable);
    let other = was != after.searchable;
    let params: [&(dyn ToSql + Sync); 11] = [
        &after.id,
        &after.label,
        &options,
        &after.help,
        &after.position,
        &after.required,
        &roles,
        &after.searchable,
        &after.on_card,
        &after.pii,
        &other,
    ];
    field(&work.tx.write_one(&PUT, &params).await?)
}

/// Takes one away. Its values stay in their rows, unseen.
pub(crate) async fn lower(work: &Work<'_>, field: &CustomField) -> Result<()> {
    work.tx.execute(&DROP, &[&field.id]).await?;
    Ok(())
}

/// Makes a custom field.
///
/// # Errors
/// What is wrong, by field; a key that was used with another request; or the tenant's place can't be reached.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    draft: &FieldDraft,
    key: Option<&Key>,
) -> Result<Once<Value>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(earlier);
    }
    let all = hold(&work).await?;
    let kind = draft.kind().unwrap_or(Kind::Lead);
    let keys = work.tx.rows(&KEYS, &[&kind.as_str()]).await?;
    let keys: Vec<String> = keys.iter().map(|row| row.get(0)).collect();
    let made = raise(&work, None, &draft.made(&all, &keys)?).await?;
    work.note_setup(None, Some(&Held::Field(made.clone())))?;
    work.record("custom_field.create", None).await?;
    let version = made.version;
    work.finish(key, json(&made)?, version).await
}

/// Changes a custom field; `None` when there is none with this id.
///
/// # Errors
/// As [`create`]; `PreconditionFailed` when it is not at the version that the caller means.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    draft: &FieldDraft,
) -> Result<Option<Changed<CustomField>>> {
    let mut work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let Some(before) = all.with_id(id) else {
        return Ok(None);
    };
    condition.check(before.version)?;
    let mut after = CustomField::clone(before);
    draft.apply(&mut after, &all)?;
    if after == **before {
        return Ok(Some(Changed {
            now: after,
            change_set: None,
        }));
    }
    keeps(&work, before, &after).await?;
    let now = raise(&work, Some(before), &after).await?;
    let before = Held::Field(CustomField::clone(before));
    work.note_setup(Some(&before), Some(&Held::Field(now.clone())))?;
    let change_set = work.record("custom_field.update", None).await?;
    work.commit().await?;
    Ok(Some(Changed { now, change_set }))
}

/// That no option goes which a record has: it is retired instead.
async fn keeps(work: &Work<'_>, before: &CustomField, after: &CustomField) -> Result<()> {
    let gone = |option: &&CustomOption| after.option(&option.value).is_none();
    let gone: Vec<&str> = before
        .options
        .iter()
        .filter(gone)
        .map(|option| option.value.as_str())
        .collect();
    let used = USED.iter().find(|(kind, _)| *kind == before.kind);
    let (Some((_, used)), false) = (used, gone.is_empty()) else {
        return Ok(());
    };
    let used = work.tx.rows(used, &[&before.key, &gone]).await?;
    let used: Vec<&str> = used.iter().map(|row: &Row| row.get(0)).collect();
    if used.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Records have {}: retire it instead of leaving it out.",
        used.join(", ")
    );
    Err(FieldErrors::one("options", message).into())
}

/// Puts the custom fields of a kind into the order of these ids; the change set, or `None` when they are so already.
///
/// # Errors
/// As [`create`].
pub async fn order(
    data: &TenantConnection,
    by: By<'_>,
    kind: Kind,
    ids: &[i64],
) -> Result<Option<i64>> {
    let mut work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    for after in ordered(&all, kind, ids)? {
        let before = all
            .with_id(after.id)
            .map(|before| CustomField::clone(before));
        let now = raise(&work, before.as_ref(), &after).await?;
        let before = before.map(Held::Field);
        work.note_setup(before.as_ref(), Some(&Held::Field(now)))?;
    }
    let change_set = work.record("custom_field.order", None).await?;
    work.commit().await?;
    Ok(change_set)
}

/// Deletes a custom field; the change set, or `None` when there is none. Its values stay in their rows, and are
/// there again when that is taken back.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<i64>> {
    let mut work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let Some(before) = all.with_id(id) else {
        return Ok(None);
    };
    condition.check(before.version)?;
    lower(&work, before).await?;
    let before = Held::Field(CustomField::clone(before));
    work.note_setup(Some(&before), None)?;
    let change_set = work.record("custom_field.delete", None).await?;
    work.commit().await?;
    Ok(change_set)
}
