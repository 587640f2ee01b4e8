//! What a record's page shows: its facts, and what has happened to it.

use super::icon::icon;
use super::tone::Tone;
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// Facts by name; `None` is a fact that is not known. An `InlineEdit` fits as a value.
pub fn description_list(language: Language, facts: &[(&str, Option<Markup>)]) -> Markup {
    html! {
        dl class="facts" { @for (name, value) in facts {
            div class="fact" {
                dt { (name) }
                dd { @match value {
                    Some(value) => { (value) }
                    None => { span class="fact-none" { (words::NONE.in_(language)) } }
                } }
            }
        } }
    }
}

/// A field that was changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its name.
    pub field: String,
    /// What stood there.
    pub before: Option<String>,
    /// What stands there since.
    pub after: Option<String>,
}

/// Something that has happened.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Its icon.
    pub icon: &'static str,
    /// The meaning of its colour.
    pub tone: Tone,
    /// Who did it.
    pub who: String,
    /// What they did, in words.
    pub what: Markup,
    /// When (`format::relative`).
    pub when: Markup,
    /// The fields that changed.
    pub changes: Vec<Change>,
    /// More of it, as the text of a note.
    pub body: Option<Markup>,
    /// The way back, as a small form.
    pub undo: Option<Markup>,
}

/// What has happened, the newest first.
pub fn timeline(language: Language, entries: &[TimelineEntry]) -> Markup {
    html! {
        ol class="timeline" { @for entry in entries {
            li class="timeline-entry" {
                span class={ "timeline-icon " (entry.tone.class()) } { (icon(entry.icon)) }
                div class="timeline-body" {
                    div class="timeline-head" {
                        span { strong { (entry.who) } " " (entry.what) }
                        (entry.when)
                        @if let Some(undo) = &entry.undo { (undo) }
                    }
                    @if !entry.changes.is_empty() { (changes(language, &entry.changes)) }
                    @if let Some(body) = &entry.body { div { (body) } }
                }
            }
        } }
    }
}

/// Fields before and after. Those who listen hear which is which.
pub fn changes(language: Language, changes: &[Change]) -> Markup {
    let text = |value: &Option<String>| match value {
        Some(value) => value.clone(),
        None => words::NOTHING_BEFORE.in_(language).to_owned(),
    };
    html! {
        dl class="changes" { @for change in changes {
            div class="change" {
                dt { (change.field) }
                dd class="change" {
                    del { span class="visually-hidden" { (words::BEFORE.in_(language)) " " } (text(&change.before)) }
                    (icon("arrow-right"))
                    ins { span class="visually-hidden" { (words::AFTER.in_(language)) " " } (text(&change.after)) }
                }
            }
        } }
    }
}

/// The state of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// At work.
    Running,
    /// Done.
    Done,
    /// It failed; its cause and a hint stand with it.
    Failed,
    /// There was nothing to do.
    Skipped,
}

impl StepState {
    fn shown(
        self,
    ) -> (
        &'static str,
        Tone,
        &'static str,
        crate::pages::language::Word,
    ) {
        match self {
            Self::Waiting => (
                "circle-dashed",
                Tone::Neutral,
                "step step-waiting",
                words::STEP_WAITING,
            ),
            Self::Running => (
                "loader-circle",
                Tone::Info,
                "step step-running",
                words::STEP_RUNNING,
            ),
            Self::Done => ("check", Tone::Ok, "step", words::STEP_DONE),
            Self::Failed => ("x", Tone::Danger, "step", words::STEP_FAILED),
            Self::Skipped => (
                "ban",
                Tone::Neutral,
                "step step-waiting",
                words::STEP_SKIPPED,
            ),
        }
    }
}

/// A step of something that takes several.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it does.
    pub title: String,
    /// How it stands.
    pub state: StepState,
    /// How long it took, or since when it works.
    pub time: Option<String>,
    /// Why it failed.
    pub cause: Option<String>,
    /// What can be done about it.
    pub hint: Option<String>,
}

/// Steps in their order.
pub fn steps(language: Language, steps: &[Step]) -> Markup {
    html! {
        ol class="steps" { @for step in steps {
            @let (name, tone, class, word) = step.state.shown();
            li class=(class) aria-current=[(step.state == StepState::Running).then_some("step")] {
                span class={ "step-mark " (tone.class()) } {
                    (super::icon::icon_of(name, if step.state == StepState::Running { "icon spin" } else { "icon" }))
                }
                span class="step-title" {
                    (step.title)
                    // Without a time its state is in sight, and is not said twice.
                    @if step.time.is_some() { span class="visually-hidden" { ": " (word.in_(language)) } }
                }
                span class="step-time" { @if let Some(time) = &step.time { (time) } @else { (word.in_(language)) } }
                @if step.cause.is_some() || step.hint.is_some() {
                    div class="step-note" {
                        @if let Some(cause) = &step.cause { p class="step-cause" { (cause) } }
                        @if let Some(hint) = &step.hint { p class="step-hint" { (hint) } }
                    }
                }
            }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_and_escaped() {
        let entry = TimelineEntry {
            icon: "pencil",
            tone: Tone::Info,
            who: "<Ana>".to_owned(),
            what: html! { "editou" },
            when: html! {},
            changes: vec![Change {
                field: "Valor".to_owned(),
                before: None,
                after: Some("<b>".to_owned()),
            }],
            body: None,
            undo: None,
        };
        let text = timeline(Language::Portuguese, &[entry]).0;
        assert!(
            text.contains("&lt;Ana&gt;") && text.contains("&lt;b&gt;"),
            "{text}"
        );
        assert!(text.contains("antes </span>vazio"), "{text}");
    }

    #[test]
    fn a_step_says_its_state_in_words() {
        let step = |state| Step {
            title: "<Banco>".to_owned(),
            state,
            time: Some("2 s".to_owned()),
            cause: Some("<causa>".to_owned()),
            hint: None,
        };
        let text = steps(
            Language::English,
            &[step(StepState::Failed), step(StepState::Running)],
        )
        .0;
        assert!(
            text.contains(": Failed") && text.contains("&lt;causa&gt;"),
            "{text}"
        );
        assert_eq!(text.matches("aria-current=\"step\"").count(), 1);
    }
}
