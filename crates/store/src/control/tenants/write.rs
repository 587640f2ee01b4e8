//! Creation and change of tenants.

use super::rows::{self, read};
use super::search_text;
use crate::constraints::{
    ALIAS_TAKEN, DATABASE_TAKEN, ROLE_TAKEN, SUBDOMAIN_TAKEN, TENANT_CODE_TAKEN,
};
use crate::control::audit::{self, NewEvent};
use crate::control::idempotency::{self, Key, Once};
use crate::statement::{self, statements};
use crate::{Error, Result, Store};
use deadpool_postgres::GenericClient;
use sindico_domain::access::Actor;
use sindico_domain::precondition::Precondition;
use sindico_domain::tenant::{
    IsolationModel, NewTenant, Provisioning, ProvisioningStatus, Rules, StateReport, Tenant,
    TenantChanges,
};
use sindico_domain::{FieldErrors, Refusal};

statements! { "tenants":
    LOCK = concat!(rows::select!(), " WHERE c.id = $1 FOR UPDATE OF c");
    // Everything that another tenant has of what this one wants, in one look. $1: this one's id.
    TAKEN = "SELECT
        EXISTS (SELECT FROM company WHERE tenant_code = $2 AND id <> $1),
        EXISTS (SELECT FROM company WHERE subdomain = $3 AND id <> $1),
        EXISTS (SELECT FROM tenant_provisioning WHERE database_alias = $4 AND company_id <> $1),
        EXISTS (SELECT FROM tenant_provisioning WHERE database_host = $5 AND database_port = $6
            AND database_name = $7 AND company_id <> $1 AND isolation_model = 'DATABASE_PER_TENANT'),
        EXISTS (SELECT FROM tenant_provisioning WHERE database_host = $5 AND database_port = $6
            AND database_user = $8 AND company_id <> $1)";
    // One statement for the three records; foreign keys are checked at its end.
    INSERT = "WITH c AS (
            INSERT INTO company (name, tenant_code, subdomain, is_active, search_text)
            VALUES ($1, $2, $3, $4, $5) RETURNING id),
        k AS (
            INSERT INTO tenant_contract (company_id, plan, status, seats, monthly_fee, start_date,
                end_date, auto_renew, notes)
            SELECT id, $6, $7, $8, $9, $10, $11, $12, $13 FROM c),
        p AS (
            INSERT INTO tenant_provisioning (company_id, isolation_model, status, database_alias,
                database_name, database_host, database_port, database_user,
                database_password_secret, portal_url, provisioned_at, last_error)
            SELECT id, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                CASE WHEN $15 = 'READY' THEN now() END, '' FROM c)
        SELECT id FROM c";
    UPDATE_COMPANY = "UPDATE company SET name = $2, subdomain = $3, is_active = $4, search_text = $5,
        updated_at = now() WHERE id = $1";
    UPDATE_CONTRACT = "UPDATE tenant_contract SET plan = $2, status = $3, seats = $4,
        monthly_fee = $5, start_date = $6, end_date = $7, auto_renew = $8, notes = $9,
        resumes_to = CASE WHEN $3 IN ('TRIAL', 'ACTIVE') THEN NULL
            WHEN status IN ('TRIAL', 'ACTIVE') THEN status ELSE resumes_to END,
        updated_at = now() WHERE company_id = $1";
    UPDATE_PROVISIONING = "UPDATE tenant_provisioning SET isolation_model = $2, status = $3,
        database_alias = $4, database_name = $5, database_host = $6, database_port = $7,
        database_user = $8, database_password_secret = $9, portal_url = $10, last_error = $11,
        provisioned_at = CASE WHEN $3 = 'READY' THEN coalesce(provisioned_at, now()) ELSE provisioned_at END,
        updated_at = now() WHERE company_id = $1";
    TOUCH = "UPDATE company SET version = version + 1 WHERE id = $1";
    LIVE_OPERATION = "SELECT id FROM operation WHERE company_id = $1 AND status IN ('QUEUED', 'RUNNING')";
}

/// Creates a tenant with its three records, in one transaction.
///
/// # Errors
/// Every name that is taken is refused at once; [`Refusal::KeyReused`]; or the database can't be
/// reached.
pub async fn create(
    store: &Store,
    actor: &Actor,
    new: &NewTenant,
    rules: &Rules,
    key: Option<&Key>,
) -> Result<Once<Tenant>> {
    // The default names first; should they be taken, even by a tenant that came in the same
    // moment, the distinct ones. Names that were asked for are refused the second time as well.
    match try_create(store, actor, new, rules, key, false).await {
        Err(Error::Refused(Refusal::Fields(errors))) if errors.has("provisioning") => {
            try_create(store, actor, new, rules, key, true).await
        }
        other => other,
    }
}

async fn try_create(
    store: &Store,
    actor: &Actor,
    new: &NewTenant,
    rules: &Rules,
    key: Option<&Key>,
    distinct: bool,
) -> Result<Once<Tenant>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    if let Some(earlier) = idempotency::begin(&tx, key).await? {
        return Ok(earlier);
    }
    let names = new.names(distinct, rules);
    let (k, p) = (&new.contract, &new.provisioning);
    let (code, subdomain) = (new.tenant_code.as_str(), new.subdomain.as_str());
    refuse_taken(
        &tx,
        &Wanted {
            id: 0,
            code,
            subdomain,
            alias: &names.alias,
            host: &p.host,
            port: p.port,
            database: &names.database,
            user: &names.user,
            isolation_model: p.isolation_model,
        },
    )
    .await?;
    let id: i64 = statement::one(
        &tx,
        &INSERT,
        &[
            &new.name,
            &code,
            &subdomain,
            &new.is_active,
            &search_text(&new.name, code, subdomain),
            &k.plan.as_str(),
            &k.status.as_str(),
            &k.seats,
            &k.monthly_fee,
            &k.start_date,
            &k.end_date,
            &k.auto_renew,
            &k.notes,
            &p.isolation_model.as_str(),
            &p.status.as_str(),
            &names.alias,
            &names.database,
            &p.host,
            &p.port,
            &names.user,
            &p.password_secret,
            &p.portal_url,
        ],
    )
    .await?
    .get(0);
    let tenant = lock(&tx, id).await?.ok_or_else(gone)?;
    record(&tx, actor, "tenant.create", None, &tenant).await?;
    let version = tenant.version;
    let once = idempotency::finish(&tx, key, tenant, version).await?;
    tx.commit().await?;
    Ok(once)
}

/// Changes what was sent of a tenant.
///
/// # Errors
/// `None` when there is no such tenant. Refused: fields, taken names, a stale precondition, and
/// a change of the place while an operation works there.
pub async fn change(
    store: &Store,
    actor: &Actor,
    id: i64,
    changes: &TenantChanges,
    rules: &Rules,
    precondition: &Precondition,
) -> Result<Option<Tenant>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(before) = lock(&tx, id).await? else {
        return Ok(None);
    };
    precondition.check(before.version)?;
    let after = changes.apply(&before, rules)?;
    if after == before {
        return Ok(Some(before));
    }
    refuse_taken(&tx, &Wanted::of(&after)).await?;
    if after.provisioning != before.provisioning {
        refuse_while_live(&tx, id).await?;
    }
    let saved = save(&tx, &before, &after).await?;
    record(&tx, actor, "tenant.change", Some(&before), &saved).await?;
    tx.commit().await?;
    Ok(Some(saved))
}

/// Takes an operator's own word on a tenant's state (contract section 4, `.../provision/`).
///
/// # Errors
/// `None` when there is no such tenant; [`Refusal::Conflict`] while an execution runs.
pub async fn report_state(
    store: &Store,
    actor: &Actor,
    id: i64,
    report: &StateReport,
    precondition: &Precondition,
    key: Option<&Key>,
) -> Result<Option<Once<Tenant>>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    if let Some(earlier) = idempotency::begin(&tx, key).await? {
        return Ok(Some(earlier));
    }
    let Some(before) = lock(&tx, id).await? else {
        return Ok(None);
    };
    precondition.check(before.version)?;
    refuse_while_live(&tx, id).await?;
    let mut after = before.clone();
    let place = &mut after.provisioning;
    place.status = report.status;
    if let Some(url) = &report.portal_url {
        place.portal_url.clone_from(url);
    }
    if report.status != ProvisioningStatus::Failed {
        place.last_error.clear();
    } else if let Some(error) = &report.last_error {
        place.last_error.clone_from(error);
    }
    let saved = save(&tx, &before, &after).await?;
    record(&tx, actor, "tenant.report_state", Some(&before), &saved).await?;
    let version = saved.version;
    let once = idempotency::finish(&tx, key, saved, version).await?;
    tx.commit().await?;
    Ok(Some(once))
}

/// Locks a tenant's company row and reads the whole tenant.
pub(crate) async fn lock(tx: &impl GenericClient, id: i64) -> Result<Option<Tenant>> {
    Ok(statement::row(tx, &LOCK, &[&id]).await?.as_ref().map(read))
}

/// Writes what differs and counts the version up; the caller holds the lock.
pub(crate) async fn save(
    tx: &impl GenericClient,
    before: &Tenant,
    after: &Tenant,
) -> Result<Tenant> {
    let id = before.id;
    let company = |t: &Tenant| (t.name.clone(), t.subdomain.clone(), t.is_active);
    if company(before) != company(after) {
        let text = search_text(&after.name, &after.tenant_code, &after.subdomain);
        statement::execute(
            tx,
            &UPDATE_COMPANY,
            &[&id, &after.name, &after.subdomain, &after.is_active, &text],
        )
        .await?;
    }
    let k = &after.contract;
    if &before.contract != k {
        statement::execute(
            tx,
            &UPDATE_CONTRACT,
            &[
                &id,
                &k.plan.as_str(),
                &k.status.as_str(),
                &k.seats,
                &k.monthly_fee,
                &k.start_date,
                &k.end_date,
                &k.auto_renew,
                &k.notes,
            ],
        )
        .await?;
    }
    let p: &Provisioning = &after.provisioning;
    if &before.provisioning != p {
        statement::execute(
            tx,
            &UPDATE_PROVISIONING,
            &[
                &id,
                &p.isolation_model.as_str(),
                &p.status.as_str(),
                &p.database_alias,
                &p.database_name,
                &p.database_host,
                &p.database_port,
                &p.database_user,
                &p.database_password_secret,
                &p.portal_url,
                &p.last_error,
            ],
        )
        .await?;
    }
    touch(tx, id).await
}

/// Counts the version up; the tenant as it is then.
pub(crate) async fn touch(tx: &impl GenericClient, id: i64) -> Result<Tenant> {
    statement::execute(tx, &TOUCH, &[&id]).await?;
    lock(tx, id).await?.ok_or_else(gone)
}

/// Records a change of a tenant.
pub(crate) async fn record(
    tx: &impl GenericClient,
    actor: &Actor,
    action: &str,
    before: Option<&Tenant>,
    after: &Tenant,
) -> Result<()> {
    let json =
        |tenant: &Tenant| serde_json::to_value(tenant).map_err(|e| Error::Internal(e.to_string()));
    let event = NewEvent {
        action,
        company_id: Some(after.id),
        subject: format!("tenant {}", after.tenant_code),
        before: before.map(json).transpose()?,
        after: Some(json(after)?),
    };
    audit::record(tx, actor, event).await
}

/// Refuses with the address of the live operation, if there is one.
pub(crate) async fn refuse_while_live(tx: &impl GenericClient, company_id: i64) -> Result<()> {
    match statement::row(tx, &LIVE_OPERATION, &[&company_id]).await? {
        None => Ok(()),
        Some(row) => Err(Refusal::Conflict {
            detail: "An operation is at work on this tenant. Wait for it, or cancel it.".to_owned(),
            location: Some(format!(
                "/platform/api/operations/{}/",
                row.get::<_, i64>(0)
            )),
        }
        .into()),
    }
}

/// Which of this code and this subdomain another tenant has, as field errors.
///
/// # Errors
/// When the database can't be reached.
pub async fn taken(store: &Store, code: &str, subdomain: &str) -> Result<FieldErrors> {
    let wanted = Wanted {
        id: 0,
        code,
        subdomain,
        alias: "",
        host: "",
        port: 0,
        database: "",
        user: "",
        isolation_model: IsolationModel::DatabasePerTenant,
    };
    taken_names(&store.client().await?, &wanted).await
}

struct Wanted<'a> {
    id: i64,
    code: &'a str,
    subdomain: &'a str,
    alias: &'a str,
    host: &'a str,
    port: i32,
    database: &'a str,
    user: &'a str,
    isolation_model: IsolationModel,
}

impl<'a> Wanted<'a> {
    fn of(tenant: &'a Tenant) -> Self {
        let place = &tenant.provisioning;
        Self {
            id: tenant.id,
            code: &tenant.tenant_code,
            subdomain: &tenant.subdomain,
            alias: &place.database_alias,
            host: &place.database_host,
            port: place.database_port,
            database: &place.database_name,
            user: &place.database_user,
            isolation_model: place.isolation_model,
        }
    }
}

async fn refuse_taken(tx: &impl GenericClient, wanted: &Wanted<'_>) -> Result<()> {
    Ok(taken_names(tx, wanted).await?.check(())?)
}

async fn taken_names(tx: &impl GenericClient, w: &Wanted<'_>) -> Result<FieldErrors> {
    let row = statement::one(
        tx,
        &TAKEN,
        &[
            &w.id,
            &w.code,
            &w.subdomain,
            &w.alias,
            &w.host,
            &w.port,
            &w.database,
            &w.user,
        ],
    )
    .await?;
    let dedicated = w.isolation_model == IsolationModel::DatabasePerTenant;
    let mut errors = FieldErrors::new();
    for (taken, field, message) in [
        (row.get(0), "tenant_code", TENANT_CODE_TAKEN),
        (row.get(1), "subdomain", SUBDOMAIN_TAKEN),
        (row.get(2), "provisioning.database_alias", ALIAS_TAKEN),
        (
            dedicated && row.get(3),
            "provisioning.database_name",
            DATABASE_TAKEN,
        ),
        (row.get(4), "provisioning.database_user", ROLE_TAKEN),
    ] {
        if taken {
            errors.add(field, message);
        }
    }
    Ok(errors)
}

fn gone() -> Error {
    Error::Internal("a tenant vanished under its own lock".to_owned())
}
