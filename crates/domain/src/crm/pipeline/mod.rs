//! Pipelines: the stages that a sale goes through, as a company has set them up; what must be told before a
//! sale enters one, and how long it may stand there.
//!
//! Each pipeline has one stage WON and one LOST, by these codes: whether a sale is open is told by its code
//! alone. Any other code is of one pipeline only. The first pipeline is the contract's, until somebody
//! changes it.

mod edit;
mod gate;
#[cfg(test)]
mod laws;
mod moves;

pub use edit::code;
pub use edit::{PipelineDraft, ReasonDraft, StageDraft, new_pipeline};
pub use gate::{AskedField, may_require};
use moves::Entering;
pub(super) use moves::settle;

use super::opportunity::Stage;
use crate::words::words;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// The id of the pipeline that every company begins with, and that sales are in unless told.
pub const FIRST: i64 = 1;
/// The code of the stage of what is sold.
pub const WON: &str = "WON";
/// The code of the stage of what is not.
pub const LOST: &str = "LOST";
/// The most pipelines of a company.
pub const PIPELINES: usize = 20;
/// The most stages of a pipeline.
pub const STAGES: usize = 20;
/// The most reasons why a sale is lost.
pub const REASONS: usize = 50;

words! {
    /// What a stage says of a sale.
    StageKind { /// It may come about.
        Open = "OPEN", /// It is sold.
        Won = "WON", /// It is not.
        Lost = "LOST" }
}

words! {
    /// What a forecast counts an open sale as.
    Outlook { /// It may come.
        Pipeline = "PIPELINE", /// It comes if all goes well.
        BestCase = "BEST_CASE", /// It is as good as sold.
        Committed = "COMMITTED" }
}

words! {
    /// How a stage is marked on pages.
    Color { /// Not at all.
        Neutral = "NEUTRAL", /// Blue.
        Info = "INFO", /// The colour of the house.
        Accent = "ACCENT", /// Yellow.
        Warning = "WARNING", /// Green.
        Ok = "OK", /// Red.
        Danger = "DANGER" }
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PipelineStage {
    /// Its id; 0 before it is written.
    pub id: i64,
    /// The word that records have in `stage`; never changes.
    pub code: String,
    /// Its name; empty for a stage of the contract that still has the name of its code.
    pub name: String,
    /// What it says of a sale.
    pub kind: StageKind,
    /// How likely a sale here comes about, in per cent, unless the sale itself says otherwise.
    pub probability: i64,
    /// How it is marked.
    pub color: Color,
    /// After how many days without a move or an activity a sale here rots; null for never.
    pub rots_after_days: Option<i64>,
    /// The fields that must be told before a sale enters.
    pub required_fields: Vec<String>,
    /// What a forecast counts its sales as.
    pub forecast: Outlook,
    /// Whether nothing enters it any more.
    pub archived: bool,
}

/// A pipeline, its stages in their order: those that are open, then WON and LOST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pipeline {
    /// Its id; 0 before it is written.
    pub id: i64,
    /// Its name; empty for the first one while nobody has named it.
    pub name: String,
    /// Whether a sale goes from stage to stage in their order only, and is over when it is closed.
    pub strict: bool,
    /// Its stages.
    pub stages: Vec<PipelineStage>,
    /// Counts its changes: the ETag.
    pub version: i64,
}

/// Why a sale is lost, as a company sorts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LossReason {
    /// Its id; 0 before it is written.
    pub id: i64,
    /// In words.
    pub name: String,
}

/// All that a company has set up for its sales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipelines {
    /// The pipelines, the first one first.
    pub all: Vec<Pipeline>,
    /// Why sales are lost; none: in any words.
    pub reasons: Vec<LossReason>,
}

impl PipelineStage {
    /// A stage that nobody has set up yet.
    pub fn new(code: &str, kind: StageKind) -> Self {
        let (probability, color) = match kind {
            StageKind::Open => (50, Color::Info),
            StageKind::Won => (100, Color::Ok),
            StageKind::Lost => (0, Color::Danger),
        };
        Self {
            id: 0,
            code: code.to_owned(),
            name: String::new(),
            kind,
            probability,
            color,
            rots_after_days: None,
            required_fields: Vec::new(),
            forecast: Outlook::Pipeline,
            archived: false,
        }
    }

    /// Whether a sale here is over.
    pub fn is_final(&self) -> bool {
        self.kind != StageKind::Open
    }
}

/// Whether a sale with this code in `stage` is over.
pub fn is_final(code: &str) -> bool {
    matches!(code, WON | LOST)
}

impl Pipeline {
    /// The contract's stages and moves.
    pub fn contract() -> Self {
        let stage = |(stage, id): (&Stage, i64)| {
            let (kind, probability, color, forecast) = match stage {
                Stage::Discovery => (StageKind::Open, 20, Color::Neutral, Outlook::Pipeline),
                Stage::Proposal => (StageKind::Open, 50, Color::Info, Outlook::BestCase),
                Stage::Negotiation => (StageKind::Open, 75, Color::Accent, Outlook::Committed),
                Stage::Won => (StageKind::Won, 100, Color::Ok, Outlook::Pipeline),
                Stage::Lost => (StageKind::Lost, 0, Color::Danger, Outlook::Pipeline),
            };
            PipelineStage {
                id,
                probability,
                color,
                forecast,
                ..PipelineStage::new(stage.as_str(), kind)
            }
        };
        Self {
            id: FIRST,
            name: String::new(),
            strict: true,
            stages: Stage::ALL.iter().zip(1..).map(stage).collect(),
            version: 1,
        }
    }

    /// The stage with this code.
    pub fn stage(&self, code: &str) -> Option<&PipelineStage> {
        self.stages.iter().find(|stage| stage.code == code)
    }

    /// The stages of open sales that can be entered, in their order.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &PipelineStage> {
        let stages = self.stages.iter();
        stages.filter(|stage| !stage.is_final() && !stage.archived)
    }

    /// Where a sale begins.
    pub fn first(&self) -> &PipelineStage {
        // That there is one is checked of every change.
        self.open().next().unwrap_or(&self.stages[0])
    }

    /// The same without what counts its changes, for comparing.
    pub fn shape(&self) -> Self {
        Self {
            version: 0,
            ..self.clone()
        }
    }
}

impl Pipelines {
    /// What a company has that has set nothing up.
    pub fn contract() -> &'static Self {
        static CONTRACT: LazyLock<Pipelines> = LazyLock::new(|| Pipelines {
            all: vec![Pipeline::contract()],
            reasons: Vec::new(),
        });
        &CONTRACT
    }

    /// The pipeline with this id.
    pub fn find(&self, id: i64) -> Option<&Pipeline> {
        self.all.iter().find(|pipeline| pipeline.id == id)
    }

    /// The one that sales are in unless told.
    pub fn first(&self) -> &Pipeline {
        self.find(FIRST).unwrap_or(&self.all[0])
    }

    /// A stage of any of them.
    pub fn stage(&self, code: &str) -> Option<&PipelineStage> {
        self.all.iter().find_map(|pipeline| pipeline.stage(code))
    }

    /// All codes, each once: those of the first pipeline first, WON and LOST last.
    pub fn codes(&self) -> Vec<&str> {
        let stages = self.all.iter().flat_map(|pipeline| &pipeline.stages);
        let open = stages.filter(|stage| !stage.is_final());
        let open = open.map(|stage| stage.code.as_str());
        open.chain([WON, LOST]).collect()
    }
}
