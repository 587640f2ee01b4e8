//! Sales metrics (contract section 6), in two statements and one round trip.
//!
//! A period is a span of days where the company's people are; leads, opportunities and activities count
//! by when they were created, and by whose they are if a member is named. What is overdue, due or
//! breached is so now.

use crate::list::Sql;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rust_decimal::Decimal;
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::crm::{LeadStatus, Priority, Stage};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct MetricsQuery {
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, which counts.
    pub to: Option<Date>,
    /// Only what is this member's.
    pub assigned_to: Option<i64>,
    /// Where days begin.
    pub zone: TimeZone,
    /// The instant that counts as now.
    pub now: Timestamp,
}

/// Metrics.
#[derive(Debug, Serialize, ToSchema)]
pub struct Metrics {
    /// The tenant's code.
    pub tenant_code: String,
    /// The days that count.
    pub period: Period,
    /// Leads by status.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub lead_funnel: Funnel,
    /// Opportunities by stage.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub opportunity_funnel: Funnel,
    /// Pending activities.
    pub activities: Activities,
    /// Pending activities by priority.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub activities_by_priority: Funnel,
    /// What the open opportunities bring together.
    #[schema(value_type = String, example = "1299.90")]
    pub pipeline_value: Decimal,
    /// In per cent, with two decimals.
    pub conversion: Conversion,
}

/// Counts by word, each word there.
pub type Funnel = BTreeMap<&'static str, i64>;

/// A span of days.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Period {
    /// The first day, if there is one.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// The last day, if there is one.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
}

/// Pending activities.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Activities {
    /// All of them.
    pub open_total: i64,
    /// Past due.
    pub overdue_total: i64,
    /// Due today, overdue or not.
    pub due_today_total: i64,
    /// With a reminder that is due and was not given.
    pub reminders_due_total: i64,
    /// Not done within their hours.
    pub sla_breached_total: i64,
}

/// How much of what came in was sold.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversion {
    /// Converted leads of all leads.
    #[schema(value_type = String, example = "25.00")]
    pub lead_to_opportunity_rate: Decimal,
    /// Won opportunities of all that were closed.
    #[schema(value_type = String, example = "62.50")]
    pub opportunity_win_rate: Decimal,
}

/// `part` of `all`, in per cent with two decimals; of nothing, none.
fn rate(part: i64, all: i64) -> Decimal {
    let mut rate = if all == 0 {
        Decimal::ZERO
    } else {
        Decimal::from(part * 100) / Decimal::from(all)
    };
    rate = rate.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    rate.rescale(2);
    rate
}

/// The instants between which a day lies in this zone.
pub(crate) fn day(date: Date, zone: &TimeZone) -> (Timestamp, Timestamp) {
    let start = |date: Date| {
        let zoned = date.to_zoned(zone.clone());
        zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    };
    (
        start(date),
        date.checked_add(1.day()).map_or(Timestamp::MAX, start),
    )
}

/// The first instant of `from` and the first one after `to`. PostgreSQL's instants end before those of
/// this program do; beyond the year 9999 nothing is.
fn bounds(query: &MetricsQuery) -> (Option<Timestamp>, Option<Timestamp>) {
    let last = Timestamp::MAX - SignedDuration::from_hours(48);
    (
        query.from.map(|from| day(from, &query.zone).0.min(last)),
        query.to.map(|to| day(to, &query.zone).1.min(last)),
    )
}

/// Values of the parameters, kept where the statements can refer to them.
struct Values {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    member: Option<i64>,
    now: Timestamp,
    today: Timestamp,
    tomorrow: Timestamp,
}

impl Values {
    fn conditions<'a>(&'a self, sql: &mut Sql<'a>, member: &str) -> String {
        let mut conditions = String::from("deleted_at IS NULL");
        if let Some(from) = &self.from {
            conditions.push_str(&format!(" AND created_at >= {}", sql.bind(from)));
        }
        if let Some(until) = &self.until {
            conditions.push_str(&format!(" AND created_at < {}", sql.bind(until)));
        }
        if let Some(id) = &self.member {
            conditions.push_str(&format!(" AND {member} = {}", sql.bind(id)));
        }
        conditions
    }

    /// A look into the index for each word: over all of them at once PostgreSQL reads the whole table rather
    /// than the index, which is several times as much, and a period would not be looked up at all.
    fn funnels(&self) -> Sql<'_> {
        let mut sql = Sql::default();
        let owned = self.conditions(&mut sql, "owner_id");
        let leads = words(LeadStatus::ALL.iter().map(|status| status.as_str()));
        let stages = words(Stage::ALL.iter().map(|stage| stage.as_str()));
        sql.text = format!(
            "SELECT 'lead', w.word, n.* FROM (VALUES {leads}) w(word),
                LATERAL (SELECT count(*), 0::bigint FROM lead WHERE status = w.word AND {owned}) n
             UNION ALL SELECT 'opportunity', w.word, n.* FROM (VALUES {stages}) w(word),
                LATERAL (SELECT count(*), least(coalesce(sum(amount_cents), 0), 9223372036854775807)::bigint
                    FROM opportunity WHERE stage = w.word AND {owned}) n"
        );
        sql
    }

    fn activities(&self) -> Sql<'_> {
        let mut sql = Sql::default();
        let assigned = self.conditions(&mut sql, "assigned_to_id");
        let instants: [&(dyn ToSql + Sync); 3] = [&self.now, &self.today, &self.tomorrow];
        let [now, today, tomorrow] =
            instants.map(|instant| format!("{}::timestamptz", sql.bind(instant)));
        sql.text = format!(
            "SELECT priority, count(*), count(*) FILTER (WHERE due_at < {now}),
                count(*) FILTER (WHERE due_at >= {today} AND due_at < {tomorrow}),
                count(*) FILTER (WHERE reminder_at <= {now} AND NOT reminder_sent),
                count(*) FILTER (WHERE sla_due_at < {now})
             FROM activity WHERE {assigned} AND status = 'PENDING' GROUP BY priority"
        );
        sql
    }
}

/// Words of this program's own, as rows.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let rows: Vec<String> = words.map(|word| format!("('{word}')")).collect();
    rows.join(", ")
}

/// Reads the metrics.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn read(
    data: &TenantConnection,
    tenant_code: &str,
    query: &MetricsQuery,
) -> Result<Metrics> {
    let (from, until) = bounds(query);
    let (today, tomorrow) = day(query.now.to_zoned(query.zone.clone()).date(), &query.zone);
    let (member, now) = (query.assigned_to, query.now);
    let values = Values {
        from,
        until,
        member,
        now,
        today,
        tomorrow,
    };
    let (funnels, activities) = (values.funnels(), values.activities());
    let reads: [(&str, &[&(dyn ToSql + Sync)]); 2] = [
        (&funnels.text, &funnels.params),
        (&activities.text, &activities.params),
    ];
    let answers = data.read_sql(&reads).await?;
    let mut metrics = Metrics {
        tenant_code: tenant_code.to_owned(),
        period: Period {
            from: query.from,
            to: query.to,
        },
        lead_funnel: LeadStatus::ALL
            .iter()
            .map(|status| (status.as_str(), 0))
            .collect(),
        opportunity_funnel: Stage::ALL.iter().map(|stage| (stage.as_str(), 0)).collect(),
        activities: Activities::default(),
        activities_by_priority: Priority::ALL
            .iter()
            .map(|priority| (priority.as_str(), 0))
            .collect(),
        pipeline_value: Decimal::new(0, 2),
        conversion: Conversion {
            lead_to_opportunity_rate: Decimal::ZERO,
            opportunity_win_rate: Decimal::ZERO,
        },
    };
    answers[0].iter().for_each(|row| count(row, &mut metrics));
    answers[1].iter().for_each(|row| pending(row, &mut metrics));
    let (leads, sales) = (&metrics.lead_funnel, &metrics.opportunity_funnel);
    metrics.conversion = Conversion {
        lead_to_opportunity_rate: rate(leads["CONVERTED"], leads.values().sum()),
        opportunity_win_rate: rate(sales["WON"], sales["WON"] + sales["LOST"]),
    };
    Ok(metrics)
}

fn count(row: &Row, metrics: &mut Metrics) {
    let (funnel, word, number): (&str, &str, i64) = (row.get(0), row.get(1), row.get(2));
    let funnel = match funnel {
        "lead" => &mut metrics.lead_funnel,
        _ => {
            if word.parse::<Stage>().is_ok_and(|stage| !stage.is_final()) {
                metrics.pipeline_value += Decimal::new(row.get(3), 2);
            }
            &mut metrics.opportunity_funnel
        }
    };
    if let Some(kept) = funnel.get_mut(word) {
        *kept = number;
    }
}

fn pending(row: &Row, metrics: &mut Metrics) {
    let (priority, number): (&str, i64) = (row.get(0), row.get(1));
    if let Some(kept) = metrics.activities_by_priority.get_mut(priority) {
        *kept = number;
    }
    let total = &mut metrics.activities;
    total.open_total += number;
    total.overdue_total += row.get::<_, i64>(2);
    total.due_today_total += row.get::<_, i64>(3);
    total.reminders_due_total += row.get::<_, i64>(4);
    total.sla_breached_total += row.get::<_, i64>(5);
}

fn with_everything(member: Option<i64>, bound: Option<Timestamp>) -> Values {
    let now = Timestamp::UNIX_EPOCH;
    Values {
        from: bound,
        until: bound,
        member,
        now,
        today: now,
        tomorrow: now,
    }
}

/// The texts of both statements for all time and everybody, for the benchmark.
pub fn benchmark_sql() -> (String, String) {
    let values = with_everything(None, None);
    (values.funnels().text, values.activities().text)
}

pub(crate) fn statements() -> Vec<Statement> {
    let values = with_everything(Some(0), Some(Timestamp::UNIX_EPOCH));
    let statement = |text: String| Statement {
        name: "metrics.read",
        sql: Box::leak(text.into_boxed_str()),
    };
    vec![
        statement(values.funnels().text),
        statement(values.activities().text),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_have_two_decimals() {
        for (part, all, expected) in [
            (0, 0, "0.00"),
            (1, 3, "33.33"),
            (2, 3, "66.67"),
            (5, 5, "100.00"),
            (1, 8, "12.50"),
        ] {
            assert_eq!(rate(part, all).to_string(), expected);
        }
    }

    #[test]
    fn a_day_is_where_the_people_are() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let (start, end) = day("2026-11-23".parse().unwrap(), &zone);
        assert_eq!(start.to_string(), "2026-11-23T03:00:00Z");
        assert_eq!(end.to_string(), "2026-11-24T03:00:00Z");
    }

    proptest! {
        #[test]
        fn any_day_has_bounds(year in 1i16..=9999, month in 1i8..=12, at in 1i8..=28) {
            let date = Date::new(year, month, at).unwrap();
            let zone = TimeZone::get("America/Sao_Paulo").unwrap();
            let query = MetricsQuery { from: Some(date), to: Some(date), assigned_to: None, zone, now: Timestamp::UNIX_EPOCH };
            let (from, until) = bounds(&query);
            prop_assert!(from <= until);
        }
    }
}
