//! What a company's pipelines and stages are called, and how they look.

use crate::contract::error::ApiResult;
use crate::pages::kit::{Choice, Tone};
use crate::pages::language::Language;
use crate::pages::page::Page;
use crate::pages::words::{fields as f, work as w};
use crate::portal::crm::Crm;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{Customs, Writer};
use sindico_domain::crm::pipeline::{Color, Pipeline, PipelineStage, Pipelines};

impl Page {
    /// What the company has set up for its sales, as far as the page has read it; else the contract's.
    pub fn setup(&self) -> &Pipelines {
        self.setup.as_deref().unwrap_or(Pipelines::contract())
    }

    /// The same page once it has read it.
    ///
    /// # Errors
    /// When the tenant's place can't be reached.
    pub async fn with_setup(self, crm: &Crm) -> ApiResult<Self> {
        let setup = Some(crm.setup().await?);
        Self { setup, ..self }.with_customs(crm).await
    }

    /// The company's custom fields, as far as the page has read them.
    pub fn customs(&self) -> &Customs {
        self.custom_fields.as_deref().unwrap_or(Customs::none())
    }

    /// The same page once it has read them: as they were a moment ago for who looks, as they are for who writes.
    ///
    /// # Errors
    /// When the tenant's place can't be reached.
    pub async fn with_customs(self, crm: &Crm) -> ApiResult<Self> {
        let custom_fields = match self.view.method == axum::http::Method::POST {
            true => std::sync::Arc::new(sindico_crm::customs::read(&crm.data).await?),
            false => crm.customs().await?,
        };
        Ok(Self {
            custom_fields: Some(custom_fields),
            writer: Writer::Of(crm.tenant.role),
            ..self
        })
    }

    /// The same page with what its handler has read.
    pub fn knowing(self, setup: Pipelines) -> Self {
        let setup = Some(std::sync::Arc::new(setup));
        Self { setup, ..self }
    }

    /// The same for a page about records of this kind: others name no stages.
    ///
    /// # Errors
    /// As [`Page::with_setup`].
    pub async fn with_setup_of(self, kind: Kind, crm: &Crm) -> ApiResult<Self> {
        match kind {
            Kind::Opportunity => self.with_setup(crm).await,
            Kind::SalesGoal => Ok(self),
            _ => self.with_customs(crm).await,
        }
    }
}

/// The name of the stage with this code.
pub fn stage(page: &Page, code: &str) -> String {
    match page.setup().stage(code) {
        Some(stage) => name(page.language(), stage),
        None => word(page.language(), code),
    }
}

/// The name of this stage.
pub fn name(language: Language, stage: &PipelineStage) -> String {
    match stage.name.is_empty() {
        true => word(language, &stage.code),
        false => stage.name.clone(),
    }
}

/// The word for a code: the contract's, or the code as people would write it.
fn word(language: Language, code: &str) -> String {
    if let Some(word) = f::value(Kind::Opportunity, "stage", code) {
        return word.in_(language).to_owned();
    }
    let text = code.replace('_', " ").to_lowercase();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// How the stage with this code looks.
pub fn tone(page: &Page, code: &str) -> Tone {
    page.setup().stage(code).map_or(Tone::Neutral, tone_of)
}

/// How this stage looks.
pub fn tone_of(stage: &PipelineStage) -> Tone {
    match stage.color {
        Color::Neutral => Tone::Neutral,
        Color::Info => Tone::Info,
        Color::Accent => Tone::Accent,
        Color::Warning => Tone::Warn,
        Color::Ok => Tone::Ok,
        Color::Danger => Tone::Danger,
    }
}

/// The name of the pipeline with this id.
pub fn pipeline(page: &Page, id: i64) -> String {
    let found = page.setup().find(id);
    found.map_or_else(|| id.to_string(), |found| pipeline_name(page, found))
}

/// The name of this pipeline.
pub fn pipeline_name(page: &Page, pipeline: &Pipeline) -> String {
    match pipeline.name.is_empty() {
        true => page.t(w::FIRST_PIPELINE).to_owned(),
        false => pipeline.name.clone(),
    }
}

/// All stages to choose from; of several pipelines, each with its name.
pub fn stage_choices(page: &Page) -> Vec<Choice> {
    let setup = page.setup();
    let codes = setup.codes();
    let choice = |code: &&str| Choice::new(*code, stage(page, code));
    codes.iter().map(choice).collect()
}

/// All pipelines to choose from.
pub fn pipeline_choices(page: &Page) -> Vec<Choice> {
    let all = page.setup().all.iter();
    all.map(|one| Choice::new(one.id.to_string(), pipeline_name(page, one)))
        .collect()
}
