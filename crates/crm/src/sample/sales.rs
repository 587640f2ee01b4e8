//! Opportunities and goals.

use super::calendar::Calendar;
use super::chance::Chance;
use super::{Plan, people, texts};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rust_decimal::Decimal;
use sindico_domain::FieldErrors;
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{Datum, Kind, Record, Stage, UserRef, settle};

/// The longest that a sale takes.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 80);

/// Hands out stages in turn, so that few sales already stand in all of them.
#[derive(Default)]
pub(super) struct Stages {
    due: f64,
    open: usize,
    closed: usize,
}

impl Stages {
    /// The stage of the next one, which was made so far back (1 to 0). Of many, one in six is open, all of
    /// them in the last third; of few, three in five,
    /// the latest as well as the first.
    pub(super) fn next(&mut self, back: f64, many: bool) -> Stage {
        const OPEN: [Stage; 4] = [
            Stage::Discovery,
            Stage::Proposal,
            Stage::Negotiation,
            Stage::Proposal,
        ];
        const CLOSED: [Stage; 5] = [Stage::Won, Stage::Lost, Stage::Won, Stage::Won, Stage::Lost];
        self.due += if many {
            (1.0 - 3.0 * back).max(0.0)
        } else {
            0.6
        };
        if self.due >= 0.5 {
            self.due -= 1.0;
            self.open += 1;
            return OPEN[(self.open - 1) % OPEN.len()];
        }
        self.closed += 1;
        CLOSED[(self.closed - 1) % CLOSED.len()]
    }
}

/// Where an opportunity comes from.
pub(super) struct Origin {
    pub(super) at: Timestamp,
    pub(super) customer: i64,
    pub(super) lead: Option<i64>,
    pub(super) owner: Option<usize>,
}

pub(super) fn opportunity(
    chance: &mut Chance,
    plan: &Plan<'_>,
    calendar: &Calendar,
    origin: &Origin,
    stage: Stage,
) -> Result<Record, FieldErrors> {
    let mut record = Record::new(Kind::Opportunity, origin.at);
    record.set("customer", Datum::Int(origin.customer));
    let lead = origin.lead.map_or(Datum::Null, Datum::Int);
    record.set("source_lead", lead);
    let title = *chance.pick(plan.trade.titles());
    record.set_text("title", format!("{title}{}", chance.pick(texts::DETAILS)));
    record.set_text("stage", stage.as_str());
    record.set("owner", plan.user(origin.owner));
    let amount = amount(chance);
    record.set("amount", Datum::Money(amount));
    let probability = match stage {
        Stage::Discovery => chance.between(2, 6) * 5,
        Stage::Proposal => chance.between(7, 12) * 5,
        Stage::Negotiation => chance.between(12, 18) * 5,
        Stage::Won => 100,
        Stage::Lost => 0,
    };
    record.set("probability", Datum::Int(probability));
    let until = calendar.now.min(origin.at + LONGEST);
    let moved = calendar.within(chance, origin.at, until);
    let moved = calendar.office(moved).max(origin.at);
    let expected = if stage.is_final() {
        let planned = moved + SignedDuration::from_hours(24 * chance.between(-12, 9));
        planned
            .max(origin.at)
            .to_zoned(calendar.zone.clone())
            .date()
    } else {
        calendar.date(chance.between(-8, 60))
    };
    record.set("expected_close_date", Datum::Date(expected));
    if stage == Stage::Lost {
        record.set_text("loss_reason", *chance.pick(texts::LOSSES));
    }
    if !stage.is_final() && chance.percent(80) {
        record.set_text("next_step", *chance.pick(texts::NEXT_STEPS));
    }
    if chance.percent(25) {
        record.set_text("notes", *chance.pick(texts::SALE_NOTES));
    }
    let tags = people::sale_tags(chance);
    record.set("tags", tags);
    // The rules take the time of the last move for that of the closing.
    settle(None, &mut record, moved, Pipelines::contract())?;
    record.updated_at = moved;
    Ok(record)
}

/// The contract's stage as the company has it: one that it has no more is its first.
pub(super) fn into(record: &mut Record, pipelines: &Pipelines) {
    let first = pipelines.first();
    if first.stage(record.text("stage")).is_none() {
        record.set_text("stage", first.first().code.clone());
    }
}

/// Many small sales and few large ones, from some hundred to some ten thousand.
fn amount(chance: &mut Chance) -> Decimal {
    let reais = (350.0 * 120f64.powf(chance.unit())) as i64;
    match chance.between(1, 3) {
        1 => Decimal::new(reais / 50 * 5_000, 2),
        2 => Decimal::new(reais / 10 * 1_000, 2),
        _ => Decimal::new(reais * 100 + 90, 2),
    }
}

/// The months that have goals: this one and the next two.
pub(super) fn months(calendar: &Calendar) -> Vec<Date> {
    let this = calendar.date(0).first_of_month();
    (0..3).map(|n| this.saturating_add(n.months())).collect()
}

/// What the company, or one of so many members, is to sell in a month.
pub(super) fn goal(
    month: Date,
    assignee: Option<&UserRef>,
    (company, members): (i64, usize),
    now: Timestamp,
) -> Result<Record, FieldErrors> {
    let mut record = Record::new(Kind::SalesGoal, now);
    record.set("year", Datum::Int(month.year().into()));
    record.set("month", Datum::Int(month.month().into()));
    let share = i64::try_from(members).unwrap_or(1).max(1);
    let reais = match assignee {
        Some(user) => {
            record.set("assignee", Datum::User(user.clone()));
            (company / share / 500 * 500).max(500)
        }
        None => company,
    };
    record.set("amount", Datum::Money(Decimal::new(reais * 100, 2)));
    settle(None, &mut record, now, Pipelines::contract())?;
    Ok(record)
}
