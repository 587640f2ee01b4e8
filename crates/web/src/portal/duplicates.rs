//! Customers and leads that may be there twice, and making them one. Each kind's own file names its addresses.

use super::crm::Crm;
use super::records;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::{Body, Query, list};
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::Value;
use sindico_crm::duplicates::dismissed::{self, MOST};
use sindico_crm::duplicates::{self, Probe};
use sindico_crm::merge::{self, Merge};
use sindico_domain::FieldErrors;
use sindico_domain::crm::{Kind, draft};
use sindico_domain::input::{Fields, Parsed, text};

/// What is asked about somebody, as it is typed: half a number is no mistake here.
pub(crate) fn probe(query: &Query) -> ApiResult<Probe> {
    let mut f = query.fields();
    let [name, email, phone, document] =
        ["name", "email", "phone", "document"].map(|field| f.read(field, text(0..=255)));
    let except = f.read("except", draft::id);
    f.finish().check(())?;
    Ok(Probe {
        name: name.unwrap_or_default(),
        email: email.unwrap_or_default(),
        phone: phone.unwrap_or_default(),
        document: document.unwrap_or_default(),
        except,
    })
}

pub(super) async fn similar(kind: Kind, crm: Crm, query: Query) -> ApiResult {
    let found = duplicates::alike(&crm.data, kind, &probe(&query)?).await?;
    Ok(Json(found).into_response())
}

pub(super) async fn groups(kind: Kind, crm: Crm) -> ApiResult {
    Ok(Json(duplicates::groups(&crm.data, kind).await?).into_response())
}

pub(super) async fn merge(kind: Kind, crm: Crm, id: i64, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let customs = crm.customs_told(&body.0).await?;
    let told = Merge::parse((kind, &customs), &body.0)?;
    let may = |kind: Kind, method| crm.may(kind, method);
    let condition = crm.precondition();
    let at = (&condition, key.as_ref());
    records::acted(merge::merge(&crm.data, crm.by(), (kind, id), (&told, &may), at).await?)
}

/// Of which records somebody says that no two are one, in `ids`: a list, or as addresses and forms have it, with commas.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn several(mut f: Fields<'_>) -> Result<Vec<i64>, FieldErrors> {
    let ids = f.require("ids", |value| {
        let ids: Vec<Value> = match value {
            Value::Array(ids) => ids.clone(),
            Value::String(ids) => ids.split(',').map(|id| id.trim().into()).collect(),
            _ => Vec::new(),
        };
        if !(2..=MOST).contains(&ids.len()) {
            return Err(format!("Expected a list of 2 to {MOST} ids."));
        }
        let mut ids = ids.iter().map(draft::id).collect::<Parsed<Vec<i64>>>()?;
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("The id {} is there twice.", pair[0])),
            None => Ok(ids),
        }
    });
    f.finish().check(ids.unwrap_or_default())
}

pub(super) async fn dismissed(kind: Kind, path: &str, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    f.finish().check(())?;
    let page = dismissed::list(&crm.data, kind, &request).await?;
    Ok(list::respond(path, &query, &page))
}

pub(super) async fn dismiss(kind: Kind, crm: Crm, body: Body) -> ApiResult {
    let ids = several(Fields::new(&body.0))?;
    let said = dismissed::dismiss(&crm.data, crm.by(), kind, &ids).await?;
    Ok(Json(said).into_response())
}

pub(super) async fn take_back(kind: Kind, crm: Crm, query: Query) -> ApiResult {
    let ids = several(query.fields())?;
    match dismissed::take_back(&crm.data, crm.by(), kind, &ids).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

/// What is said of records that are not one.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"ids": [7, 9]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct DismissalInput {
    /// No two of these are one.
    #[schema(min_items = 2, max_items = 50)]
    ids: Vec<i64>,
}

/// What a merge may be told.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"other": 9, "fields": {"email": "other", "notes": "both"}}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct MergeInput {
    /// The record that goes.
    other: i64,
    /// Its version as it was seen; without it any will do.
    other_version: Option<i64>,
    /// Whose value of a field stays: `this`, `other`, or `both` for tags, addresses, contacts and notes.
    #[schema(value_type = Option<Object>)]
    fields: Option<serde_json::Value>,
}

/// The addresses of a kind that can be there twice, with their documentation.
macro_rules! mergeable {
    ($kind:expr, $tag:literal, $one:literal, $many:literal, $shown:ident,
     $similar:literal, $duplicates:literal, $dismissed:literal, $merge:literal) => {
        #[doc = concat!("Find ", $many, " that look like one")]
        ///
        /// Those with the same document, e-mail address, telephone, or name (but for accents, case and legal form),
        /// the surest first, five at the most: `[{"record": {...}, "reasons": ["document", "name"]}]`. With `except`,
        /// those of which it was said that they are not this one are told only for what else they share by now.
        #[utoipa::path(get, path = $similar, tag = $tag,
            params(
                ("name" = Option<String>, Query, description = "A name"),
                ("email" = Option<String>, Query, description = "An e-mail address"),
                ("phone" = Option<String>, Query, description = "A telephone, however it is written"),
                ("document" = Option<String>, Query, description = "CPF or CNPJ, however it is written"),
                ("except" = Option<i64>, Query, description = "The id of the one that is being changed"),
            ),
            responses(
                (status = 200, description = "`record` and `reasons` of each", body = Vec<Object>),
                (status = 400, description = "A parameter is wrong"),
                (status = 403, description = "The caller's role may not"),
            ))]
        pub async fn similar(crm: Crm, query: Query) -> ApiResult {
            crate::portal::duplicates::similar($kind, crm, query).await
        }

        #[doc = concat!("Find ", $many, " that may be there twice")]
        ///
        /// Groups that share a document, an e-mail address, a telephone or a name, the surest and largest first, a
        /// hundred at the most, each with its first ten: `[{"reason": "document", "count": 2, "records": [...]}]`. Those of
        /// which it was said that they are not one are in no group together: what is left of one may be several.
        #[utoipa::path(get, path = $duplicates, tag = $tag,
            responses(
                (status = 200, description = "`reason`, `count` and `records` of each", body = Vec<Object>),
                (status = 403, description = "The caller's role may not"),
            ))]
        pub async fn duplicates(crm: Crm) -> ApiResult {
            crate::portal::duplicates::groups($kind, crm).await
        }

        #[doc = concat!("List ", $many, " that are not one")]
        ///
        /// What was said, the latest first, of those that are there.
        #[utoipa::path(get, path = $dismissed, tag = $tag,
            params(
                ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
                ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
            ),
            responses(
                (status = 200, description = "Each with its `records`; `Link` names the next page", body = Vec<sindico_crm::duplicates::dismissed::Dismissed>),
                (status = 400, description = "A parameter is wrong"),
                (status = 403, description = "The caller's role may not"),
            ))]
        pub async fn dismissed(crm: Crm, query: Query) -> ApiResult {
            crate::portal::duplicates::dismissed($kind, $dismissed, crm, query).await
        }

        #[doc = concat!("Say that some ", $many, " are not one")]
        ///
        /// Of each pair of these: they are no duplicates for what they have in common now, and are told again once they
        /// share something else. To say it twice is to say it once. It takes the permission to change them.
        #[utoipa::path(post, path = $dismissed, tag = $tag,
            request_body(content = crate::portal::duplicates::DismissalInput),
            responses(
                (status = 200, description = "What was said of these by now, a pair each", body = Vec<sindico_crm::duplicates::dismissed::Dismissed>),
                (status = 400, description = "On `ids`: fewer than 2 or more than 50, one twice, one that is not there, or nothing in common"),
                (status = 403, description = "The caller's role may not change them"),
            ))]
        pub async fn dismiss(crm: Crm, body: Body) -> ApiResult {
            crate::portal::duplicates::dismiss($kind, crm, body).await
        }

        #[doc = concat!("Take back that some ", $many, " are not one")]
        ///
        /// Of each pair of these.
        #[utoipa::path(delete, path = $dismissed, tag = $tag,
            params(("ids" = String, Query, description = "Their ids, with commas")),
            responses(
                (status = 204, description = "They are told again"),
                (status = 400, description = "`ids` are none"),
                (status = 403, description = "The caller's role may not change them"),
                (status = 404, description = "Nothing was said of two of these"),
            ))]
        pub async fn take_back(crm: Crm, query: Query) -> ApiResult {
            crate::portal::duplicates::take_back($kind, crm, query).await
        }

        #[doc = concat!("Merge another into ", $one)]
        ///
        /// In one transaction: this one stays, with the chosen values; everything that referred to the other refers to
        /// it; the other goes to the bin. Unless told, nothing that was written is lost. `X-Change-Set` can be undone.
        /// It takes the permission to change and to delete, and to change what may refer to the other.
        #[utoipa::path(post, path = $merge, tag = $tag,
            params(
                ("id" = i64, Path, description = "The one that stays"),
                ("If-Match" = Option<String>, Header, description = "Merge only into this version"),
                ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
            ),
            request_body(content = crate::portal::duplicates::MergeInput),
            responses(
                (status = 200, description = "The one that stays", body = $shown),
                (status = 400, description = "There is no such other one, or a choice is wrong, or the two can't become one"),
                (status = 403, description = "The caller's role may not change or delete what a merge does"),
                (status = 404, description = "Not in this tenant, or in the bin"),
                (status = 412, description = "One of them has changed since"),
            ))]
        pub async fn merge(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
            crate::portal::duplicates::merge($kind, crm, id, body).await
        }
    };
}
pub(super) use mergeable;
