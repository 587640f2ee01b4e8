//! How a tenant is filled, batch by batch.

use super::calendar::Calendar;
use super::chance::Chance;
use super::sales::{self, Origin, Stages};
use super::{About, Amounts, BATCH, EARLIER, FEW, Filled, GOALS, Plan, Progress, people, tasks};
use crate::work::{By, Work};
use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::{Datum, Kind, LeadStatus, Record, Stage};
use std::collections::{HashSet, VecDeque};

pub(super) struct Filling<'a> {
    pub(super) data: &'a TenantConnection,
    pub(super) by: By<'a>,
    pub(super) plan: &'a Plan<'a>,
    pub(super) progress: &'a mut (dyn FnMut(Progress) + Send),
    pub(super) calendar: Calendar,
    pub(super) start: u64,
    pub(super) filled: Filled,
}

/// Something that makes records until it has made all.
struct Batches {
    kind: Kind,
    all: u64,
    done: u64,
    records: Vec<Record>,
}

impl Filling<'_> {
    /// Each kind has its own chance, so that the number of one changes nothing in the others.
    fn chance(&self, kind: Kind) -> Chance {
        let stream = self.start.wrapping_mul(8).wrapping_add(kind as u64);
        Chance::new(self.plan.seed, stream)
    }

    pub(super) async fn earlier(
        &mut self,
        kind: Kind,
        statement: &Statement,
    ) -> Result<Vec<About>> {
        let rows = self.data.rows(statement, &[&EARLIER]).await?;
        let read = |row: &sindico_db::Row| About {
            kind,
            id: row.get(0),
            at: row.get(1),
            closed: row.get(2),
            owner: None,
        };
        let mut found: Vec<About> = rows.iter().map(read).collect();
        found.sort_by_key(|about| about.at);
        Ok(found)
    }

    /// Adds a record; those that were written, when a batch was full.
    async fn add(&mut self, batches: &mut Batches, record: Record) -> Result<Vec<Record>> {
        batches.records.push(record);
        let made = u64::try_from(batches.records.len()).unwrap_or_default();
        if batches.records.len() < BATCH && batches.done + made < batches.all {
            return Ok(Vec::new());
        }
        let mut work = Work::begin(self.data, self.by).await?;
        let records = std::mem::take(&mut batches.records);
        let written = work.create_many(records, None).await?;
        work.record("sample", None).await?;
        work.commit().await?;
        batches.done += made;
        (self.progress)(Progress {
            kind: batches.kind,
            done: batches.done,
            all: batches.all,
        });
        Ok(written)
    }

    fn about(&self, record: &Record) -> About {
        let closed = match record.kind {
            Kind::Opportunity => record.instant("closed_at"),
            Kind::Lead => {
                let status = record.word::<LeadStatus>("status");
                let is_over = status.is_some_and(|status| status.next().is_empty());
                is_over.then_some(record.updated_at)
            }
            _ => None,
        };
        About {
            kind: record.kind,
            id: record.id,
            at: record.created_at,
            closed,
            owner: self.plan.place_of(record),
        }
    }

    pub(super) async fn customers(&mut self) -> Result<Vec<About>> {
        let all = self.plan.amounts.customers;
        let mut chance = self.chance(Kind::Customer);
        let mut batches = Batches::of(Kind::Customer, all);
        let mut customers = Vec::new();
        for n in 0..all {
            let (at, _) = self.calendar.past(&mut chance, (n, all), 1.0);
            let number = self.start + n + 1;
            let record = people::customer(&mut chance, self.plan, number, at)?;
            let written = self.add(&mut batches, record).await?;
            customers.extend(written.iter().map(|record| self.about(record)));
        }
        self.filled.amounts.customers = all;
        Ok(customers)
    }

    /// The leads, and the converted ones with their customer.
    pub(super) async fn leads(
        &mut self,
        customers: &[About],
    ) -> Result<(Vec<About>, VecDeque<(About, i64)>)> {
        let Amounts {
            leads: all,
            opportunities,
            ..
        } = self.plan.amounts;
        let mut chance = self.chance(Kind::Lead);
        let mut batches = Batches::of(Kind::Lead, all);
        let (mut leads, mut converted) = (Vec::new(), VecDeque::new());
        // Each of those that are converted should find its opportunity.
        let mut room = opportunities / 2;
        let mut turn = 0usize;
        for n in 0..all {
            let (at, back) = self.calendar.past(&mut chance, (n, all), 1.5);
            turn += 1;
            let recent = back < 0.35 + 0.2 * chance.unit();
            let customer = before(customers, at, &mut chance).map(|customer| customer.id);
            let status = match (recent, turn.is_multiple_of(2), customer) {
                (true, true, _) => LeadStatus::Qualified,
                (true, false, _) => LeadStatus::New,
                (false, true, Some(_)) if room > 0 => LeadStatus::Converted,
                (false, _, _) => LeadStatus::Disqualified,
            };
            let is_converted = status == LeadStatus::Converted;
            room -= u64::from(is_converted);
            let customer = customer.filter(|_| is_converted);
            let number = self.start + n + 1;
            let record = people::lead(
                &mut chance,
                self.plan,
                &self.calendar,
                (number, at),
                status,
                customer,
            )?;
            for record in self.add(&mut batches, record).await? {
                let about = self.about(&record);
                if record.text("status") == LeadStatus::Converted.as_str() {
                    let customer = record.int("customer").unwrap_or_default();
                    converted.push_back((about.clone(), customer));
                }
                leads.push(about);
            }
        }
        self.filled.amounts.leads = all;
        Ok((leads, converted))
    }

    /// The opportunities, and what the won ones brought.
    pub(super) async fn opportunities(
        &mut self,
        customers: &[About],
        mut converted: VecDeque<(About, i64)>,
    ) -> Result<(Vec<About>, Decimal)> {
        let all = self.plan.amounts.opportunities;
        let many = all > FEW;
        let mut chance = self.chance(Kind::Opportunity);
        let mut batches = Batches::of(Kind::Opportunity, all);
        let pipelines = crate::pipelines::read(self.data).await?;
        let (mut stages, mut sales, mut won) = (Stages::default(), Vec::new(), Decimal::ZERO);
        for n in 0..all {
            // A few are closer to now, so that something happens in them.
            let curve = if many { 1.0 } else { 2.0 };
            let (at, back) = self.calendar.past(&mut chance, (n, all), curve);
            let lead = match converted.front() {
                Some((lead, _)) if lead.at <= at => converted.pop_front(),
                _ => None,
            };
            let origin = match (lead, before(customers, at, &mut chance)) {
                (Some((lead, customer)), _) => Origin {
                    at,
                    customer,
                    lead: Some(lead.id),
                    owner: lead.owner,
                },
                (None, Some(customer)) => Origin {
                    at: at.max(customer.at),
                    customer: customer.id,
                    lead: None,
                    owner: customer.owner.or_else(|| self.plan.somebody(&mut chance)),
                },
                (None, None) => break,
            };
            let stage = stages.next(back, many);
            let mut record =
                sales::opportunity(&mut chance, self.plan, &self.calendar, &origin, stage)?;
            sales::into(&mut record, &pipelines);
            if let (Stage::Won, Datum::Money(amount)) = (stage, record.get("amount")) {
                won += *amount;
            }
            let written = self.add(&mut batches, record).await?;
            sales.extend(written.iter().map(|record| self.about(record)));
        }
        self.filled.amounts.opportunities = batches.done;
        Ok((sales, won))
    }

    pub(super) async fn activities(&mut self, sales: &[About], leads: &[About]) -> Result<()> {
        let all = self.plan.amounts.activities;
        let mut chance = self.chance(Kind::Activity);
        let mut batches = Batches::of(Kind::Activity, all);
        // Of many, few are still to be done; a show has several.
        let to_do = if all > FEW { all / 20 } else { all * 2 / 5 };
        let done = all - to_do;
        let open = |all: &[About]| -> Vec<About> {
            let open = all.iter().filter(|about| about.closed.is_none());
            open.cloned().collect()
        };
        let (open_sales, open_leads) = (open(sales), open(leads));
        for n in 0..all {
            let on_lead = sales.is_empty() || (!leads.is_empty() && chance.percent(20));
            let record = if n < done {
                let (at, _) = self.calendar.past(&mut chance, (n, done), 1.0);
                let all = if on_lead { leads } else { sales };
                let Some(about) = lately(all, at, &mut chance) else {
                    break;
                };
                tasks::past(&mut chance, self.plan, &self.calendar, about, at)?
            } else {
                let lists = match on_lead {
                    true => [&open_leads, &open_sales, leads, sales],
                    false => [&open_sales, &open_leads, sales, leads],
                };
                let Some(all) = lists.into_iter().find(|list| !list.is_empty()) else {
                    break;
                };
                let about = chance.pick(all);
                tasks::pending(&mut chance, self.plan, &self.calendar, about, n - done)?
            };
            self.add(&mut batches, record).await?;
        }
        self.filled.amounts.activities = batches.done;
        Ok(())
    }

    /// Goals of this month and the next ones, where there are none yet.
    pub(super) async fn goals(&mut self, won: Decimal) -> Result<()> {
        let months = sales::months(&self.calendar);
        let Some(first) = months.first() else {
            return Ok(());
        };
        let period = i64::from(first.year()) * 12 + i64::from(first.month());
        let rows = self.data.rows(&GOALS, &[&period]).await?;
        type Goal = (i64, i64, Option<i64>);
        let there: HashSet<Goal> = rows
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect();
        let monthly = won.to_i64().unwrap_or_default() / 24;
        let company = (monthly * 115 / 100 / 1000 * 1000).max(20_000);
        let share = (company, self.plan.members.len());
        let mut records = Vec::new();
        for month in months {
            for assignee in std::iter::once(None).chain(self.plan.members.iter().map(Some)) {
                let (year, number) = (i64::from(month.year()), i64::from(month.month()));
                if !there.contains(&(year, number, assignee.map(|user| user.id))) {
                    records.push(sales::goal(month, assignee, share, self.by.now)?);
                }
            }
        }
        let all = u64::try_from(records.len()).unwrap_or_default();
        let mut batches = Batches::of(Kind::SalesGoal, all);
        for record in records {
            self.add(&mut batches, record).await?;
        }
        self.filled.goals = all;
        Ok(())
    }
}

impl Batches {
    fn of(kind: Kind, all: u64) -> Self {
        Self {
            kind,
            all,
            done: 0,
            records: Vec::new(),
        }
    }
}

/// One of those that were there at this time, or the first one. They are in the order of their times.
fn before<'a>(all: &'a [About], at: Timestamp, chance: &mut Chance) -> Option<&'a About> {
    let there = all.partition_point(|about| about.at <= at).max(1);
    all.get(chance.place(there))
}

/// One of the latest tenth of those.
fn lately<'a>(all: &'a [About], at: Timestamp, chance: &mut Chance) -> Option<&'a About> {
    let there = all.partition_point(|about| about.at <= at).max(1);
    let back = chance.place(there / 10 + 1);
    all.get(there - 1 - back)
}
