//! Reading tenants for the directory.

use crate::control::tenants::word;
use crate::statement::{self, statements};
use crate::tenant::route::{Route, Target};
use crate::{Result, Statement, Store};
use serde_json::Value;
use sindico_domain::access::capability::RoleMatrix;
use sindico_domain::access::overrides::Overrides;
use sindico_domain::mark::Mark;
use sindico_domain::tenant::{ContractStatus, IsolationModel, ProvisioningStatus};
use std::sync::Arc;
use tokio_postgres::Row;

/// A tenant, as a request needs to know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its code, in lower case.
    pub tenant_code: String,
    /// Its portal's DNS label, in lower case.
    pub subdomain: String,
    /// Its verified custom domains.
    pub hosts: Vec<String>,
    /// An inactive company is as if it did not exist.
    pub is_active: bool,
    /// Where its contract stands.
    pub contract: ContractStatus,
    /// Where its provisioning stands.
    pub provisioning: ProvisioningStatus,
    /// The company's own changes of what roles may do.
    pub role_overrides: Overrides,
    /// What each role may do here.
    pub roles: RoleMatrix,
    /// The way to its data; `None` when it has no place yet.
    pub route: Option<Route>,
    /// The last tenant migration of its place; `None` for one that somebody else made.
    pub schema_version: Option<i32>,
}

impl Company {
    /// Whether its members are served: it is active, so is its contract, and its place is ready.
    pub fn is_served(&self) -> bool {
        self.is_active && self.contract.serves() && self.provisioning == ProvisioningStatus::Ready
    }
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT c.id, c.name, c.tenant_code, c.subdomain, c.is_active, k.status, p.status,
                coalesce(r.overrides, '{}'), p.isolation_model, p.database_host, p.database_port,
                p.database_name, p.database_user, p.database_password_secret, p.generation,
                p.schema_version, s.login, s.secret, s.generation,
                ARRAY(SELECT d.host FROM tenant_domain d
                    WHERE d.company_id = c.id AND d.verified_at IS NOT NULL)
            FROM company c
            JOIN tenant_contract k ON k.company_id = c.id
            JOIN tenant_provisioning p ON p.company_id = c.id
            LEFT JOIN tenant_role_matrix r ON r.company_id = c.id
            LEFT JOIN shared_database s ON p.isolation_model = 'SHARED_SCHEMA'
                AND s.host = p.database_host AND s.port = p.database_port AND s.name = p.database_name",
            $where
        )
    };
}

statements! { "directory":
    ALL = select!("");
    ONE = select!(" WHERE c.id = $1");
}

/// Every statement of this module.
pub(crate) fn all_statements() -> &'static [Statement] {
    STATEMENTS
}

/// What is the same for all tenants of an installation.
pub(super) struct Common {
    /// Tells its marks from those of others.
    pub(super) installation: String,
    /// `TENANT_ROLE_MATRICES`.
    pub(super) roles: Overrides,
}

pub(super) async fn all(store: &Store, common: &Common) -> Result<Vec<Company>> {
    let rows = statement::rows(&store.client().await?, &ALL, &[]).await?;
    Ok(rows.iter().map(|row| read(row, common)).collect())
}

pub(super) async fn one(store: &Store, common: &Common, id: i64) -> Result<Option<Company>> {
    let row = statement::row(&store.client().await?, &ONE, &[&id]).await?;
    Ok(row.map(|row| read(&row, common)))
}

fn read(row: &Row, common: &Common) -> Company {
    let id = row.get(0);
    let role_overrides = Overrides::stored(&row.get::<_, Value>(7));
    let generation: i64 = row.get(14);
    Company {
        id,
        name: row.get(1),
        tenant_code: row.get(2),
        subdomain: row.get(3),
        hosts: row.get(19),
        is_active: row.get(4),
        contract: word(row, 5),
        provisioning: word(row, 6),
        roles: RoleMatrix::effective(&common.roles, &role_overrides),
        role_overrides,
        route: target(row, id, &common.installation).map(|target| Route {
            company_id: id,
            target: Arc::new(target),
        }),
        schema_version: (generation > 0).then(|| row.get(15)),
    }
}

fn target(row: &Row, id: i64, installation: &str) -> Option<Target> {
    let generation: i64 = row.get(14);
    let shared = word::<IsolationModel>(row, 8) == IsolationModel::SharedSchema;
    let (role, secret, identity, company_id) = if shared {
        // Not known as long as no provider has made it.
        let (role, secret) = (row.get::<_, Option<_>>(16)?, row.get::<_, Option<_>>(17)?);
        let mark = Mark::of_shared(installation, row.get::<_, Option<i64>>(18)?);
        (role, secret, Some(mark), None)
    } else {
        let mark = Mark::of_tenant(installation, id, generation);
        (
            row.get(12),
            row.get(13),
            (generation > 0).then_some(mark),
            Some(id),
        )
    };
    Some(Target {
        host: row.get(9),
        port: u16::try_from(row.get::<_, i32>(10)).unwrap_or_default(),
        database: row.get(11),
        role,
        secret,
        identity,
        company_id,
    })
}
