//! A member's day, and the calendar: what is to be done and when, each activity with what it is about.

use crate::list::Sql;
use crate::metrics::{Activities, day};
use crate::model;
use crate::pipelines::open;
use crate::row::Listed;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::crm::{Kind, Record};
use std::sync::LazyLock;

/// How many activities a day's page shows.
const AGENDA: i64 = 60;
/// How many due reminders it shows.
const REMINDERS: i64 = 20;
/// How many leads without an owner it shows.
const LEADS: i64 = 6;
/// The most activities of one calendar view.
pub const MOST: usize = 600;

/// Never NULL, as the indexes have it.
const DUE: &str = "(CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END)";

/// What an activity is about, behind its own columns.
const ABOUT: &str = "CASE WHEN opportunity_id IS NOT NULL THEN (SELECT o.title FROM opportunity o WHERE o.id = opportunity_id)
    ELSE (SELECT coalesce(nullif(l.name, ''), nullif(l.company, ''), nullif(l.email, ''), l.source) FROM lead l WHERE l.id = lead_id) END AS about";

sindico_db::statements! { "day":
    // One row each, as the start page has them; open sales with how many of them are mine; goals in cents;
    // the sales of mine that rot; and whether there is anything at all, and any of it a sample.
    NUMBERS = concat!("SELECT 'activities', count(*), count(*) FILTER (WHERE due_at < $2),
            count(*) FILTER (WHERE due_at >= $3 AND due_at < $4),
            count(*) FILTER (WHERE reminder_at <= $2 AND NOT reminder_sent), count(*) FILTER (WHERE sla_due_at < $2)
        FROM activity WHERE deleted_at IS NULL AND status = 'PENDING' AND assigned_to_id = $1
        UNION ALL SELECT '=' || w.code || '=' || w.name, n.count, n.cents, n.mine, n.my_cents, w.n FROM ", open!(), " w,
            LATERAL (SELECT count(*) AS count, least(coalesce(sum(amount_cents), 0), 9223372036854775807)::bigint AS cents,
                count(*) FILTER (WHERE owner_id = $1) AS mine,
                least(coalesce(sum(amount_cents) FILTER (WHERE owner_id = $1), 0), 9223372036854775807)::bigint AS my_cents
                FROM opportunity WHERE deleted_at IS NULL AND stage = w.code) n
        UNION ALL SELECT 'rotting', count(*), 0, 0, 0, 0 FROM opportunity
            WHERE deleted_at IS NULL AND owner_id = $1 AND rots_at < $2 AND NOT EXISTS (
                SELECT FROM activity a WHERE a.opportunity_id = opportunity.id AND a.deleted_at IS NULL
                    AND greatest(a.created_at, a.completed_at) > $2::timestamptz - (rots_at - stage_since))
        UNION ALL SELECT 'won', count(*), least(coalesce(sum(amount_cents), 0), 9223372036854775807)::bigint, count(*) FILTER (WHERE owner_id = $1),
            least(coalesce(sum(amount_cents) FILTER (WHERE owner_id = $1), 0), 9223372036854775807)::bigint, 0
            FROM opportunity WHERE deleted_at IS NULL AND stage = 'WON'
                AND (CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END) >= $5 AND (CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END) < $6
        UNION ALL SELECT CASE WHEN assignee_id IS NULL THEN 'goal' ELSE 'my_goal' END, (amount * 100)::bigint, 0, 0, 0, 0
            FROM sales_goal WHERE deleted_at IS NULL AND period = $7 AND (assignee_id IS NULL OR assignee_id = $1)
        UNION ALL SELECT 'leads', count(*), 0, 0, 0, 0 FROM lead WHERE deleted_at IS NULL AND status = 'NEW'
        UNION ALL (SELECT 'any', 1, 0, 0, 0, 0 FROM customer WHERE deleted_at IS NULL LIMIT 1)
        UNION ALL (SELECT 'any', 1, 0, 0, 0, 0 FROM opportunity WHERE deleted_at IS NULL LIMIT 1)
        UNION ALL (SELECT 'any', 1, 0, 0, 0, 0 FROM lead WHERE deleted_at IS NULL LIMIT 1)
        UNION ALL (SELECT 'sample', 1, 0, 0, 0, 0 FROM (SELECT id, action FROM change_set ORDER BY id LIMIT 50) s
            JOIN change c ON c.change_set_id = s.id AND c.kind = 'customer' JOIN customer k ON k.id = c.record_id
            WHERE s.action = 'sample' AND k.deleted_at IS NULL LIMIT 1)");
}

static MINE: LazyLock<Statement> = LazyLock::new(|| {
    let pending = "deleted_at IS NULL AND status = 'PENDING' AND assigned_to_id = $1";
    let sql = format!(
        "SELECT {}, {ABOUT} FROM activity WHERE id = ANY (ARRAY(
             (SELECT id FROM activity WHERE {pending} AND {DUE} < $2 ORDER BY {DUE}, id LIMIT $3)
             UNION (SELECT id FROM activity WHERE {pending} AND NOT reminder_sent AND reminder_at <= $4 ORDER BY reminder_at, id LIMIT $5)))
         ORDER BY {DUE}, id",
        model::of(Kind::Activity).columns
    );
    Statement {
        name: "day.mine",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

static UNOWNED: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {} FROM lead WHERE deleted_at IS NULL AND owner_id IS NULL AND status = 'NEW' ORDER BY id DESC LIMIT $1",
        model::of(Kind::Lead).columns
    );
    Statement {
        name: "day.unowned",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

pub(crate) fn statements() -> Vec<Statement> {
    let span = between_text(&Timestamp::UNIX_EPOCH, &Timestamp::UNIX_EPOCH, Some(&0)).text;
    let between = Statement {
        name: "day.between",
        sql: Box::leak(span.into_boxed_str()),
    };
    [STATEMENTS, &[*MINE, *UNOWNED, between]].concat()
}

/// An activity, and what it is about.
#[derive(Debug, Clone)]
pub struct Item {
    /// The activity.
    pub activity: Record,
    /// The title of its opportunity, or of its lead.
    pub about: String,
}

/// How many, and what they bring; of all, and of one member.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    /// How many.
    pub count: i64,
    /// What they bring.
    pub amount: Decimal,
}

/// A member's day.
#[derive(Debug, Default)]
pub struct MyDay {
    /// Today, where the company's people are.
    pub today: Date,
    /// The member's pending activities.
    pub numbers: Activities,
    /// Those that are overdue, due today or within the next seven days, and those that remind, by due date.
    pub items: Vec<Item>,
    /// Open sales by stage, in their order: its code and its name, all, and the member's.
    pub stages: Vec<((String, String), Sum, Sum)>,
    /// The member's sales that rot.
    pub rotting: i64,
    /// What was won this month: all, and by the member.
    pub won: (Sum, Sum),
    /// The month's goals: the company's and the member's.
    pub goals: (Option<Decimal>, Option<Decimal>),
    /// Leads that nobody has looked at.
    pub new_leads: i64,
    /// The newest of them that are nobody's.
    pub unowned: Vec<Record>,
    /// Whether there is any customer, lead or opportunity.
    pub any: bool,
    /// Whether some of them are a sample.
    pub sample: bool,
}

/// The day of this member, in three statements and one round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn mine(
    data: &TenantConnection,
    user_id: i64,
    (now, zone): (Timestamp, &TimeZone),
) -> Result<MyDay> {
    let today = now.to_zoned(zone.clone()).date();
    let (start, end) = day(today, zone);
    let week = day(today.saturating_add(7.days()), zone).1;
    let first = day(today.first_of_month(), zone).0;
    let last = day(today.last_of_month(), zone).1;
    let period = i64::from(today.year()) * 12 + i64::from(today.month());
    let numbers: [&(dyn ToSql + Sync); 7] = [&user_id, &now, &start, &end, &first, &last, &period];
    let mine: [&(dyn ToSql + Sync); 5] = [&user_id, &week, &AGENDA, &now, &REMINDERS];
    let answers = data
        .read(&[(&NUMBERS, &numbers), (&MINE, &mine), (&UNOWNED, &[&LEADS])])
        .await?;
    let mut found = MyDay {
        today,
        ..MyDay::default()
    };
    let mut rows: Vec<&Row> = answers[0].iter().collect();
    rows.sort_by_key(|row| row.get::<_, i64>(5));
    rows.iter().for_each(|row| number(row, &mut found));
    found.items = answers[1].iter().map(item).collect();
    let lead = model::of(Kind::Lead);
    found.unowned = answers[2].iter().map(|row| lead.record(row)).collect();
    Ok(found)
}

fn item(row: &Row) -> Item {
    let model = model::of(Kind::Activity);
    let about: Option<String> = row.get(model.width());
    Item {
        activity: model.record(row),
        about: about.unwrap_or_default(),
    }
}

fn number(row: &Row, found: &mut MyDay) {
    let at = |n: usize| row.get::<_, i64>(n);
    let sum = |n: usize| Sum {
        count: at(n),
        amount: Decimal::new(at(n + 1), 2),
    };
    match row.get::<_, &str>(0) {
        "activities" => {
            found.numbers = Activities {
                open_total: at(1),
                overdue_total: at(2),
                due_today_total: at(3),
                reminders_due_total: at(4),
                sla_breached_total: at(5),
            };
        }
        "won" => found.won = (sum(1), sum(3)),
        "goal" => found.goals.0 = Some(Decimal::new(at(1), 2)),
        "my_goal" => found.goals.1 = Some(Decimal::new(at(1), 2)),
        "leads" => found.new_leads = at(1),
        "any" => found.any = true,
        "sample" => found.sample = true,
        "rotting" => found.rotting = at(1),
        // A stage, between equals signs.
        word => {
            if let Some((code, name)) = word.trim_start_matches('=').split_once('=') {
                let stage = (code.to_owned(), name.to_owned());
                found.stages.push((stage, sum(1), sum(3)));
            }
        }
    }
}

fn between_text<'a>(from: &'a Timestamp, until: &'a Timestamp, member: Option<&'a i64>) -> Sql<'a> {
    let mut sql = Sql::default();
    let mut rest = format!(
        "{DUE} >= {}::timestamptz AND {DUE} < {}::timestamptz",
        sql.bind(from),
        sql.bind(until)
    );
    if let Some(id) = member {
        rest.push_str(&format!(" AND assigned_to_id = {}", sql.bind(id)));
    }
    sql.text = format!(
        "SELECT {}, {ABOUT} FROM activity
         WHERE deleted_at IS NULL AND status <> 'CANCELED' AND {rest} ORDER BY {DUE}, id LIMIT {}",
        model::of(Kind::Activity).columns,
        MOST + 1
    );
    sql
}

/// Activities that are due between these instants, of one member if one is named, the earliest first; and
/// whether there are more than are told.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn between(
    data: &TenantConnection,
    (from, until): (Timestamp, Timestamp),
    member: Option<i64>,
) -> Result<(Vec<Item>, bool)> {
    let sql = between_text(&from, &until, member.as_ref());
    let mut answers = data.read_sql(&[(&sql.text, &sql.params)]).await?;
    let mut items: Vec<Item> = answers.swap_remove(0).iter().map(item).collect();
    let more = items.len() > MOST;
    items.truncate(MOST);
    Ok((items, more))
}

/// The newest sales of these customers, the open ones first: what a call to one of them can be about.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn sales_of(data: &TenantConnection, customers: &[i64]) -> Result<Vec<Record>> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM opportunity WHERE deleted_at IS NULL AND customer_id = ANY ($1)
         ORDER BY (stage IN ('WON', 'LOST')), id DESC LIMIT 20",
        model::of(Kind::Opportunity).columns
    );
    let customers = customers.to_vec();
    let mut answers = data.read_sql(&[(&sql, &[&customers])]).await?;
    let kind = Kind::Opportunity;
    let rows = answers.swap_remove(0).into_iter();
    Ok(rows.map(|row| Listed { kind, row }.record()).collect())
}
