//! What a company sets up (pipelines, reasons, custom fields), as it is held for a change and as the history has it.

use crate::records::json;
use serde_json::Value;
use sindico_db::Result;
use sindico_domain::access::capability::Resource;
use sindico_domain::crm::custom::CustomField;
use sindico_domain::crm::pipeline::{LossReason, Pipeline, Pipelines};

/// The word for custom fields.
pub(crate) const FIELD: &str = "custom_field";

/// Something that is set up, as it is held for a change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Held {
    Pipeline(Pipeline),
    Reason(LossReason),
    Field(CustomField),
}

impl Held {
    /// As the history has it.
    pub(crate) fn to_json(&self) -> Result<Value> {
        match self {
            Self::Pipeline(pipeline) => json(&pipeline.shape()),
            Self::Reason(reason) => json(reason),
            Self::Field(field) => json(&field.shape()),
        }
    }

    /// Reads what [`Held::to_json`] wrote.
    pub(crate) fn from_json(what: &str, value: &Value) -> Option<Self> {
        let value = value.clone();
        match what {
            "pipeline" => serde_json::from_value(value).ok().map(Self::Pipeline),
            FIELD => serde_json::from_value(value).ok().map(Self::Field),
            _ => serde_json::from_value(value).ok().map(Self::Reason),
        }
    }

    /// The word for its sort, and its id.
    pub(crate) fn named(&self) -> (&'static str, i64) {
        match self {
            Self::Pipeline(pipeline) => ("pipeline", pipeline.id),
            Self::Reason(reason) => ("loss_reason", reason.id),
            Self::Field(field) => (FIELD, field.id),
        }
    }

    /// The custom field, if it is one.
    pub(crate) fn field(&self) -> Option<&CustomField> {
        match self {
            Self::Field(field) => Some(field),
            _ => None,
        }
    }

    /// What it takes a permission for to set it up.
    pub(crate) fn resource(&self) -> Resource {
        match self {
            Self::Field(_) => Resource::CustomFields,
            _ => Resource::Pipelines,
        }
    }

    /// What there is now for sales of this sort and id.
    pub(crate) fn found(all: &Pipelines, what: &str, id: i64) -> Option<Self> {
        match what {
            "pipeline" => all.find(id).map(|found| Self::Pipeline(found.shape())),
            _ => {
                let found = all.reasons.iter().find(|reason| reason.id == id);
                found.cloned().map(Self::Reason)
            }
        }
    }
}
