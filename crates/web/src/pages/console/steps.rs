//! An operation's steps, as they are now: each with its state, its time, and what went wrong. While the
//! operation is at work, a script asks for them each second; a reload shows the same.

use super::labels;
use crate::pages::kit::record::{Step as Shown, StepState};
use crate::pages::kit::{Tone, format, notice, steps};
use crate::pages::messages::translate;
use crate::pages::page::Page;
use crate::pages::words::{console as c, tenants as w};
use maud::{Markup, html};
use sindico_domain::operation::{Operation, OperationStatus, Step, StepStatus};

/// The operation with its steps.
pub(super) fn live(page: &Page, operation: &Operation) -> Markup {
    let language = page.language();
    let now = page.now.to_zoned(page.zone.clone());
    let asked = format::relative_text(language, operation.created_at, &now);
    html! {
        div class="stack" {
            div class="row" {
                (labels::operation(language, operation))
                span class="quiet" { (w::run_by(language, super::diff::actor(language, &operation.requested_by), asked)) }
                @if let Some(total) = total(page, operation) { span class="quiet number" { "· " (total) } }
            }
            @if operation.status == OperationStatus::Failed || operation.status == OperationStatus::Canceled {
                (outcome(page, operation))
            }
            @if let Some(at) = operation.next_attempt_at && operation.attempts > 0 {
                p class="quiet" { (w::next_try(language, format::relative_text(language, at, &now))) }
            }
            (steps(language, &operation.steps.iter().map(|step| shown(page, operation, step)).collect::<Vec<_>>()))
            p class="visually-hidden" role="status" { (heard(page, operation)) }
        }
    }
}

/// Why it ended without success, and what to do.
fn outcome(page: &Page, operation: &Operation) -> Markup {
    let language = page.language();
    if operation.error.is_empty() {
        return html! {};
    }
    let tone = match operation.status {
        OperationStatus::Canceled => Tone::Warn,
        _ => Tone::Danger,
    };
    let cause = translate(language, &operation.error);
    let body = (!operation.hint.is_empty()).then(|| {
        html! { strong { (page.t(w::WHAT_TO_DO)) ": " } (translate(language, &operation.hint)) }
    });
    notice(tone, &cause, body)
}

fn total(page: &Page, operation: &Operation) -> Option<String> {
    let from = operation.started_at?;
    let to = operation.finished_at.unwrap_or(page.now);
    Some(labels::took(page.language(), from, to))
}

fn shown(page: &Page, operation: &Operation, step: &Step) -> Shown {
    let language = page.language();
    let state = match step.status {
        StepStatus::Pending => StepState::Waiting,
        StepStatus::Running | StepStatus::Retrying => StepState::Running,
        StepStatus::Done => StepState::Done,
        StepStatus::Skipped => StepState::Skipped,
        StepStatus::Failed => StepState::Failed,
    };
    let spent = step.started_at.and_then(|from| {
        let ends = match (step.finished_at, operation.status.is_final()) {
            (Some(end), _) => end,
            (None, false) => page.now,
            (None, true) => return None,
        };
        Some(labels::took(language, from, ends))
    });
    let time = match (step.status, spent) {
        (StepStatus::Pending | StepStatus::Skipped, _) => None,
        (_, Some(spent)) if step.attempts > 1 => {
            let tries = w::attempts(language, step.attempts);
            Some(format!("{spent} · {tries}"))
        }
        (_, spent) => spent,
    };
    let text = |text: &str| (!text.is_empty()).then(|| translate(language, text));
    let title = labels::step(language, &step.name);
    let failed = matches!(step.status, StepStatus::Failed | StepStatus::Retrying);
    Shown {
        title,
        state,
        time,
        cause: failed.then(|| text(&step.error)).flatten(),
        hint: match failed {
            true => text(&step.hint),
            false => text(&step.outcome),
        },
    }
}

/// For those who listen: one line, not eleven.
fn heard(page: &Page, operation: &Operation) -> String {
    let language = page.language();
    let all = operation.steps.len();
    let at = |step: &&Step| matches!(step.status, StepStatus::Running | StepStatus::Retrying);
    if operation.status == OperationStatus::Succeeded {
        return page.t(w::ALL_DONE).to_owned();
    }
    match operation.steps.iter().position(|step| at(&step)) {
        Some(index) => {
            let name = labels::step(language, &operation.steps[index].name);
            w::step_of(language, index + 1, all, name)
        }
        None => page
            .t(labels::operation_word(operation.status).1)
            .to_owned(),
    }
}

/// The attributes' address that keeps a part of a page up to date while the operation is at work.
pub(super) fn poll(operation: Option<&Operation>, address: String) -> Option<String> {
    operation
        .is_some_and(|operation| !operation.status.is_final())
        .then_some(address)
}

/// The word for a cancel that was asked for.
pub(super) fn cancel_word(operation: &Operation) -> Option<crate::pages::language::Word> {
    let live = !operation.status.is_final();
    match (live, operation.cancel_requested) {
        (true, false) => Some(w::CANCEL_RUN),
        (true, true) => Some(c::OP_STOPPING),
        _ => None,
    }
}
