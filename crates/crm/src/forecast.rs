//! What is going to be sold, month by month, in three statements and one round trip: what is won already, what
//! is as good as sold, what comes if all goes well, and all of it by its probability.
//!
//! A sale counts in the month in which it should be closed; one that is won, in the month in which it was,
//! where the company's people are. Money is cents until it is told, and never a fraction of a machine.

use crate::list::{Filter, Sql};
use crate::metrics::day;
use crate::pipelines::{self, OPEN};
use crate::scope::SEEN;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::crm::Kind;
use sindico_domain::crm::pipeline::{Outlook, Pipelines};
use utoipa::ToSchema;

/// The months of a forecast, unless told.
pub const MONTHS: i64 = 6;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ForecastQuery {
    /// How many months, this one first.
    pub months: i64,
    /// Only sales of this pipeline.
    pub pipeline: Option<i64>,
    /// Only sales of this member, and their goals.
    pub owner: Option<i64>,
    /// Only sales that fit these.
    pub filters: Vec<Filter>,
    /// Where days begin.
    pub zone: TimeZone,
    /// The instant that counts as now.
    pub now: Timestamp,
}

/// Sales that are expected together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Expected {
    /// How many are open.
    pub open_total: i64,
    /// What was won already.
    #[schema(value_type = String, example = "1299.90")]
    pub won: Decimal,
    /// The same, and what is as good as sold.
    #[schema(value_type = String, example = "1299.90")]
    pub committed: Decimal,
    /// The same, and what comes if all goes well.
    #[schema(value_type = String, example = "1299.90")]
    pub best_case: Decimal,
    /// All that is won or open.
    #[schema(value_type = String, example = "1299.90")]
    pub pipeline: Decimal,
    /// What is won, and of each open sale as much as it is likely.
    #[schema(value_type = String, example = "1299.90")]
    pub weighted: Decimal,
}

/// A month of a forecast.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ForecastMonth {
    /// `YYYY-MM`.
    pub month: String,
    /// What is expected.
    #[serde(flatten)]
    pub expected: Expected,
    /// The goal of the company, or of the member; null when there is none.
    #[schema(value_type = Option<String>, example = "1299.90")]
    pub goal: Option<Decimal>,
}

/// A forecast.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Forecast {
    /// The tenant's code.
    pub tenant_code: String,
    /// Month by month, this one first.
    pub months: Vec<ForecastMonth>,
    /// Open sales that should have been closed before this month.
    pub overdue: Expected,
    /// Open sales after the last of these months.
    pub later: Expected,
    /// Open sales of which nobody knows when.
    pub undated: Expected,
}

/// Sums in cents; `weighted` in hundredths of them.
#[derive(Debug, Clone, Copy, Default)]
struct Cents {
    open: i64,
    won: Decimal,
    by: [Decimal; 3],
    weighted: Decimal,
}

impl Cents {
    fn told(&self) -> Expected {
        let money = |cents: Decimal| {
            let mut money = cents / Decimal::ONE_HUNDRED;
            money = money.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            money.rescale(2);
            money
        };
        let committed = self.won + self.by[Outlook::Committed as usize];
        let best_case = committed + self.by[Outlook::BestCase as usize];
        Expected {
            open_total: self.open,
            won: money(self.won),
            committed: money(committed),
            best_case: money(best_case),
            pipeline: money(best_case + self.by[Outlook::Pipeline as usize]),
            weighted: money(self.won + self.weighted / Decimal::ONE_HUNDRED),
        }
    }
}

struct Values<'a> {
    query: &'a ForecastQuery,
    first: Date,
    starts: Vec<Timestamp>,
    ends: Vec<Timestamp>,
    period: i64,
    last: i64,
}

impl<'a> Values<'a> {
    fn new(query: &'a ForecastQuery) -> Self {
        let today = query.now.to_zoned(query.zone.clone()).date();
        let first = today.first_of_month();
        let months = (0..query.months).map(|n| first.saturating_add(n.months()));
        let bounds = months.map(|month| {
            let end = day(month.last_of_month(), &query.zone).1;
            (day(month, &query.zone).0, end)
        });
        let (starts, ends) = bounds.unzip();
        let period = i64::from(first.year()) * 12 + i64::from(first.month());
        Self {
            query,
            first,
            starts,
            ends,
            period,
            last: period + query.months - 1,
        }
    }

    /// Conditions of the sales that count, behind those of their stage.
    fn narrowed(&'a self, sql: &mut Sql<'a>) -> String {
        let mut text = format!(" AND {SEEN}");
        for filter in &self.query.filters {
            text.push_str(&format!(" AND {}", filter.sql(sql)));
        }
        if let Some(pipeline) = &self.query.pipeline {
            text.push_str(&format!(" AND pipeline = {}", sql.bind(pipeline)));
        }
        if let Some(owner) = &self.query.owner {
            text.push_str(&format!(" AND owner_id = {}", sql.bind(owner)));
        }
        text
    }

    /// Open sales by stage and month: a look into the index for each stage.
    fn open(&'a self) -> Sql<'a> {
        let mut sql = Sql::default();
        let narrowed = self.narrowed(&mut sql);
        sql.text = format!(
            "SELECT w.code, n.* FROM {OPEN} w, LATERAL (
                SELECT date_trunc('month', expected_close_date::timestamp)::date AS month, count(*), sum(amount_cents),
                    coalesce(sum(amount_cents) FILTER (WHERE probability IS NULL), 0),
                    coalesce(sum(amount_cents * probability), 0)
                FROM opportunity WHERE stage = w.code{narrowed} GROUP BY 1) n"
        );
        sql
    }

    /// What was won in each month, and its goals.
    fn closed(&'a self) -> Sql<'a> {
        let mut sql = Sql::default();
        let (starts, ends) = (sql.bind(&self.starts), sql.bind(&self.ends));
        let narrowed = self.narrowed(&mut sql);
        let (period, last) = (sql.bind(&self.period), sql.bind(&self.last));
        let whose = match &self.query.owner {
            Some(owner) => format!("assignee_id = {}", sql.bind(owner)),
            None => "assignee_id IS NULL".to_owned(),
        };
        let at = "(CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END)";
        sql.text = format!(
            "SELECT 'won', m.n - 1, w.cents FROM unnest({starts}::timestamptz[], {ends}::timestamptz[]) WITH ORDINALITY m (since, until, n),
                LATERAL (SELECT coalesce(sum(amount_cents), 0) AS cents FROM opportunity
                    WHERE stage = 'WON' AND {at} >= m.since AND {at} < m.until{narrowed}) w
             UNION ALL SELECT 'goal', period - {period}::bigint, (amount * 100) FROM sales_goal
                WHERE deleted_at IS NULL AND period >= {period}::bigint AND period <= {last}::bigint AND {whose}"
        );
        sql
    }

    /// The place of a month: before the first, one of them, after the last.
    fn place(&self, month: Date) -> Place {
        let period = i64::from(month.year()) * 12 + i64::from(month.month());
        match usize::try_from(period - self.period) {
            Err(_) => Place::Overdue,
            Ok(n) if n < self.starts.len() => Place::Month(n),
            Ok(_) => Place::Later,
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Overdue,
    Month(usize),
    Later,
    Undated,
}

/// Reads a forecast, and what the company has set up for its sales.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn read(
    data: &TenantConnection,
    tenant_code: &str,
    query: &ForecastQuery,
) -> Result<(Forecast, Pipelines)> {
    let values = Values::new(query);
    let (open, closed) = (values.open(), values.closed());
    let reads: [(&str, &[&(dyn ToSql + Sync)]); 3] = [
        (pipelines::SQL, &[]),
        (&open.text, &open.params),
        (&closed.text, &closed.params),
    ];
    let answers = data.read_sql(&reads).await?;
    let setup = pipelines::all(&answers[0])?;
    Ok((told(tenant_code, &values, &setup, &answers[1..]), setup))
}

fn told(tenant_code: &str, values: &Values<'_>, setup: &Pipelines, rows: &[Vec<Row>]) -> Forecast {
    let mut months = vec![(Cents::default(), None); values.starts.len()];
    let mut others = [Cents::default(); 3];
    for row in &rows[0] {
        let month: Option<Date> = row.get(1);
        let place = month.map_or(Place::Undated, |month| values.place(month));
        let cents = match place {
            Place::Month(n) => &mut months[n].0,
            Place::Overdue => &mut others[0],
            Place::Later => &mut others[1],
            Place::Undated => &mut others[2],
        };
        let stage = setup.stage(row.get(0));
        let (all, untold, weighted): (Decimal, Decimal, Decimal) =
            (row.get(3), row.get(4), row.get(5));
        cents.open += row.get::<_, i64>(2);
        cents.by[stage.map_or(Outlook::Pipeline, |stage| stage.forecast) as usize] += all;
        let usual = Decimal::from(stage.map_or(0, |stage| stage.probability));
        cents.weighted += weighted + untold * usual;
    }
    for row in &rows[1] {
        let n = usize::try_from(row.get::<_, i64>(1)).unwrap_or(usize::MAX);
        let Some(month) = months.get_mut(n) else {
            continue;
        };
        let cents: Decimal = row.get(2);
        match row.get(0) {
            "won" => month.0.won = cents,
            _ => {
                let mut goal = (cents / Decimal::ONE_HUNDRED).round_dp(2);
                goal.rescale(2);
                month.1 = Some(goal);
            }
        }
    }
    let named = |(n, (cents, goal)): (i64, (Cents, Option<Decimal>))| {
        let month = values.first.saturating_add(n.months());
        ForecastMonth {
            month: format!("{:04}-{:02}", month.year(), month.month()),
            expected: cents.told(),
            goal,
        }
    };
    Forecast {
        tenant_code: tenant_code.to_owned(),
        months: (0..).zip(months).map(named).collect(),
        overdue: others[0].told(),
        later: others[1].told(),
        undated: others[2].told(),
    }
}

fn with_everything() -> ForecastQuery {
    ForecastQuery {
        months: 1,
        pipeline: Some(1),
        owner: Some(1),
        filters: Filter::samples(Kind::Opportunity),
        zone: TimeZone::UTC,
        now: Timestamp::UNIX_EPOCH,
    }
}

/// The texts of both statements of a company's forecast, for the benchmark and for the test of plans.
pub fn benchmark_sql() -> [String; 2] {
    let query = ForecastQuery {
        pipeline: None,
        owner: None,
        filters: Vec::new(),
        ..with_everything()
    };
    let values = Values::new(&query);
    [values.open().text, values.closed().text]
}

pub(crate) fn statements() -> Vec<Statement> {
    let query = with_everything();
    let values = Values::new(&query);
    let statement = |text: String| Statement {
        name: "forecast.read",
        sql: Box::leak(text.into_boxed_str()),
    };
    vec![
        statement(values.open().text),
        statement(values.closed().text),
    ]
}
