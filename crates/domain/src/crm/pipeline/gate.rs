//! Gates: what must be told of a sale before it enters a stage, on whatever way it comes.

use super::{Entering, LossReason, Pipeline};
use crate::FieldErrors;
use crate::crm::datum::Datum;
use crate::crm::field::Access;
use crate::crm::kind::Kind;
use crate::crm::record::Record;

/// A field that a gate asks for, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedField {
    /// Its name.
    pub name: &'static str,
    /// Whether something is there that is not one of the company's reasons.
    pub unknown_reason: bool,
}

/// Whether a gate may ask for this field: one that people write, and that can be empty.
pub fn may_require(name: &str) -> bool {
    let fields = Kind::Opportunity.fields();
    let asked = |name: &str| !matches!(name, "title" | "stage" | "pipeline");
    fields
        .iter()
        .any(|field| field.name == name && field.access == Access::Input && asked(name))
}

/// Whether nothing is told in this field. A sale of no value is one whose value nobody has told.
fn is_missing(record: &Record, name: &str) -> bool {
    match record.get(name) {
        Datum::Money(amount) => amount.is_zero(),
        Datum::Text(text) => text.trim().is_empty(),
        datum => datum.is_empty(),
    }
}

impl Pipeline {
    /// What the gate of the stage with this code asks for, and this record does not tell.
    pub fn asks(&self, code: &str, record: &Record, reasons: &[LossReason]) -> Vec<AskedField> {
        let Some(stage) = self.stage(code) else {
            return Vec::new();
        };
        let fields = Kind::Opportunity.fields().iter().map(|field| field.name);
        let asked = fields.filter(|name| stage.required_fields.iter().any(|one| one == name));
        asked
            .filter_map(|name| {
                let missing = is_missing(record, name);
                let unknown_reason = !missing && name == "loss_reason" && !known(record, reasons);
                (missing || unknown_reason).then_some(AskedField {
                    name,
                    unknown_reason,
                })
            })
            .collect()
    }

    /// Notes what is missing. Of a sale that stays, only what was told before, and is taken away now.
    pub(super) fn check(
        &self,
        before: Option<&Record>,
        after: &Record,
        entering: Entering,
        reasons: &[LossReason],
        errors: &mut FieldErrors,
    ) {
        let code = after.text("stage");
        for asked in self.asks(code, after, reasons) {
            let name = asked.name;
            let stays = entering == Entering::No;
            let as_before = before.is_some_and(|before| before.get(name) == after.get(name));
            let never_told = before.is_some_and(|before| is_missing(before, name));
            if stays && (as_before || never_told && !asked.unknown_reason) {
                continue;
            }
            errors.add(name, asked.message(code, reasons));
        }
    }
}

impl AskedField {
    /// What is to be done, in words.
    pub fn message(&self, code: &str, reasons: &[LossReason]) -> String {
        if self.name == "loss_reason" && !reasons.is_empty() {
            let words: Vec<&str> = reasons.iter().map(|reason| reason.name.as_str()).collect();
            return format!(
                "The stage {code} asks for a reason. Use one of: {}.",
                words.join(", ")
            );
        }
        format!("The stage {code} asks for this field.")
    }
}

fn known(record: &Record, reasons: &[LossReason]) -> bool {
    let told = record.text("loss_reason");
    reasons.is_empty() || reasons.iter().any(|reason| reason.name == told)
}
