//! Setting pipelines up: what a request says, and what must hold of what comes of it.

use super::{
    Color, LOST, LossReason, Outlook, PIPELINES, Pipeline, PipelineStage, Pipelines, REASONS,
    STAGES, StageKind, WON, may_require,
};
use crate::crm::custom::PREFIX;
use crate::crm::opportunity::Stage;
use crate::fold::fold;
use crate::input::{Fields, Parsed, boolean, choice, integer, nullable, text};
use crate::{FieldErrors, Refusal};
use serde_json::{Map, Value};

/// The longest name.
const NAME: usize = 60;
/// The longest code.
const CODE: usize = 40;
/// The longest that a sale may stand without rotting, in days.
const DAYS: i64 = 3_660;

/// What a request says of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineDraft {
    name: Option<String>,
    strict: Option<bool>,
}

impl PipelineDraft {
    /// Reads a body; `whole` asks for what a new one must have.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>, whole: bool) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let name = match whole {
            true => f.require("name", text(1..=NAME)),
            false => f.read("name", text(1..=NAME)),
        };
        let strict = f.read("strict", boolean);
        f.finish().check(Self { name, strict })
    }

    /// Lays it over a pipeline.
    pub fn apply(&self, pipeline: &mut Pipeline) {
        if let Some(name) = &self.name {
            pipeline.name.clone_from(name);
        }
        if let Some(strict) = self.strict {
            pipeline.strict = strict;
        }
    }
}

/// What a request says of a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageDraft {
    code: Option<String>,
    name: Option<String>,
    probability: Option<i64>,
    color: Option<Color>,
    rots_after_days: Option<Option<i64>>,
    required_fields: Option<Vec<String>>,
    forecast: Option<Outlook>,
    archived: Option<bool>,
    position: Option<i64>,
}

impl StageDraft {
    /// Reads a body; `whole` asks for what a new one must have.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>, whole: bool) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let name = match whole {
            true => f.require("name", text(1..=NAME)),
            false => f.read("name", text(1..=NAME)),
        };
        let draft = Self {
            name,
            code: f.read("code", code),
            probability: f.read("probability", integer(0..=100)),
            color: f.read("color", choice::<Color>),
            rots_after_days: f.read("rots_after_days", |value| match value.as_str() {
                // A form's empty field.
                Some(text) if text.trim().is_empty() => Ok(None),
                _ => nullable(integer(1..=DAYS))(value),
            }),
            required_fields: f.read("required_fields", required),
            forecast: f.read("forecast", choice::<Outlook>),
            archived: f.read("archived", boolean),
            position: f.read("position", integer(1..=STAGES as i64)),
        };
        f.finish().check(draft)
    }

    /// Adds a new stage to a pipeline: the last of those that are open, unless told.
    ///
    /// # Errors
    /// A code that is there already, in this pipeline or in another.
    pub fn add(&self, pipeline: &mut Pipeline, all: &Pipelines) -> Result<(), FieldErrors> {
        let taken = |code: &str| {
            let contract = Stage::ALL.iter().any(|stage| stage.as_str() == code);
            let own = pipeline.stage(code).is_some();
            own || all.stage(code).is_some() || contract && pipeline.id != super::FIRST
        };
        let code = match &self.code {
            Some(code) if taken(code) => {
                return Err(FieldErrors::one(
                    "code",
                    "Another stage has this code already.",
                ));
            }
            Some(code) => code.clone(),
            None => free_code(self.name.as_deref().unwrap_or_default(), &taken),
        };
        let mut stage = PipelineStage::new(&code, StageKind::Open);
        self.lay(&mut stage);
        pipeline.stages.push(stage);
        let last = i64::try_from(pipeline.stages.len()).unwrap_or(i64::MAX);
        pipeline.put(&code, self.position.unwrap_or(last));
        Ok(())
    }

    /// Lays it over the stage with this code.
    ///
    /// # Errors
    /// Another code: those stay.
    pub fn change(&self, pipeline: &mut Pipeline, code: &str) -> Result<(), FieldErrors> {
        let Some(stage) = pipeline.stages.iter_mut().find(|stage| stage.code == code) else {
            return Ok(());
        };
        if self.code.as_deref().is_some_and(|told| told != code) {
            return Err(FieldErrors::one(
                "code",
                "A code stays as it is: records have it.",
            ));
        }
        self.lay(stage);
        if let Some(position) = self.position {
            pipeline.put(code, position);
        }
        Ok(())
    }

    fn lay(&self, stage: &mut PipelineStage) {
        if let Some(name) = &self.name {
            stage.name.clone_from(name);
        }
        if let Some(fields) = &self.required_fields {
            stage.required_fields.clone_from(fields);
        }
        stage.probability = self.probability.unwrap_or(stage.probability);
        stage.color = self.color.unwrap_or(stage.color);
        stage.rots_after_days = self.rots_after_days.unwrap_or(stage.rots_after_days);
        stage.forecast = self.forecast.unwrap_or(stage.forecast);
        stage.archived = self.archived.unwrap_or(stage.archived);
    }
}

impl Pipeline {
    /// Puts a stage of open sales at this place among them, counted from 1; those that are closed come last.
    fn put(&mut self, code: &str, position: i64) {
        let Some(at) = self.stages.iter().position(|stage| stage.code == code) else {
            return;
        };
        let stage = self.stages.remove(at);
        let open = self.stages.iter().filter(|stage| !stage.is_final()).count();
        let place = usize::try_from(position - 1).unwrap_or_default().min(open);
        self.stages
            .insert(if stage.is_final() { at } else { place }, stage);
        self.stages.sort_by_key(|stage| stage.kind);
    }

    /// What must hold of a pipeline, whatever was done to it.
    ///
    /// # Errors
    /// What does not, by field.
    pub fn valid(&self, all: &Pipelines) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        if self.open().next().is_none() {
            errors.add(
                "stages",
                "A pipeline needs a stage of open sales that can be entered.",
            );
        }
        for code in [WON, LOST] {
            if self
                .stages
                .iter()
                .filter(|stage| stage.code == code)
                .count()
                != 1
            {
                errors.add("stages", format!("A pipeline has one stage {code}."));
            }
        }
        if self.stages.len() > STAGES {
            errors.add("stages", format!("A pipeline has at most {STAGES} stages."));
        }
        let mut names: Vec<String> = Vec::new();
        for stage in &self.stages {
            let fixed = match stage.kind {
                StageKind::Open => None,
                StageKind::Won => Some(100),
                StageKind::Lost => Some(0),
            };
            if let Some(fixed) = fixed {
                if stage.archived {
                    errors.add("archived", format!("{} can't be archived.", stage.code));
                }
                if stage.probability != fixed {
                    errors.add(
                        "probability",
                        format!("{} is at {fixed} per cent.", stage.code),
                    );
                }
                if stage.rots_after_days.is_some() {
                    errors.add("rots_after_days", "What is closed does not rot.");
                }
            }
            if stage.required_fields.iter().any(|f| f == "loss_reason")
                && stage.kind != StageKind::Lost
            {
                errors.add("required_fields", "Only LOST can ask for loss_reason.");
            }
            let name = fold(match stage.name.is_empty() {
                true => &stage.code,
                false => &stage.name,
            });
            if names.contains(&name) {
                errors.add(
                    "name",
                    "Another stage of this pipeline has this name already.",
                );
            }
            names.push(name);
        }
        let others = all.all.iter().filter(|other| other.id != self.id);
        if others.clone().count() >= PIPELINES {
            errors.add(
                "name",
                format!("A company has at most {PIPELINES} pipelines."),
            );
        }
        let mut others = others.filter(|other| !other.name.is_empty());
        if others.any(|other| fold(&other.name) == fold(&self.name)) {
            errors.add("name", "There is a pipeline with this name already.");
        }
        errors.check(())
    }
}

/// A new pipeline from a body: with the stages that it names, each by what is told of it, or with three that
/// can be renamed.
///
/// # Errors
/// What is wrong, by field.
pub fn new_pipeline(body: &Map<String, Value>, all: &Pipelines) -> Result<Pipeline, Refusal> {
    let draft = PipelineDraft::parse(body, true)?;
    let closed = [(WON, StageKind::Won), (LOST, StageKind::Lost)];
    let mut pipeline = Pipeline {
        id: 0,
        name: String::new(),
        strict: false,
        stages: closed
            .map(|(code, kind)| PipelineStage::new(code, kind))
            .to_vec(),
        version: 0,
    };
    draft.apply(&mut pipeline);
    let bodies = match body.get("stages") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(stages)) if !stages.is_empty() && stages.len() <= STAGES - 2 => {
            stages.clone()
        }
        Some(_) => {
            let message = format!("Expected a list of 1 to {} stages.", STAGES - 2);
            return Err(FieldErrors::one("stages", message).into());
        }
    };
    let mut errors = FieldErrors::new();
    for (n, told) in bodies.iter().enumerate() {
        let added = match told {
            Value::Object(told) => StageDraft::parse(told, true).and_then(|draft| {
                StageDraft {
                    position: None,
                    ..draft
                }
                .add(&mut pipeline, all)
            }),
            _ => Err(FieldErrors::whole("Expected an object.")),
        };
        if let Err(wrong) = added {
            let line = serde_json::to_string(&wrong).unwrap_or_default();
            errors.add("stages", format!("Stage {}: {line}", n + 1));
        }
    }
    errors.check(())?;
    if bodies.is_empty() {
        let usual = [
            ("Contato", 20, Outlook::Pipeline),
            ("Proposta", 50, Outlook::BestCase),
            ("Fechamento", 75, Outlook::Committed),
        ];
        for (name, probability, forecast) in usual {
            let draft = StageDraft {
                name: Some(name.to_owned()),
                probability: Some(probability),
                forecast: Some(forecast),
                ..StageDraft::default()
            };
            draft.add(&mut pipeline, all)?;
        }
    }
    pipeline.valid(all)?;
    Ok(pipeline)
}

/// What a request says of a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonDraft {
    name: String,
}

impl ReasonDraft {
    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let name = f.require("name", text(1..=NAME));
        f.finish().check(Self {
            name: name.unwrap_or_default(),
        })
    }

    /// The reason with this id (0 for a new one), among those that are there.
    ///
    /// # Errors
    /// One of this name is there already, or there are too many.
    pub fn made(self, id: i64, all: &[LossReason]) -> Result<LossReason, FieldErrors> {
        let others = || all.iter().filter(|other| other.id != id);
        if others().any(|other| fold(&other.name) == fold(&self.name)) {
            return Err(FieldErrors::one(
                "name",
                "There is a reason with this name already.",
            ));
        }
        if others().count() >= REASONS {
            let message = format!("A company has at most {REASONS} reasons.");
            return Err(FieldErrors::one("name", message));
        }
        Ok(LossReason {
            id,
            name: self.name,
        })
    }
}

/// A code: a word in capitals.
///
/// # Errors
/// Anything else, in words.
pub fn code(value: &Value) -> Parsed<String> {
    let told = value.as_str().map(str::trim).unwrap_or_default();
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let begins = told.starts_with(|c: char| c.is_ascii_uppercase());
    match begins && told.len() <= CODE && told.chars().all(fits) {
        true => Ok(told.to_owned()),
        false if value.is_null() => Err("This field may not be null.".to_owned()),
        false => Err("Not a valid choice. Use the code of a stage, such as PROPOSAL.".to_owned()),
    }
}

/// The name as a code that nobody has.
fn free_code(name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let word = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    let folded: String = fold(name).chars().map(word).collect();
    let parts: Vec<&str> = folded.split('_').filter(|part| !part.is_empty()).collect();
    let mut base = parts.join("_");
    if !base.starts_with(|c: char| c.is_ascii_uppercase()) {
        base = format!("STAGE_{base}");
    }
    base.truncate(CODE - 4);
    let base = base.trim_end_matches('_').to_owned();
    let numbered = (2..).map(|n| format!("{base}_{n}"));
    let mut codes = std::iter::once(base.clone()).chain(numbered);
    codes.find(|code| !taken(code)).unwrap_or(base)
}

/// Names of fields that a gate may ask for: a list, or with commas as forms send it.
fn required(value: &Value) -> Parsed<Vec<String>> {
    let names: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::String(text) => {
            let parts = text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        }
        Value::Array(list) => {
            let names = list.iter().map(|one| one.as_str().map(str::to_owned));
            names
                .collect::<Option<_>>()
                .ok_or("Expected a list of names of fields.")?
        }
        _ => return Err("Expected a list of names of fields.".to_owned()),
    };
    let mut known: Vec<String> = Vec::new();
    for name in names {
        // That there is such a custom field is for who has read them to say.
        let custom = name.starts_with(PREFIX) && name.len() > PREFIX.len();
        if !custom && !may_require(&name) {
            return Err(format!("A stage can't ask for {name}."));
        }
        if !known.contains(&name) {
            known.push(name);
        }
    }
    Ok(known)
}
