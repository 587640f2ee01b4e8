//! The two statements of the metrics.

use super::{MetricsQuery, Narrowed, day};
use crate::list::{Filter, Sql};
use crate::pipelines::OPEN;
use crate::scope::SEEN;
use jiff::{SignedDuration, Timestamp};
use sindico_db::{Statement, ToSql};
use sindico_domain::crm::pipeline::{LOST, WON};
use sindico_domain::crm::{Kind, LeadStatus};

/// The first instant of `from` and the first one after `to`. PostgreSQL's instants end before those of
/// this program do; beyond the year 9999 nothing is.
fn bounds(query: &MetricsQuery) -> (Option<Timestamp>, Option<Timestamp>) {
    let last = Timestamp::MAX - SignedDuration::from_hours(48);
    (
        query.from.map(|from| day(from, &query.zone).0.min(last)),
        query.to.map(|to| day(to, &query.zone).1.min(last)),
    )
}

/// Values of the parameters, kept where the statements can refer to them. All but `now` make a question;
/// now is another instant each time.
pub(super) struct Values {
    pub(super) asked: Asked,
    pub(super) now: Timestamp,
    narrowed: Narrowed,
}

/// What is asked for, as far as its answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asked {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    member: Option<i64>,
    pipeline: Option<i64>,
    today: Timestamp,
    tomorrow: Timestamp,
}

impl Values {
    pub(super) fn new(query: &MetricsQuery) -> Self {
        let (from, until) = bounds(query);
        let (today, tomorrow) = day(query.now.to_zoned(query.zone.clone()).date(), &query.zone);
        let (member, pipeline) = (query.assigned_to, query.pipeline);
        Self {
            asked: Asked {
                from,
                until,
                member,
                pipeline,
                today,
                tomorrow,
            },
            now: query.now,
            narrowed: query.narrowed.clone(),
        }
    }

    fn conditions<'a>(&'a self, sql: &mut Sql<'a>, member: &str) -> String {
        let mut conditions = String::from(SEEN);
        if let Some(from) = &self.asked.from {
            conditions.push_str(&format!(" AND created_at >= {}", sql.bind(from)));
        }
        if let Some(until) = &self.asked.until {
            conditions.push_str(&format!(" AND created_at < {}", sql.bind(until)));
        }
        if let Some(id) = &self.asked.member {
            conditions.push_str(&format!(" AND {member} = {}", sql.bind(id)));
        }
        conditions
    }

    /// A look into the index for each word: over all of them at once PostgreSQL reads the whole table rather
    /// than the index, which is several times as much, and a period would not be looked up at all. The last
    /// row says what these numbers know ([`crate::since`]).
    pub(super) fn funnels(&self) -> Sql<'_> {
        let mut sql = Sql::default();
        let owned = self.conditions(&mut sql, "owner_id");
        let only_leads = further(&self.narrowed.leads, &mut sql);
        let mut only_sales = further(&self.narrowed.opportunities, &mut sql);
        if let Some(pipeline) = &self.asked.pipeline {
            only_sales.push_str(&format!(" AND pipeline = {}", sql.bind(pipeline)));
        }
        let leads = words(LeadStatus::ALL.iter().map(|status| status.as_str()));
        let stages = format!("(SELECT code FROM {OPEN} w UNION ALL VALUES ('{WON}'), ('{LOST}'))");
        sql.text = format!(
            "SELECT 'lead', w.word, n.* FROM (VALUES {leads}) w(word),
                LATERAL (SELECT count(*), 0::bigint FROM lead WHERE status = w.word AND {owned}{only_leads}) n
             UNION ALL SELECT 'opportunity', w.word, n.* FROM {stages} w(word),
                LATERAL (SELECT count(*), least(coalesce(sum(amount_cents), 0), 9223372036854775807)::bigint
                    FROM opportunity WHERE stage = w.word AND {owned}{only_sales}) n
             UNION ALL SELECT 'since', pg_current_snapshot()::text, 0, 0"
        );
        sql
    }

    pub(super) fn activities(&self) -> Sql<'_> {
        let mut sql = Sql::default();
        let assigned = self.conditions(&mut sql, "assigned_to_id");
        let only = further(&self.narrowed.activities, &mut sql);
        let instants: [&(dyn ToSql + Sync); 3] =
            [&self.now, &self.asked.today, &self.asked.tomorrow];
        let [now, today, tomorrow] =
            instants.map(|instant| format!("{}::timestamptz", sql.bind(instant)));
        sql.text = format!(
            "SELECT priority, count(*), count(*) FILTER (WHERE due_at < {now}),
                count(*) FILTER (WHERE due_at >= {today} AND due_at < {tomorrow}),
                count(*) FILTER (WHERE reminder_at <= {now} AND NOT reminder_sent),
                count(*) FILTER (WHERE sla_due_at < {now})
             FROM activity WHERE {assigned}{only} AND status = 'PENDING' GROUP BY priority"
        );
        sql
    }
}

/// Further conditions.
fn further<'a>(filters: &'a [Filter], sql: &mut Sql<'a>) -> String {
    let all = filters
        .iter()
        .map(|filter| format!(" AND {}", filter.sql(sql)));
    all.collect()
}

/// Words of this program's own, as rows.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let rows: Vec<String> = words.map(|word| format!("('{word}')")).collect();
    rows.join(", ")
}

fn with_everything(member: Option<i64>, bound: Option<Timestamp>) -> Values {
    let now = Timestamp::UNIX_EPOCH;
    let asked = Asked {
        from: bound,
        until: bound,
        member,
        pipeline: member,
        today: now,
        tomorrow: now,
    };
    let narrowed = Narrowed::default();
    Values {
        asked,
        now,
        narrowed,
    }
}

/// The texts of both statements for all time and everybody, for the benchmark.
pub fn benchmark_sql() -> (String, String) {
    let values = with_everything(None, None);
    (values.funnels().text, values.activities().text)
}

pub(crate) fn statements() -> Vec<Statement> {
    let mut values = with_everything(Some(0), Some(Timestamp::UNIX_EPOCH));
    values.narrowed = Narrowed {
        leads: Filter::samples(Kind::Lead),
        opportunities: Filter::samples(Kind::Opportunity),
        activities: Filter::samples(Kind::Activity),
    };
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
    use jiff::civil::Date;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_day_has_bounds(year in 1i16..=9999, month in 1i8..=12, at in 1i8..=28) {
            let date = Date::new(year, month, at).unwrap();
            let zone = TimeZone::get("America/Sao_Paulo").unwrap();
            let query = MetricsQuery { from: Some(date), to: Some(date), assigned_to: None, pipeline: None, zone, now: Timestamp::UNIX_EPOCH, narrowed: Narrowed::default() };
            let (from, until) = bounds(&query);
            prop_assert!(from <= until);
        }
    }
}
