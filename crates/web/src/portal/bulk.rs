//! `POST /api/leads/bulk/` and the like: one change to many records.

use super::crm::Crm;
use super::records::left;
use crate::contract::error::ApiResult;
use crate::contract::{Body, repeat};
use axum::Json;
use axum::response::IntoResponse;
use serde_json::{Map, Value};
use sindico_crm::bulk::{self, Asked, Preview};
use sindico_crm::list::Filter as Compiled;
use sindico_db::idempotency::{Key, Once};
use sindico_domain::crm::bulk::{Action, Bulk, MOST};
use sindico_domain::crm::custom::Known;
use sindico_domain::crm::filter::{Filter, Operand, Test, simple};
use sindico_domain::crm::{Kind, draft};
use sindico_domain::error::NON_FIELD_ERRORS;
use sindico_domain::input::{Fields, boolean, choice, text};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::control::members;
use std::collections::HashMap;

/// What is done to which records.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"filter": {"field": "status", "op": "is", "value": "NEW"}, "action": "reassign", "values": {"owner": 7}, "preview": true}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct BulkInput {
    /// A tree of conditions; this, or `ids`.
    #[schema(value_type = Option<Object>)]
    filter: Option<Value>,
    /// The ids of the records; these, or `filter`.
    #[schema(max_items = 10000)]
    ids: Option<Vec<i64>>,
    action: Action,
    /// For `edit` the fields to set, for `reassign` the field of the member, for `tag` and `untag` `tags`.
    #[schema(value_type = Option<Object>)]
    values: Option<Value>,
    /// True unless told: nothing is changed.
    preview: Option<bool>,
    /// Of the preview that is to be done.
    token: Option<String>,
}

/// A bulk edit as it was asked for.
pub struct Told {
    /// What is done.
    pub bulk: Bulk,
    /// To which records.
    pub filter: Filter,
    /// Whether only to look at it.
    pub preview: bool,
    /// The preview that is to be done.
    pub token: Option<String>,
}

impl Told {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse<'a>(
        known: impl Into<Known<'a>>,
        body: &Map<String, Value>,
    ) -> Result<Self, FieldErrors> {
        let known = known.into();
        let kind = known.kind;
        let mut f = Fields::new(body);
        let filter = match (body.contains_key("ids"), body.contains_key("filter")) {
            (true, true) => {
                f.error(NON_FIELD_ERRORS, "Send filter or ids, and not both.");
                None
            }
            (true, false) => f
                .read("ids", ids)
                .and_then(|ids| Filter::on(kind, "id", Test::In(ids))),
            (false, true) => simple::tree(known, &mut f),
            (false, false) => {
                f.error(
                    NON_FIELD_ERRORS,
                    "Say which records: send filter or ids. {\"all\": []} is all of them.",
                );
                None
            }
        };
        let action = f.require("action", |value| {
            let action = choice::<Action>(value)?;
            match action.fits(kind) {
                true => Ok(action),
                false => Err(format!(
                    "This can't be done to many of {}.",
                    kind.resource()
                )),
            }
        });
        let values = f.read("values", |value| match value {
            Value::Object(values) => Ok(values.clone()),
            _ => Err("Expected an object.".to_owned()),
        });
        let preview = f.read("preview", boolean).unwrap_or(true);
        let token = f.read("token", text(1..=100));
        if !preview && !body.contains_key("token") {
            f.error("token", "Ask for a preview first, and send its token.");
        }
        let wrong = values.is_none() && body.contains_key("values");
        let values = values.unwrap_or_default();
        let bulk = action
            .filter(|_| !wrong)
            .map(|action| Bulk::parse(known, action, &values));
        let mut errors = f.finish();
        let bulk = match bulk {
            Some(Ok(bulk)) => Some(bulk),
            Some(Err(wrong)) => {
                errors.nest("values", wrong);
                None
            }
            None => None,
        };
        errors.check(())?;
        match (bulk, filter) {
            (Some(bulk), Some(filter)) => Ok(Self {
                bulk,
                filter,
                preview,
                token,
            }),
            _ => Err(FieldErrors::whole("Send filter or ids, action and values.")),
        }
    }
}

fn ids(value: &Value) -> Result<Vec<Operand>, String> {
    let Value::Array(ids) = value else {
        return Err("Expected a list of ids.".to_owned());
    };
    if ids.is_empty() {
        return Err("Name at least one id.".to_owned());
    }
    if ids.len() > MOST {
        return Err(format!("Use at most {MOST} ids, and do the rest after."));
    }
    ids.iter()
        .map(|value| draft::id(value).map(Operand::Int))
        .collect()
}

/// A bulk edit with what it takes to plan it.
pub struct Ready<'a> {
    told: &'a Told,
    filter: Compiled,
    members: HashMap<i64, String>,
}

impl<'a> Ready<'a> {
    /// Looks up whom it names.
    ///
    /// # Errors
    /// The caller's role may not do it; or the control database can't be reached.
    pub async fn new(crm: &Crm, told: &'a Told) -> ApiResult<Self> {
        let (kind, method) = (told.bulk.kind, told.bulk.action.method());
        if !crm.may(kind, method) {
            return Err(Refusal::Forbidden(format!(
                "It takes {method} on {}, which your role may not in this tenant.",
                kind.resource()
            ))
            .into());
        }
        let users = told.bulk.users();
        let members = match users.is_empty() {
            true => HashMap::new(),
            false => members::active(crm.app().store(), crm.tenant.company.id, &users).await?,
        };
        Ok(Self {
            told,
            filter: Compiled::of(&told.filter, &crm.viewpoint()),
            members,
        })
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            bulk: &self.told.bulk,
            filter: &self.filter,
            members: &self.members,
        }
    }

    /// What it would do.
    ///
    /// # Errors
    /// As [`bulk::preview`].
    pub async fn preview(&self, crm: &Crm) -> ApiResult<Preview> {
        Ok(bulk::preview(&crm.data, crm.by(), &self.asked()).await?)
    }

    /// Does it.
    ///
    /// # Errors
    /// As [`bulk::run`].
    pub async fn run(&self, crm: &Crm, key: Option<&Key>) -> ApiResult<Once<Value>> {
        let token = self.told.token.as_deref().unwrap_or_default();
        Ok(bulk::run(&crm.data, crm.by(), &self.asked(), token, key).await?)
    }
}

pub(super) async fn submit(kind: Kind, crm: Crm, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let customs = crm.customs_told(&body.0).await?;
    let told = Told::parse((kind, &customs), &body.0)?;
    let ready = Ready::new(&crm, &told).await?;
    if told.preview {
        return Ok(Json(ready.preview(&crm).await?).into_response());
    }
    let once = ready.run(&crm, key.as_ref()).await?;
    let response = Json(&once.value).into_response();
    Ok(left(repeat::mark(response, once.replayed), once.change_set))
}
