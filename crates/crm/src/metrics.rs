//! Sales metrics (contract section 6), in two statements and one round trip; or in a small one, when they
//! were counted a moment ago and nothing has changed since ([`crate::memory`]).
//!
//! A period is a span of days where the company's people are; leads, opportunities and activities count
//! by when they were created, and by whose they are if a member is named. What is overdue, due or
//! breached is so now.

mod sql;

pub use sql::benchmark_sql;
pub(crate) use sql::statements;

use crate::list::Filter;
use crate::memory::{self, Source};
use crate::since::{self, Since};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use serde::Serialize;
use sindico_db::{Error, Result, Row, TenantConnection, ToSql};
use sindico_domain::crm::pipeline::is_final;
use sindico_domain::crm::{LeadStatus, Priority, Stage};
use sql::{Asked, Values};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::Hash;
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
    /// Only opportunities of this pipeline.
    pub pipeline: Option<i64>,
    /// Where days begin.
    pub zone: TimeZone,
    /// The instant that counts as now.
    pub now: Timestamp,
    /// Only of records that fit these.
    pub narrowed: Narrowed,
}

/// Conditions of each kind that is counted.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// Of leads.
    pub leads: Vec<Filter>,
    /// Of opportunities.
    pub opportunities: Vec<Filter>,
    /// Of activities.
    pub activities: Vec<Filter>,
}

impl Narrowed {
    fn is_empty(&self) -> bool {
        let all = [&self.leads, &self.opportunities, &self.activities];
        all.into_iter().all(Vec::is_empty)
    }
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

/// Counts by word: each of the contract, and the codes of stages that a company has besides.
pub type Funnel = BTreeMap<Cow<'static, str>, i64>;

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

/// What was counted a moment ago, by whose place it is (`P`: whatever tells two places apart).
pub type Memory<P> = memory::Memory<(i64, P, Asked), Counted>;

/// Reads the metrics: what was counted a moment ago if nothing has changed since, in one statement; else
/// they are counted anew, by two more.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn read<P: Eq + Hash + Clone + Send + Sync>(
    data: &TenantConnection,
    (memory, place): (&Memory<P>, P),
    tenant_code: &str,
    query: &MetricsQuery,
) -> Result<Metrics> {
    let values = Values::new(query);
    // Whose numbers these are is asked of the connection that reads them, and of nobody else.
    let key = (data.company_id(), place, values.asked);
    let counting = Counting { data, values };
    // There are as many filters as people think of, and what somebody sees may change without a change in their
    // sight: only the usual question of who sees everything is remembered.
    let counted = match query.narrowed.is_empty() && data.sight().is_whole() {
        true => memory.get(key, &counting).await?,
        false => counting.count().await?.0,
    };
    Ok(counted.told(tenant_code, query))
}

/// How these numbers are counted.
struct Counting<'a> {
    data: &'a TenantConnection,
    values: Values,
}

impl Source<Counted> for Counting<'_> {
    async fn changed(&self, since: &Since) -> Result<bool> {
        since::changed(self.data, since).await
    }

    async fn count(&self) -> Result<(Counted, Since)> {
        let (funnels, activities) = (self.values.funnels(), self.values.activities());
        let reads: [(&str, &[&(dyn ToSql + Sync)]); 2] = [
            (&funnels.text, &funnels.params),
            (&activities.text, &activities.params),
        ];
        let answers = self.data.read_sql(&reads).await?;
        Counted::of(&answers)
    }
}

/// The numbers of one question.
#[derive(Debug, Clone)]
pub struct Counted {
    leads: Funnel,
    sales: Funnel,
    priorities: Funnel,
    activities: Activities,
    pipeline: Decimal,
}

impl Counted {
    fn of(answers: &[Vec<Row>]) -> Result<(Self, Since)> {
        let mut counted = Self {
            leads: LeadStatus::ALL
                .iter()
                .map(|status| (status.as_str().into(), 0))
                .collect(),
            sales: Stage::ALL
                .iter()
                .map(|stage| (stage.as_str().into(), 0))
                .collect(),
            priorities: Priority::ALL
                .iter()
                .map(|priority| (priority.as_str().into(), 0))
                .collect(),
            activities: Activities::default(),
            pipeline: Decimal::new(0, 2),
        };
        let mut since = None;
        for row in answers.first().into_iter().flatten() {
            let (what, word): (&str, &str) = (row.get(0), row.get(1));
            match what {
                "since" => since = Some(word.parse()?),
                what => counted.count(what, word, (row.get(2), row.get(3))),
            }
        }
        for row in answers.get(1).into_iter().flatten() {
            counted.pending(row);
        }
        let since = since.ok_or_else(|| Error::Internal("numbers of no time".to_owned()))?;
        Ok((counted, since))
    }

    fn count(&mut self, what: &str, word: &str, (number, cents): (i64, i64)) {
        let funnel = match what {
            "lead" => &mut self.leads,
            _ => {
                if !is_final(word) {
                    self.pipeline += Decimal::new(cents, 2);
                }
                &mut self.sales
            }
        };
        match funnel.get_mut(word) {
            Some(kept) => *kept = number,
            None => _ = funnel.insert(word.to_owned().into(), number),
        }
    }

    fn pending(&mut self, row: &Row) {
        let (priority, number): (&str, i64) = (row.get(0), row.get(1));
        if let Some(kept) = self.priorities.get_mut(priority) {
            *kept = number;
        }
        let total = &mut self.activities;
        total.open_total += number;
        total.overdue_total += row.get::<_, i64>(2);
        total.due_today_total += row.get::<_, i64>(3);
        total.reminders_due_total += row.get::<_, i64>(4);
        total.sla_breached_total += row.get::<_, i64>(5);
    }

    /// As the answer to who asked.
    fn told(self, tenant_code: &str, query: &MetricsQuery) -> Metrics {
        let (leads, sales) = (&self.leads, &self.sales);
        let conversion = Conversion {
            lead_to_opportunity_rate: rate(leads["CONVERTED"], leads.values().sum()),
            opportunity_win_rate: rate(sales["WON"], sales["WON"] + sales["LOST"]),
        };
        Metrics {
            tenant_code: tenant_code.to_owned(),
            period: Period {
                from: query.from,
                to: query.to,
            },
            lead_funnel: self.leads,
            opportunity_funnel: self.sales,
            activities: self.activities,
            activities_by_priority: self.priorities,
            pipeline_value: self.pipeline,
            conversion,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
