//! What opportunities can do beyond any record: go from stage to stage, move on the board, and tell
//! their history (contract section 6).

use crate::idempotency;
use crate::leads::{history_of, of};
use crate::model;
use crate::records::{self, Act};
use crate::work::{By, Work};
use serde_json::{Map, Value};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::custom::{self, Customs};
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::pipeline::{Pipelines, code, may_require};
use sindico_domain::crm::{Kind, Record, draft, rank};
use sindico_domain::input::{Fields, nullable, text};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use std::collections::HashMap;
use std::sync::LazyLock;

sindico_db::statements! { "opportunities":
    // Ranks of the two neighbours, as far as they are in the column still.
    NEIGHBOURS = "SELECT
        (SELECT rank FROM opportunity WHERE id = $2 AND stage = $1 AND id <> $4 AND deleted_at IS NULL),
        (SELECT rank FROM opportunity WHERE id = $3 AND stage = $1 AND id <> $4 AND deleted_at IS NULL)";
    BELOW = "SELECT rank FROM opportunity WHERE stage = $1 AND ($2::text IS NULL OR rank > $2) AND id <> $3
        AND deleted_at IS NULL ORDER BY rank, id LIMIT 1";
    ABOVE = "SELECT rank FROM opportunity WHERE stage = $1 AND rank < $2 AND id <> $3
        AND deleted_at IS NULL ORDER BY rank DESC, id DESC LIMIT 1";
}

static ACTIVITIES: LazyLock<Statement> = LazyLock::new(|| of(Kind::Activity, "opportunity_id"));

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, &[*ACTIVITIES]].concat()
}

/// Where a sale is to go.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    stage: String,
    loss_reason: Option<String>,
}

impl Step {
    /// Reads the body of `POST /api/opportunities/{id}/stage/`.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let stage = f.require("stage", code);
        let loss_reason = f.read("loss_reason", nullable(text(0..=500)));
        f.finish().check(())?;
        Ok(Self {
            stage: stage.unwrap_or_default(),
            loss_reason: loss_reason.flatten(),
        })
    }
}

/// Moves a sale to another stage; `None` when there is none with this id.
///
/// # Errors
/// A move that is not possible is refused as a whole; else as [`records::change`].
pub async fn step(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    step: &Step,
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    let act = Act {
        name: "stage",
        condition,
        key,
    };
    records::edit(data, by, (Kind::Opportunity, id), act, |sale, rules| {
        enter(sale, &step.stage, rules)?;
        if let Some(reason) = &step.loss_reason {
            sale.set_text("loss_reason", reason);
        }
        Ok(())
    })
    .await
}

/// Puts it into a stage. One that is there already is refused as well: whoever asks twice should know.
fn enter(sale: &mut Record, to: &str, rules: &Pipelines) -> Result<(), Refusal> {
    let id = sale.int("pipeline").unwrap_or_default();
    if let Some(pipeline) = rules.find(id) {
        let enterable = pipeline.enterable(to);
        enterable.map_err(|wrong| FieldErrors::one("stage", wrong))?;
        if let Some(refusal) = pipeline.refusal(sale.text("stage"), to) {
            return Err(Refusal::Invalid(refusal));
        }
    }
    sale.set_text("stage", to);
    Ok(())
}

/// Where a card is put on the board.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    stage: Option<String>,
    above: Option<i64>,
    below: Option<i64>,
    loss_reason: Option<String>,
    told: Draft,
}

impl Place {
    /// The column.
    pub fn stage(&self) -> Option<&str> {
        self.stage.as_deref()
    }

    /// Why it was lost.
    pub fn loss_reason(&self) -> Option<&str> {
        self.loss_reason.as_deref()
    }

    /// The ids of the members that it names.
    pub fn users(&self) -> Vec<i64> {
        self.told.users()
    }

    /// Reads the body of `POST /api/opportunities/{id}/move/`: the stage, and the cards between which
    /// the card is put. One of them is enough; without any the card comes first. `told` has fields of the sale
    /// that the stage's gate asks for, by their names.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(customs: &Customs, body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let stage = f.read("stage", nullable(code));
        let above = f.read("after", nullable(draft::id));
        let below = f.read("before", nullable(draft::id));
        let loss_reason = f.read("loss_reason", nullable(text(0..=500)));
        let mut errors = f.finish();
        let gated = body.iter().filter(|(name, _)| {
            may_require(name) && *name != "loss_reason" || *name == custom::FIELDS
        });
        let gated = gated.map(|(name, value)| (name.clone(), value.clone()));
        let told = Draft::parse((Kind::Opportunity, customs), &gated.collect(), Whole::No);
        let told = told
            .map_err(|wrong| errors.merge(wrong))
            .unwrap_or_default();
        errors.check(Self {
            stage: stage.flatten(),
            above: above.flatten(),
            below: below.flatten(),
            loss_reason: loss_reason.flatten(),
            told,
        })
    }
}

/// Moves a card: one request, one row. A neighbour that has left the column meanwhile does not count; `members`
/// are the active ones among those whom the place names. `None` when there is no such card.
///
/// # Errors
/// As [`step`].
pub async fn move_card(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    (place, members): (&Place, &HashMap<i64, String>),
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Some(earlier));
    }
    let Some(before) = work.lock_at((Kind::Opportunity, id), condition).await? else {
        return Ok(None);
    };
    let mut after = before.clone();
    let stage = match &place.stage {
        Some(stage) if before.text("stage") != stage => {
            let rules = work.rules(Kind::Opportunity).await?;
            enter(&mut after, stage, rules.pipelines)?;
            stage.clone()
        }
        _ => before.text("stage").to_owned(),
    };
    if let Some(reason) = &place.loss_reason {
        after.set_text("loss_reason", reason);
    }
    if before.text("stage") != stage {
        // No way around a change: what the gate asks for, and what a sale brings.
        let rules = work.rules(Kind::Opportunity).await?.pipelines;
        let id = after.int("pipeline").unwrap_or_default();
        let gate = rules.find(id).and_then(|pipeline| pipeline.stage(&stage));
        let gate = gate.map(|stage| &stage.required_fields);
        let asked = |name: &str| {
            let gated = gate.is_some_and(|gate| gate.iter().any(|one| one == name));
            gated || name == "amount"
        };
        let told = place.told.only(Kind::Opportunity, &asked);
        told.apply(&mut after, members)?;
    }
    after.set_text("rank", rank_at(&work, &stage, place, &before).await?);
    let moved = work.update(&before, after).await?;
    work.record("opportunity.move", None).await?;
    let told = work.told(&moved)?;
    Ok(Some(work.finish(key, told, moved.version).await?))
}

/// The rank between the neighbours as they stand now.
async fn rank_at(work: &Work<'_>, stage: &str, place: &Place, card: &Record) -> Result<String> {
    let id = card.id;
    let row = work
        .tx
        .one(&NEIGHBOURS, &[&stage, &place.above, &place.below, &id])
        .await?;
    let (mut above, mut below): (Option<String>, Option<String>) = (row.get(0), row.get(1));
    if let (None, Some(lower)) = (&above, &below) {
        let row = work.tx.row(&ABOVE, &[&stage, lower, &id]).await?;
        above = row.map(|row| row.get(0));
    } else if below.is_none() || above >= below {
        // The card below, or the first of the column when nothing is above.
        let row = work.tx.row(&BELOW, &[&stage, &above, &id]).await?;
        below = row.map(|row| row.get(0));
    }
    let rank = rank::between(above.as_deref(), below.as_deref());
    // No room between two of the same rank: beside them is as near as it gets.
    Ok(rank
        .or(above)
        .or(below)
        .unwrap_or_else(|| card.text("rank").to_owned()))
}

/// A sale with its activities, the newest first, if they are of these kinds; `None` when there is none
/// with this id. One round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn history(data: &TenantConnection, id: i64, kinds: &[Kind]) -> Result<Option<Value>> {
    let find = model::of(Kind::Opportunity).find;
    let answers = data.read(&[(&find, &[&id]), (&ACTIVITIES, &[&id])]).await?;
    history_of(
        answers,
        &[
            ("opportunity", Kind::Opportunity),
            ("activities", Kind::Activity),
        ],
        kinds,
    )
}
