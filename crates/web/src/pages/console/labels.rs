//! The words and colours of states, the same on every page.

use crate::pages::kit::{Tone, badge, badge_icon};
use crate::pages::language::{Language, Word};
use crate::pages::words::console as w;
use jiff::Timestamp;
use maud::{Markup, html};
use sindico_domain::operation::{Operation, OperationStatus};
use sindico_domain::tenant::{ContractStatus, IsolationModel, Plan, ProvisioningStatus, Tenant};

/// Where provisioning stands.
pub(super) fn status_word(status: ProvisioningStatus) -> (Tone, &'static str, Word) {
    match status {
        ProvisioningStatus::Pending => (Tone::Neutral, "circle-dashed", w::PENDING),
        ProvisioningStatus::Provisioning => (Tone::Info, "loader-circle", w::PROVISIONING),
        ProvisioningStatus::Ready => (Tone::Ok, "circle-check", w::READY),
        ProvisioningStatus::Failed => (Tone::Danger, "circle-alert", w::FAILED),
    }
}

pub(super) fn status(language: Language, status: ProvisioningStatus) -> Markup {
    let (tone, icon, word) = status_word(status);
    badge_icon(tone, icon, word.in_(language))
}

/// Where the contract stands.
pub(super) fn contract_word(status: ContractStatus) -> (Tone, Word) {
    match status {
        ContractStatus::Trial => (Tone::Info, w::TRIAL),
        ContractStatus::Active => (Tone::Ok, w::IN_FORCE),
        ContractStatus::Suspended => (Tone::Warn, w::SUSPENDED),
        ContractStatus::Canceled => (Tone::Neutral, w::CANCELED),
    }
}

pub(super) fn contract(language: Language, status: ContractStatus) -> Markup {
    let (tone, word) = contract_word(status);
    badge(tone, word.in_(language))
}

/// What is to be known of a tenant at a glance.
pub(super) fn badges(language: Language, tenant: &Tenant) -> Markup {
    html! {
        span class="row" {
            (status(language, tenant.provisioning.status))
            (contract(language, tenant.contract.status))
            @if !tenant.is_active { (badge_icon(Tone::Danger, "ban", w::INACTIVE.in_(language))) }
        }
    }
}

pub(super) fn plan(plan: Plan) -> Word {
    match plan {
        Plan::Starter => w::STARTER,
        Plan::Pro => w::PRO,
        Plan::Enterprise => w::ENTERPRISE,
    }
}

pub(super) fn model(model: IsolationModel) -> Word {
    match model {
        IsolationModel::DatabasePerTenant => w::OWN_DATABASE,
        IsolationModel::SharedSchema => w::SHARED_SCHEMA,
    }
}

/// Where an operation stands.
pub(super) fn operation_word(status: OperationStatus) -> (Tone, Word) {
    match status {
        OperationStatus::Queued => (Tone::Neutral, w::OP_QUEUED),
        OperationStatus::Running => (Tone::Info, w::OP_RUNNING),
        OperationStatus::Succeeded => (Tone::Ok, w::OP_SUCCEEDED),
        OperationStatus::Failed => (Tone::Danger, w::OP_FAILED),
        OperationStatus::Canceled => (Tone::Warn, w::OP_CANCELED),
    }
}

pub(super) fn operation(language: Language, operation: &Operation) -> Markup {
    let (tone, word) = operation_word(operation.status);
    let stopping = operation.cancel_requested && !operation.status.is_final();
    match stopping {
        true => badge(Tone::Warn, w::OP_STOPPING.in_(language)),
        false => badge(tone, word.in_(language)),
    }
}

/// What a step does, in words; one that is new to this program keeps its name.
pub(super) fn step(language: Language, name: &str) -> String {
    let word = match name {
        "reserve" => w::STEP_RESERVE,
        "secret" => w::STEP_SECRET,
        "roles" => w::STEP_ROLES,
        "database" => w::STEP_DATABASE,
        "grants" => w::STEP_GRANTS,
        "settings" => w::STEP_SETTINGS,
        "open" => w::STEP_OPEN,
        "migrate" => w::STEP_MIGRATE,
        "identity" => w::STEP_IDENTITY,
        "sign_in" => w::STEP_SIGN_IN,
        "publish" => w::STEP_PUBLISH,
        other => return other.to_owned(),
    };
    word.in_(language).to_owned()
}

/// How long something took: `0,3 s`, `12 s`, `2 min 5 s`.
pub(super) fn took(language: Language, from: Timestamp, to: Timestamp) -> String {
    let millis = (to.as_millisecond() - from.as_millisecond()).max(0);
    let seconds = millis / 1000;
    match seconds {
        0 if millis < 100 => w::BLINK.in_(language).to_owned(),
        0..=9 => {
            let tenths = rust_decimal::Decimal::new(millis / 100, 1);
            w::seconds(
                language,
                crate::pages::kit::format::decimal(language, tenths, 1),
            )
        }
        10..=59 => w::seconds(language, seconds),
        60..=3599 => w::minutes(language, seconds / 60, seconds % 60),
        _ => w::hours(language, seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::language::Language::{English, Portuguese};

    #[test]
    fn times_are_short() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        for (millis, portuguese, english) in [
            (340, "0,3 s", "0.3 s"),
            (12_900, "12 s", "12 s"),
            (125_000, "2 min 5 s", "2 min 5 s"),
            (7_500_000, "2 h 5 min", "2 h 5 min"),
            (-5, "< 0,1 s", "< 0.1 s"),
        ] {
            assert_eq!(took(Portuguese, at(0), at(millis)), portuguese);
            assert_eq!(took(English, at(0), at(millis)), english);
        }
    }

    #[test]
    fn every_step_has_words() {
        for name in sindico_provisioning::plan::Step::names() {
            assert_ne!(step(Portuguese, name), name);
        }
    }
}
