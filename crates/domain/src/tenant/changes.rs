//! Changes of a tenant that exists.

use super::{
    Contract, ContractStatus, IsolationModel, Plan, Provisioning, ProvisioningStatus, Rules,
    Tenant, fields,
};
use crate::FieldErrors;
use crate::input::{Fields, boolean, choice};
use crate::names::{Identifier, Subdomain};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// A checked `PATCH`: only what was sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantChanges {
    /// New name.
    pub name: Option<String>,
    /// New subdomain.
    pub subdomain: Option<Subdomain>,
    /// New activity.
    pub is_active: Option<bool>,
    /// Changes of the contract.
    pub contract: ContractChanges,
    /// Changes of the place.
    pub provisioning: ProvisioningChanges,
}

/// Changes of a contract.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContractChanges {
    /// New plan.
    pub plan: Option<Plan>,
    /// New state.
    pub status: Option<ContractStatus>,
    /// New number of seats.
    pub seats: Option<i32>,
    /// New fee.
    pub monthly_fee: Option<Decimal>,
    /// New first day.
    pub start_date: Option<Date>,
    /// New last day; `Some(None)` takes it away.
    pub end_date: Option<Option<Date>>,
    /// New renewal.
    pub auto_renew: Option<bool>,
    /// New notes.
    pub notes: Option<String>,
}

/// Changes of a tenant's place. The state is not among them: it changes by execution, or by an
/// operator's own word (`/provision/`), so that a client which sends back what it read some time
/// ago can't turn it back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProvisioningChanges {
    /// New isolation model.
    pub isolation_model: Option<IsolationModel>,
    /// New alias.
    pub alias: Option<Identifier>,
    /// New database name.
    pub database: Option<Identifier>,
    /// New server.
    pub host: Option<String>,
    /// New port.
    pub port: Option<i32>,
    /// New role.
    pub user: Option<Identifier>,
    /// New reference.
    pub password_secret: Option<String>,
    /// New portal address.
    pub portal_url: Option<String>,
}

impl TenantChanges {
    /// Reads the body of `PATCH /platform/api/tenants/{company_id}/`, all errors at once.
    pub fn parse(body: &Map<String, Value>, rules: &Rules) -> Result<Self, FieldErrors> {
        if body.is_empty() {
            return Err(FieldErrors::whole("Send at least one field to change."));
        }
        let mut f = Fields::new(body);
        let changes = Self {
            name: f.read("name", fields::name),
            subdomain: f.read("subdomain", fields::subdomain(rules)),
            is_active: f.read("is_active", boolean),
            contract: f
                .nested("contract", ContractChanges::read)
                .unwrap_or_default(),
            provisioning: f
                .nested("provisioning", |f| ProvisioningChanges::read(f, rules))
                .unwrap_or_default(),
        };
        f.finish().check(changes)
    }

    /// The tenant after these changes, or what stands in the way of them taken together.
    pub fn apply(&self, tenant: &Tenant, rules: &Rules) -> Result<Tenant, FieldErrors> {
        let mut after = tenant.clone();
        set(&mut after.name, &self.name);
        set(
            &mut after.subdomain,
            &self.subdomain.as_ref().map(Subdomain::to_string),
        );
        set(&mut after.is_active, &self.is_active);
        self.contract.apply(&mut after.contract);
        self.provisioning.apply(&mut after.provisioning);
        let mut errors = FieldErrors::new();
        if after
            .contract
            .end_date
            .is_some_and(|end| end < after.contract.start_date)
            && after.contract != tenant.contract
        {
            errors.add("contract.end_date", fields::END_BEFORE_START);
        }
        let place = &after.provisioning;
        if place.isolation_model == IsolationModel::DatabasePerTenant
            && place.database_name == rules.shared_database
            && place != &tenant.provisioning
        {
            errors.add(
                "provisioning.database_name",
                "This is the shared database. Choose another name for a database of its own.",
            );
        }
        errors.check(after)
    }
}

impl ContractChanges {
    fn read(f: &mut Fields<'_>) -> Self {
        let start_date = f.read("start_date", fields::start_date);
        let end_date = f.read("end_date", fields::end_date);
        fields::check_dates(f, start_date, end_date);
        Self {
            plan: f.read("plan", choice),
            status: f.read("status", choice),
            seats: f.read("seats", fields::seats),
            monthly_fee: f.read("monthly_fee", fields::monthly_fee),
            start_date,
            end_date,
            auto_renew: f.read("auto_renew", boolean),
            notes: f.read("notes", fields::notes),
        }
    }

    fn apply(&self, contract: &mut Contract) {
        set(&mut contract.plan, &self.plan);
        set(&mut contract.status, &self.status);
        set(&mut contract.seats, &self.seats);
        set(&mut contract.monthly_fee, &self.monthly_fee);
        set(&mut contract.start_date, &self.start_date);
        set(&mut contract.end_date, &self.end_date);
        set(&mut contract.auto_renew, &self.auto_renew);
        set(&mut contract.notes, &self.notes);
    }
}

impl ProvisioningChanges {
    fn read(f: &mut Fields<'_>, rules: &Rules) -> Self {
        Self {
            isolation_model: f.read("isolation_model", choice),
            alias: f.read("database_alias", fields::identifier),
            database: f.read("database_name", fields::database_name(rules, true)),
            host: f.read("database_host", fields::database_host),
            port: f.read("database_port", fields::database_port),
            user: f.read("database_user", fields::identifier),
            password_secret: f.read("database_password_secret", fields::password_secret),
            portal_url: f.read("portal_url", fields::portal_url),
        }
    }

    fn apply(&self, place: &mut Provisioning) {
        let text = |name: &Option<Identifier>| name.as_ref().map(Identifier::to_string);
        set(&mut place.isolation_model, &self.isolation_model);
        set(&mut place.database_alias, &text(&self.alias));
        set(&mut place.database_name, &text(&self.database));
        set(&mut place.database_host, &self.host);
        set(&mut place.database_port, &self.port);
        set(&mut place.database_user, &text(&self.user));
        set(&mut place.database_password_secret, &self.password_secret);
        set(&mut place.portal_url, &self.portal_url);
    }
}

fn set<T: Clone>(field: &mut T, new: &Option<T>) {
    if let Some(new) = new {
        field.clone_from(new);
    }
}

/// An operator's own word on the state: the body of `POST .../provision/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateReport {
    /// The state.
    pub status: ProvisioningStatus,
    /// The portal's address, if it is to change.
    pub portal_url: Option<String>,
    /// Why it failed; kept only with FAILED.
    pub last_error: Option<String>,
}

impl StateReport {
    /// Reads the body, all errors at once.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let status = f.require("status", choice);
        let portal_url = f.read("portal_url", fields::portal_url);
        let last_error = f.read("last_error", fields::last_error);
        let errors = f.finish();
        match status {
            Some(status) => errors.check(Self {
                status,
                portal_url,
                last_error,
            }),
            None => Err(errors),
        }
    }

    /// Reads the body of `POST .../provision/execute/`: the portal address to use, if any.
    pub fn parse_execute(body: &Map<String, Value>) -> Result<Option<String>, FieldErrors> {
        let mut f = Fields::new(body);
        let url = f.read("portal_url", fields::portal_url);
        f.finish().check(url.filter(|url| !url.is_empty()))
    }
}
