//! A tenant as it is read: one row over its three tables.

use jiff::Timestamp;
use sindico_domain::tenant::{Contract, Provisioning, Tenant};
use std::str::FromStr;
use tokio_postgres::Row;

macro_rules! from {
    () => {
        " FROM company c
          JOIN tenant_contract k ON k.company_id = c.id
          JOIN tenant_provisioning p ON p.company_id = c.id"
    };
}
macro_rules! select {
    () => {
        concat!(
            "SELECT c.id, c.name, c.tenant_code, c.subdomain, c.is_active, c.version, c.created_at, c.updated_at,
                k.plan, k.status, k.seats, k.monthly_fee, k.start_date, k.end_date, k.auto_renew, k.notes,
                k.created_at, k.updated_at,
                p.isolation_model, p.status, p.database_alias, p.database_name, p.database_host,
                p.database_port, p.database_user, p.database_password_secret, p.portal_url,
                p.provisioned_at, p.last_error, p.created_at, p.updated_at",
            $crate::control::tenants::rows::from!()
        )
    };
}
pub(crate) use {from, select};

/// Reads a row of `select!`, by position: names would be looked up for every column.
pub(crate) fn read(row: &Row) -> Tenant {
    Tenant {
        id: row.get(0),
        name: row.get(1),
        tenant_code: row.get(2),
        subdomain: row.get(3),
        is_active: row.get(4),
        version: row.get(5),
        created_at: row.get(6),
        updated_at: row.get(7),
        contract: Contract {
            plan: word(row, 8),
            status: word(row, 9),
            seats: row.get(10),
            monthly_fee: row.get(11),
            start_date: row.get(12),
            end_date: row.get(13),
            auto_renew: row.get(14),
            notes: row.get(15),
            created_at: row.get(16),
            updated_at: row.get(17),
        },
        provisioning: Provisioning {
            isolation_model: word(row, 18),
            status: word(row, 19),
            database_alias: row.get(20),
            database_name: row.get(21),
            database_host: row.get(22),
            database_port: row.get(23),
            database_user: row.get(24),
            database_password_secret: row.get(25),
            portal_url: row.get(26),
            provisioned_at: row.get::<_, Option<Timestamp>>(27),
            last_error: row.get(28),
            created_at: row.get(29),
            updated_at: row.get(30),
        },
    }
}

/// A word of a closed set; the column's CHECK admits no other.
#[expect(
    clippy::expect_used,
    reason = "the CHECK of the column lists the same words"
)]
pub(crate) fn word<T: FromStr<Err = String>>(row: &Row, column: usize) -> T {
    row.get::<_, &str>(column)
        .parse()
        .expect("the column's CHECK admits only known words")
}
