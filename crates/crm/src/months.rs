//! Months side by side: what was won in each, by whom, and what the goals were, in one statement.

use crate::day::Sum;
use crate::metrics::day;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use sindico_db::{Result, Statement, TenantConnection};
use std::collections::{BTreeMap, HashMap};

sindico_db::statements! { "months":
    MONTHS = "SELECT 'won', m.n, o.owner_id, max(o.owner_username), count(*), least(sum(o.amount_cents), 9223372036854775807)::bigint
        FROM unnest($1::timestamptz[], $2::timestamptz[]) WITH ORDINALITY AS m (a, b, n)
        JOIN opportunity o ON o.deleted_at IS NULL AND o.stage = 'WON'
            AND (CASE WHEN o.closed_at IS NULL THEN 'infinity'::timestamptz ELSE o.closed_at END) >= m.a
            AND (CASE WHEN o.closed_at IS NULL THEN 'infinity'::timestamptz ELSE o.closed_at END) < m.b
        GROUP BY m.n, o.owner_id
        UNION ALL SELECT 'goal', period - $3 + 1, assignee_id, assignee_username, 0, (amount * 100)::bigint FROM sales_goal
            WHERE deleted_at IS NULL AND period >= $3 AND period < $4";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// Some months in a row.
#[derive(Debug, Default)]
pub struct Months {
    /// The first day of each.
    pub first_days: Vec<Date>,
    won: HashMap<(usize, Option<i64>), Sum>,
    goals: HashMap<(usize, Option<i64>), Decimal>,
    /// Who sold, or has a goal, by id.
    pub people: BTreeMap<i64, String>,
}

impl Months {
    /// What was won in this month, counted from the first: by one member, or by all.
    pub fn won(&self, month: usize, member: Option<i64>) -> Sum {
        if member.is_some() {
            return self.won.get(&(month, member)).copied().unwrap_or_default();
        }
        let all = self.won.iter().filter(|((n, _), _)| *n == month);
        all.fold(Sum::default(), |all, (_, one)| Sum {
            count: all.count + one.count,
            amount: all.amount + one.amount,
        })
    }

    /// The goal of this month: one member's, or the company's.
    pub fn goal(&self, month: usize, member: Option<i64>) -> Option<Decimal> {
        self.goals.get(&(month, member)).copied()
    }
}

/// Reads so many months from the one of this day on.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn read(
    data: &TenantConnection,
    zone: &TimeZone,
    first: Date,
    count: usize,
) -> Result<Months> {
    let mut month = first.first_of_month();
    let mut months = Months::default();
    for _ in 0..count {
        months.first_days.push(month);
        month = month.saturating_add(1.month());
    }
    let starts = months.first_days.iter().chain([&month]);
    let starts: Vec<Timestamp> = starts.map(|date| day(*date, zone).0).collect();
    let (from, until) = (starts[..count].to_vec(), starts[1..].to_vec());
    let period = |date: &Date| i64::from(date.year()) * 12 + i64::from(date.month());
    let (low, high) = (period(&first), period(&month));
    for row in data.rows(&MONTHS, &[&from, &until, &low, &high]).await? {
        let (n, who): (i64, Option<i64>) = (row.get(1), row.get(2));
        let key = (usize::try_from(n - 1).unwrap_or_default(), who);
        let amount = Decimal::new(row.get(5), 2);
        if row.get::<_, &str>(0) == "won" {
            let count = row.get(4);
            months.won.insert(key, Sum { count, amount });
        } else {
            months.goals.insert(key, amount);
        }
        months.meet(who, row.get(3));
    }
    Ok(months)
}

impl Months {
    fn meet(&mut self, who: Option<i64>, name: Option<String>) {
        if let (Some(id), Some(name)) = (who, name) {
            self.people.insert(id, name);
        }
    }
}
