//! Sample data: a company's customers, leads, opportunities, activities and goals, as they might be
//! after two years. Nobody's: persons and companies are put together by chance.
//!
//! The same seed gives the same data. Records are made by the rules of every write, and written many at
//! once, each batch as one change set. What stops in the middle leaves whole batches; running it again
//! adds more.

mod calendar;
mod chance;
mod filling;
mod people;
mod removal;
mod sales;
mod tasks;
#[cfg(test)]
mod tests;
// Lists of words are read as paragraphs, not as columns.
#[rustfmt::skip]
mod texts;
#[rustfmt::skip]
mod words;

pub use removal::{There, remove, there};
pub use texts::Trade;

use crate::work::By;
use calendar::Calendar;
use chance::Chance;
use filling::Filling;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::Refusal;
use sindico_domain::crm::{Datum, Kind, Record, UserRef};
use std::collections::VecDeque;

/// How many records are written by one statement. Watchers are told of as many one by one.
pub const BATCH: usize = 500;

/// More than so many are not few: they are what a company has after two years, and not a show.
const FEW: u64 = 200;

/// The most records of an earlier time that new ones are about.
const EARLIER: i64 = 10_000;

sindico_db::statements! { "sample":
    LAST = "SELECT coalesce(max(id), 0) FROM customer";
    CUSTOMERS = "SELECT id, created_at, NULL::timestamptz FROM customer
        WHERE deleted_at IS NULL ORDER BY id DESC LIMIT $1";
    LEADS = "SELECT id, created_at, NULL::timestamptz FROM lead
        WHERE deleted_at IS NULL ORDER BY id DESC LIMIT $1";
    OPPORTUNITIES = "SELECT id, created_at, closed_at FROM opportunity
        WHERE deleted_at IS NULL ORDER BY id DESC LIMIT $1";
    GOALS = "SELECT year, month, assignee_id FROM sales_goal WHERE deleted_at IS NULL AND period >= $1";
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS.to_vec(), removal::statements()].concat()
}

/// How many of each are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Customers.
    pub customers: u64,
    /// Leads.
    pub leads: u64,
    /// Opportunities.
    pub opportunities: u64,
    /// Activities.
    pub activities: u64,
}

impl Amounts {
    /// Enough to see how it looks: what the demo has, and what an owner can try a new tenant with.
    pub const SHOW: Self = Self {
        customers: 12,
        leads: 10,
        opportunities: 14,
        activities: 30,
    };
}

/// The domain of a tenant's sample addresses: nobody's, and told from those of other tenants.
pub fn domain(tenant_code: &str) -> String {
    format!("{tenant_code}.example.com")
}

/// What the data should be like.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// How many of each.
    pub amounts: Amounts,
    /// The same seed gives the same data.
    pub seed: u64,
    /// What the company sells.
    pub trade: Trade,
    /// Where the e-mail addresses are: a domain that is nobody's, such as `acme.example.com`.
    pub domain: &'a str,
    /// Where days and office hours are.
    pub zone: &'a TimeZone,
    /// Those who own records and do what is to be done; when there are none, nobody does.
    pub members: &'a [UserRef],
}

impl Plan<'_> {
    /// One of the members, by their place.
    fn somebody(&self, chance: &mut Chance) -> Option<usize> {
        (!self.members.is_empty()).then(|| chance.place(self.members.len()))
    }

    fn user(&self, place: Option<usize>) -> Datum {
        let user = place.and_then(|place| self.members.get(place));
        user.map_or(Datum::Null, |user| Datum::User(user.clone()))
    }

    fn place_of(&self, record: &Record) -> Option<usize> {
        let owner = record.user("owner")?;
        self.members.iter().position(|user| user.id == owner.id)
    }
}

/// How many were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filled {
    /// Customers, leads, opportunities, activities.
    pub amounts: Amounts,
    /// Sales goals of this month and the next ones.
    pub goals: u64,
}

/// A batch was written.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Of this kind.
    pub kind: Kind,
    /// So many are there now.
    pub done: u64,
    /// So many will be.
    pub all: u64,
}

/// A record that others are about.
#[derive(Debug, Clone)]
struct About {
    kind: Kind,
    id: i64,
    at: Timestamp,
    closed: Option<Timestamp>,
    owner: Option<usize>,
}

/// Adds sample data to a tenant. `by.now` is the now that all of it is around.
///
/// # Errors
/// When records are asked for that would be about nothing; or the tenant's place can't be reached.
pub async fn fill(
    data: &TenantConnection,
    by: By<'_>,
    plan: &Plan<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Filled> {
    let row = data.row(&LAST, &[]).await?;
    let last: i64 = row.map_or(0, |row| row.get(0));
    let mut filling = Filling {
        data,
        by,
        plan,
        progress,
        calendar: Calendar {
            now: by.now,
            zone: plan.zone.clone(),
        },
        // Ids grow at least as fast: no address is given twice.
        start: u64::try_from(last).unwrap_or_default(),
        filled: Filled::default(),
    };
    let asked = plan.amounts;
    let mut customers = Vec::new();
    if asked.customers == 0 && asked.opportunities > 0 {
        customers = filling.earlier(Kind::Customer, &CUSTOMERS).await?;
        require(
            !customers.is_empty(),
            "Ask for customers, too: an opportunity needs one.",
        )?;
    }
    let (mut leads, mut sales) = (Vec::new(), Vec::new());
    if asked.leads + asked.opportunities == 0 && asked.activities > 0 {
        sales = filling.earlier(Kind::Opportunity, &OPPORTUNITIES).await?;
        leads = filling.earlier(Kind::Lead, &LEADS).await?;
        let message = "Ask for opportunities or leads, too: an activity is about one of them.";
        require(!(sales.is_empty() && leads.is_empty()), message)?;
    }
    if asked.customers > 0 {
        customers = filling.customers().await?;
    }
    let mut converted = VecDeque::new();
    if asked.leads > 0 {
        (leads, converted) = filling.leads(&customers).await?;
    }
    let mut won = Decimal::ZERO;
    if asked.opportunities > 0 {
        (sales, won) = filling.opportunities(&customers, converted).await?;
    }
    filling.activities(&sales, &leads).await?;
    if asked.opportunities > 0 {
        filling.goals(won).await?;
    }
    Ok(filling.filled)
}

fn require(given: bool, message: &str) -> Result<()> {
    if given {
        return Ok(());
    }
    Err(Refusal::Invalid(message.to_owned()).into())
}
