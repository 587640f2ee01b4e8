//! Gates: what must be told of a sale before it enters a stage, on whatever way it comes.

use super::{Entering, LossReason, Pipeline};
use crate::FieldErrors;
use crate::crm::custom::{self, Customs};
use crate::crm::datum::Datum;
use crate::crm::field::Access;
use crate::crm::kind::Kind;
use crate::crm::record::Record;
use crate::crm::record::Rules;
use std::borrow::Cow;

/// A field that a gate asks for, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedField {
    /// Its name; `custom.<key>` for a custom field.
    pub name: Cow<'static, str>,
    /// Whether something is there that is not one of the company's reasons.
    pub unknown_reason: bool,
}

/// Whether a gate may ask for this field: one that people write, and that can be empty.
pub fn may_require(name: &str) -> bool {
    let fields = Kind::Opportunity.fields();
    let asked = |name: &str| !matches!(name, "title" | "stage" | "pipeline" | custom::FIELDS);
    fields
        .iter()
        .any(|field| field.name == name && field.access == Access::Input && asked(name))
}

/// Whether nothing is told in this field. A sale of no value is one whose value nobody has told.
fn is_missing(record: &Record, name: &str) -> bool {
    if let Some(key) = name.strip_prefix(custom::PREFIX) {
        return record
            .customs()
            .is_none_or(|values| values.get(key).is_none());
    }
    match record.get(name) {
        Datum::Money(amount) => amount.is_zero(),
        Datum::Text(text) => text.trim().is_empty(),
        datum => datum.is_empty(),
    }
}

impl Pipeline {
    /// What the gate of the stage with this code asks for, and this record does not tell.
    pub fn asks(
        &self,
        code: &str,
        record: &Record,
        (reasons, customs): (&[LossReason], &Customs),
    ) -> Vec<AskedField> {
        let Some(stage) = self.stage(code) else {
            return Vec::new();
        };
        let fields = Kind::Opportunity.fields().iter();
        let fields = fields.map(|field| Cow::Borrowed(field.name));
        // One that is deleted is not asked for, until it comes back.
        let customs = customs.of(Kind::Opportunity);
        let fields = fields.chain(customs.map(|field| Cow::Owned(field.name())));
        let asked = fields.filter(|name| stage.required_fields.iter().any(|one| one == name));
        asked
            .filter_map(|name| {
                let missing = is_missing(record, &name);
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
        (before, after): (Option<&Record>, &Record),
        entering: Entering,
        rules: Rules<'_>,
        errors: &mut FieldErrors,
    ) {
        let code = after.text("stage");
        let reasons = rules.pipelines.reasons.as_slice();
        for asked in self.asks(code, after, (reasons, rules.customs)) {
            let name: &str = &asked.name;
            let stays = entering == Entering::No;
            let as_before = before.is_some_and(|before| before.told(name) == after.told(name));
            let never_told = before.is_some_and(|before| is_missing(before, name));
            if stays && (as_before || never_told && !asked.unknown_reason) {
                continue;
            }
            let path = match name.strip_prefix(custom::PREFIX) {
                Some(key) => custom::path(key),
                None => name.to_owned(),
            };
            errors.add(&path, asked.message(code, reasons));
        }
    }
}

impl Pipeline {
    /// That the custom fields are there for which its stages have begun to ask. One that was deleted since stays
    /// named, and is asked for again when it comes back.
    ///
    /// # Errors
    /// Those that are not.
    pub fn knows(&self, before: Option<&Self>, customs: &Customs) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        for stage in &self.stages {
            let was = before.and_then(|before| before.stage(&stage.code));
            for name in &stage.required_fields {
                let known = customs.named(Kind::Opportunity, name).is_some();
                let old = was.is_some_and(|was| was.required_fields.contains(name));
                if name.starts_with(custom::PREFIX) && !known && !old {
                    errors.add("required_fields", format!("A stage can't ask for {name}."));
                }
            }
        }
        errors.check(())
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
