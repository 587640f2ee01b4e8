//! Customers and leads that may be there twice, and making them one. Each kind's own file names its addresses.

use super::crm::Crm;
use super::records;
use crate::contract::error::ApiResult;
use crate::contract::{Body, Query};
use axum::Json;
use axum::response::IntoResponse;
use sindico_crm::duplicates::{self, Probe};
use sindico_crm::merge::{self, Merge};
use sindico_domain::crm::{Kind, draft};
use sindico_domain::input::text;

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
     $similar:literal, $duplicates:literal, $merge:literal) => {
        #[doc = concat!("Find ", $many, " that look like one")]
        ///
        /// Those with the same document, e-mail address, telephone, or name (but for accents, case and legal form),
        /// the surest first, five at the most: `[{"record": {...}, "reasons": ["document", "name"]}]`.
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
        /// hundred at the most, each with its first ten: `[{"reason": "document", "count": 2, "records": [...]}]`.
        #[utoipa::path(get, path = $duplicates, tag = $tag,
            responses(
                (status = 200, description = "`reason`, `count` and `records` of each", body = Vec<Object>),
                (status = 403, description = "The caller's role may not"),
            ))]
        pub async fn duplicates(crm: Crm) -> ApiResult {
            crate::portal::duplicates::groups($kind, crm).await
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
