//! The start page: what a member has to do today, and how the month goes. Three statements, one round
//! trip.

use crate::metrics::{Activities, day};
use crate::model;
use crate::pipelines::open;
use crate::row::Listed;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::crm::Kind;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How many activities the agenda shows.
const AGENDA_LENGTH: i64 = 20;

sindico_db::statements! { "dashboard":
    // One row each: my pending activities; open sales by stage; what was won this month, mine and all;
    // goals of the month, mine and the company's; leads that nobody has looked at.
    NUMBERS = concat!("SELECT 'activities', count(*), count(*) FILTER (WHERE due_at < $2),
            count(*) FILTER (WHERE due_at >= $3 AND due_at < $4),
            count(*) FILTER (WHERE reminder_at <= $2 AND NOT reminder_sent), count(*) FILTER (WHERE sla_due_at < $2)
        FROM activity WHERE deleted_at IS NULL AND status = 'PENDING' AND assigned_to_id = $1
        UNION ALL SELECT w.code, n.count, n.cents, 0, 0, 0 FROM ", open!(), " w,
            LATERAL (SELECT count(*) AS count, least(coalesce(sum(amount_cents), 0), 9223372036854775807)::bigint AS cents
                FROM opportunity WHERE deleted_at IS NULL AND stage = w.code) n
        UNION ALL SELECT 'won', count(*), least(coalesce(sum(amount_cents), 0), 9223372036854775807)::bigint, count(*) FILTER (WHERE owner_id = $1),
            least(coalesce(sum(amount_cents) FILTER (WHERE owner_id = $1), 0), 9223372036854775807)::bigint, 0
            FROM opportunity WHERE deleted_at IS NULL AND stage = 'WON'
                AND (CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END) >= $5 AND (CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END) < $6
        UNION ALL SELECT 'leads', count(*), 0, 0, 0, 0 FROM lead WHERE deleted_at IS NULL AND status = 'NEW'");
    GOALS = "SELECT assignee_id, amount FROM sales_goal WHERE deleted_at IS NULL AND year = $1 AND month = $2
        AND (assignee_id IS NULL OR assignee_id = $3)";
}

static AGENDA: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {} FROM activity WHERE deleted_at IS NULL AND status = 'PENDING' AND assigned_to_id = $1
             AND (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END) < $2
         ORDER BY (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id LIMIT $3",
        model::of(Kind::Activity).columns
    );
    Statement {
        name: "dashboard.agenda",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, &[*AGENDA]].concat()
}

/// The texts of the start page's statements, for the benchmark: the numbers, the goals, the agenda.
pub fn benchmark_sql() -> [&'static str; 3] {
    [NUMBERS.sql, GOALS.sql, AGENDA.sql]
}

/// The start page of a member.
#[derive(Serialize)]
pub struct Summary {
    /// The tenant's code.
    pub tenant_code: String,
    /// Today, where the company's people are.
    pub today: Date,
    /// The member's pending activities.
    pub activities: Activities,
    /// Those that are overdue or due today, the earliest first.
    pub agenda: Vec<Listed>,
    /// The company's open sales.
    pub pipeline: Pipeline,
    /// This month.
    pub month: Month,
    /// Leads that nobody has looked at.
    pub new_leads_total: i64,
}

/// Open sales.
#[derive(Serialize, Default)]
pub struct Pipeline {
    /// How many.
    pub open_total: i64,
    /// What they bring together.
    pub value: Decimal,
    /// By stage.
    pub stages: BTreeMap<String, Sum>,
}

/// How many, and what they bring together.
#[derive(Serialize, Default, Clone, Copy)]
pub struct Sum {
    /// How many.
    pub count: i64,
    /// What they bring.
    pub amount: Decimal,
}

/// A month's sales against its goals.
#[derive(Serialize)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: i8,
    /// The company's.
    pub company: Progress,
    /// The member's own.
    pub mine: Progress,
}

/// What was sold, and what was to be.
#[derive(Serialize, Default)]
pub struct Progress {
    /// How many were won.
    pub won_total: i64,
    /// What they brought.
    pub won_value: Decimal,
    /// The goal, if there is one.
    pub goal: Option<Decimal>,
}

/// Reads the start page of this user.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn summary(
    data: &TenantConnection,
    tenant_code: &str,
    user_id: i64,
    (now, zone): (Timestamp, &TimeZone),
) -> Result<Summary> {
    let today = now.to_zoned(zone.clone()).date();
    let (start, end) = day(today, zone);
    let (first, last) = (
        day(today.first_of_month(), zone).0,
        day(today.last_of_month(), zone).1,
    );
    let numbers: [&(dyn ToSql + Sync); 6] = [&user_id, &now, &start, &end, &first, &last];
    let agenda: [&(dyn ToSql + Sync); 3] = [&user_id, &end, &AGENDA_LENGTH];
    let (year, month) = (i64::from(today.year()), i64::from(today.month()));
    let goals: [&(dyn ToSql + Sync); 3] = [&year, &month, &user_id];
    let mut answers = data
        .read(&[(&NUMBERS, &numbers), (&GOALS, &goals), (&AGENDA, &agenda)])
        .await?;
    let kind = Kind::Activity;
    let agenda = answers
        .pop()
        .unwrap_or_default()
        .into_iter()
        .map(|row| Listed { kind, row });
    let mut summary = Summary {
        tenant_code: tenant_code.to_owned(),
        today,
        activities: Activities::default(),
        agenda: agenda.collect(),
        pipeline: Pipeline::default(),
        month: Month {
            year: today.year(),
            month: today.month(),
            company: Progress::default(),
            mine: Progress::default(),
        },
        new_leads_total: 0,
    };
    summary.pipeline.value = Decimal::new(0, 2);
    for row in answers.get(1).into_iter().flatten() {
        let progress = match row.get::<_, Option<i64>>(0) {
            None => &mut summary.month.company,
            Some(_) => &mut summary.month.mine,
        };
        progress.goal = Some(row.get(1));
    }
    answers
        .first()
        .into_iter()
        .flatten()
        .for_each(|row| number(row, &mut summary));
    Ok(summary)
}

fn number(row: &Row, summary: &mut Summary) {
    let at = |n: usize| row.get::<_, i64>(n);
    match row.get::<_, &str>(0) {
        "activities" => {
            summary.activities = Activities {
                open_total: at(1),
                overdue_total: at(2),
                due_today_total: at(3),
                reminders_due_total: at(4),
                sla_breached_total: at(5),
            };
        }
        "won" => {
            let month = &mut summary.month;
            (month.company.won_total, month.company.won_value) = (at(1), Decimal::new(at(2), 2));
            (month.mine.won_total, month.mine.won_value) = (at(3), Decimal::new(at(4), 2));
        }
        "leads" => summary.new_leads_total = at(1),
        stage => {
            let sum = Sum {
                count: at(1),
                amount: Decimal::new(at(2), 2),
            };
            summary.pipeline.open_total += sum.count;
            summary.pipeline.value += sum.amount;
            summary.pipeline.stages.insert(stage.to_owned(), sum);
        }
    }
}
