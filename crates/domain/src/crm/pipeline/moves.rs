//! From stage to stage.

use super::{LOST, Pipeline, PipelineStage, Pipelines, WON};
use crate::FieldErrors;
use crate::crm::datum::Datum;
use crate::crm::record::Record;
use crate::crm::record::Rules;
use jiff::Timestamp;

/// What a write does to the place of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entering {
    /// It stays in its stage.
    No,
    /// It comes into another one, or is new.
    Yes,
}

impl Pipeline {
    /// Where a sale can go from the stage with this code.
    pub fn next(&self, from: &str) -> Vec<&PipelineStage> {
        let there = |stage: &&PipelineStage| !stage.archived && stage.code != from;
        if !self.strict {
            return self.stages.iter().filter(there).collect();
        }
        let Some(at) = self.stages.iter().position(|stage| stage.code == from) else {
            return Vec::new();
        };
        if self.stages[at].is_final() {
            return Vec::new();
        }
        let mut later = self.stages[at + 1..].iter().filter(there);
        let next = later.find(|stage| stage.code != LOST);
        next.into_iter().chain(self.stage(LOST)).collect()
    }

    /// Why a sale can't go from here to there; `None` when it can.
    pub fn refusal(&self, from: &str, to: &str) -> Option<String> {
        let next = self.next(from);
        if next.iter().any(|stage| stage.code == to) {
            return None;
        }
        let words: Vec<&str> = next.iter().map(|stage| stage.code.as_str()).collect();
        Some(match words.is_empty() {
            true => format!("An opportunity that is {from} stays so: it can't become {to}."),
            false => format!(
                "An opportunity in {from} can go to {}, not to {to}.",
                words.join(" or ")
            ),
        })
    }

    /// That there is a stage with this code which can be entered.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn enterable(&self, code: &str) -> Result<&PipelineStage, String> {
        match self.stage(code) {
            Some(stage) if !stage.archived => Ok(stage),
            Some(_) => Err(format!(
                "The stage {code} is archived: nothing enters it any more."
            )),
            None => {
                let words: Vec<&str> = self.open().map(|stage| stage.code.as_str()).collect();
                Err(format!(
                    "Not a stage of this pipeline. Use one of: {}, {WON}, {LOST}.",
                    words.join(", ")
                ))
            }
        }
    }
}

/// Completes a sale that is about to be written, and says what its pipeline refuses.
pub(in crate::crm) fn settle(
    before: Option<&Record>,
    after: &mut Record,
    now: Timestamp,
    rules: Rules<'_>,
    errors: &mut FieldErrors,
) {
    let pipelines = rules.pipelines;
    let id = after.int("pipeline").unwrap_or_default();
    let Some(pipeline) = pipelines.find(id) else {
        errors.add(
            "pipeline",
            format!("There is no pipeline with the id {id}."),
        );
        return;
    };
    let entering = match place(before, after, pipelines, pipeline) {
        Ok(entering) => entering,
        Err(refusal) => {
            errors.add("stage", refusal);
            return;
        }
    };
    if entering == Entering::Yes {
        let from = before.map(|before| before.text("stage").to_owned());
        let to = after.text("stage").to_owned();
        if from.as_deref() != Some(to.as_str()) {
            let closed = match super::is_final(&to) {
                true => Datum::Instant(now),
                false => Datum::Null,
            };
            after.set("closed_at", closed);
        }
        after.set("stage_since", Datum::Instant(now));
    }
    pipeline.check((before, after), entering, rules, errors);
}

/// Whether the sale enters a stage, and whether it can.
fn place(
    before: Option<&Record>,
    after: &mut Record,
    pipelines: &Pipelines,
    pipeline: &Pipeline,
) -> Result<Entering, String> {
    let Some(before) = before else {
        // What nobody has told is the contract's first stage: of another pipeline, its own first one.
        let untold = after.text("stage") == pipelines_default();
        if untold && pipeline.enterable(after.text("stage")).is_err() {
            after.set_text("stage", pipeline.first().code.clone());
        }
        pipeline.enterable(after.text("stage"))?;
        return Ok(Entering::Yes);
    };
    let from = before.text("stage");
    if before.int("pipeline") == after.int("pipeline") {
        let to = after.text("stage");
        if from == to {
            return Ok(Entering::No);
        }
        pipeline.enterable(to)?;
        return match pipeline.refusal(from, to) {
            Some(refusal) => Err(refusal),
            None => Ok(Entering::Yes),
        };
    }
    // Into another pipeline: what is open stays open, at the beginning unless told.
    if after.text("stage") == from && !super::is_final(from) && pipeline.enterable(from).is_err() {
        after.set_text("stage", pipeline.first().code.clone());
    }
    let to = after.text("stage");
    let reached = pipeline.enterable(to)?;
    let left = before.int("pipeline").and_then(|id| pipelines.find(id));
    let over = super::is_final(from) && left.is_none_or(|left| left.strict);
    match from == to {
        true => {}
        false if over => {
            return Err(format!(
                "An opportunity that is {from} stays so: it can't become {to}."
            ));
        }
        false if reached.is_final() && pipeline.strict => {
            return Err(format!(
                "Into another pipeline an opportunity comes open, not as {to}."
            ));
        }
        false => {}
    }
    Ok(Entering::Yes)
}

/// The stage of a sale of which nobody has told it.
fn pipelines_default() -> &'static str {
    crate::crm::opportunity::Stage::Discovery.as_str()
}
