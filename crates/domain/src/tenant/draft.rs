//! A tenant that is to be created.

use super::{ContractStatus, IsolationModel, Plan, ProvisioningStatus, Rules, fields};
use crate::FieldErrors;
use crate::input::{Fields, boolean, choice, parsed};
use crate::names::{DefaultNames, Identifier, Subdomain, TenantCode};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// A checked request to create a tenant, with every default filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTenant {
    /// The company's name.
    pub name: String,
    /// The code.
    pub tenant_code: TenantCode,
    /// The portal's DNS label.
    pub subdomain: Subdomain,
    /// Whether the company is active.
    pub is_active: bool,
    /// The contract.
    pub contract: NewContract,
    /// The place.
    pub provisioning: NewProvisioning,
}

/// The contract of a tenant to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewContract {
    /// The plan; STARTER by default.
    pub plan: Plan,
    /// The state; TRIAL by default.
    pub status: ContractStatus,
    /// Seats; 3 by default.
    pub seats: i32,
    /// Monthly fee in BRL; 0.00 by default.
    pub monthly_fee: Decimal,
    /// First day; today by default.
    pub start_date: Date,
    /// Last day; none by default.
    pub end_date: Option<Date>,
    /// Whether it renews; true by default.
    pub auto_renew: bool,
    /// Free text.
    pub notes: String,
}

/// The place of a tenant to be created. A name that was not asked for is `None`, since its
/// default depends on what is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProvisioning {
    /// How data are kept apart.
    pub isolation_model: IsolationModel,
    /// The state; PENDING by default.
    pub status: ProvisioningStatus,
    /// The alias asked for.
    pub alias: Option<Identifier>,
    /// The database name asked for.
    pub database: Option<Identifier>,
    /// The role asked for.
    pub user: Option<Identifier>,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: i32,
    /// Where the password is kept.
    pub password_secret: String,
    /// The portal's address, if given.
    pub portal_url: String,
}

/// The names under which a new tenant is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// `database_alias`.
    pub alias: String,
    /// `database_name`.
    pub database: String,
    /// `database_user`.
    pub user: String,
}

impl NewTenant {
    /// Reads the body of `POST /platform/api/tenants/`, all errors at once.
    pub fn parse(
        body: &Map<String, Value>,
        rules: &Rules,
        today: Date,
    ) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let name = f.require("name", fields::name);
        let tenant_code = f.require("tenant_code", parsed::<TenantCode>(1..=63));
        let subdomain = f.require("subdomain", fields::subdomain(rules));
        let is_active = f.read("is_active", boolean).unwrap_or(true);
        let contract = f
            .nested("contract", |f| NewContract::read(f, today))
            .unwrap_or_else(|| NewContract::read(&mut Fields::new(&Map::new()), today));
        let provisioning = f
            .nested("provisioning", |f| NewProvisioning::read(f, rules))
            .unwrap_or_else(|| NewProvisioning::read(&mut Fields::new(&Map::new()), rules));
        let errors = f.finish();
        match (name, tenant_code, subdomain) {
            (Some(name), Some(tenant_code), Some(subdomain)) => errors.check(Self {
                name,
                tenant_code,
                subdomain,
                is_active,
                contract,
                provisioning,
            }),
            _ => Err(errors),
        }
    }

    /// The names to store: those asked for, else the defaults, the distinct ones when the plain
    /// ones turned out to be taken. SHARED_SCHEMA tenants live in the shared database.
    pub fn names(&self, distinct: bool, rules: &Rules) -> Names {
        let defaults = if distinct {
            DefaultNames::distinct(&self.tenant_code)
        } else {
            DefaultNames::plain(&self.tenant_code)
        };
        let place = &self.provisioning;
        let database = match (&place.database, place.isolation_model) {
            (Some(name), _) => name.to_string(),
            (None, IsolationModel::SharedSchema) => rules.shared_database.clone(),
            (None, IsolationModel::DatabasePerTenant) => defaults.database.to_string(),
        };
        let or = |asked: &Option<Identifier>, default: Identifier| {
            asked.as_ref().unwrap_or(&default).to_string()
        };
        Names {
            alias: or(&place.alias, defaults.alias),
            database,
            user: or(&place.user, defaults.user),
        }
    }
}

impl NewContract {
    fn read(f: &mut Fields<'_>, today: Date) -> Self {
        let start_date = f.read("start_date", fields::start_date);
        let end_date = f.read("end_date", fields::end_date);
        fields::check_dates(f, Some(start_date.unwrap_or(today)), end_date);
        Self {
            plan: f.read("plan", choice).unwrap_or(Plan::Starter),
            status: f.read("status", choice).unwrap_or(ContractStatus::Trial),
            seats: f.read("seats", fields::seats).unwrap_or(3),
            monthly_fee: f
                .read("monthly_fee", fields::monthly_fee)
                .unwrap_or_else(|| Decimal::new(0, 2)),
            start_date: start_date.unwrap_or(today),
            end_date: end_date.flatten(),
            auto_renew: f.read("auto_renew", boolean).unwrap_or(true),
            notes: f.read("notes", fields::notes).unwrap_or_default(),
        }
    }
}

impl NewProvisioning {
    fn read(f: &mut Fields<'_>, rules: &Rules) -> Self {
        let isolation_model = f
            .read("isolation_model", choice)
            .unwrap_or(IsolationModel::DatabasePerTenant);
        let shared = isolation_model == IsolationModel::SharedSchema;
        Self {
            isolation_model,
            status: f
                .read("status", choice)
                .unwrap_or(ProvisioningStatus::Pending),
            alias: f.read("database_alias", fields::identifier),
            database: f.read("database_name", fields::database_name(rules, shared)),
            user: f.read("database_user", fields::identifier),
            host: f
                .read("database_host", fields::database_host)
                .unwrap_or_else(|| "127.0.0.1".to_owned()),
            port: f
                .read("database_port", fields::database_port)
                .unwrap_or(5432),
            password_secret: f
                .read("database_password_secret", fields::password_secret)
                .unwrap_or_default(),
            portal_url: f.read("portal_url", fields::portal_url).unwrap_or_default(),
        }
    }
}
