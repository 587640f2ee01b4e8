//! `/api/opportunities/`: sales that may come about.

use crate::contract::error::{field, not_found};
use axum::Json;
use axum::response::IntoResponse;
use jiff::SignedDuration;
use serde_json::json;
use sindico_crm::board::{self, BoardQuery, Column};
use sindico_crm::list::Filter;
use sindico_crm::opportunities::{self, Place, Step};
use sindico_crm::pipelines;
use sindico_domain::crm::draft;
use sindico_domain::crm::filter::simple;
use sindico_domain::input::integer;

crate::portal::records::handlers!(
    Kind::Opportunity,
    "opportunities",
    "an opportunity",
    "opportunities",
    Opportunity,
    OpportunityInput,
    OpportunityPatch,
    OpportunityFilters,
    "/api/opportunities/",
    "/api/opportunities/{id}/",
    "/api/opportunities/{id}/restore/",
    "/api/opportunities/{id}/timeline/",
    "/api/opportunities/bulk/",
    "/api/opportunities/export/"
);

crate::portal::attachments::handlers!(
    Kind::Opportunity,
    "opportunities",
    "an opportunity",
    "/api/opportunities/{id}/attachments/"
);

/// Where a sale is to go.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct StageInput {
    /// The code of a stage of its pipeline.
    #[schema(example = "PROPOSAL")]
    stage: String,
    /// Why it was lost.
    #[schema(max_length = 500)]
    loss_reason: Option<String>,
}

/// Where a card is put.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"stage": "PROPOSAL", "after": 17}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct MoveInput {
    /// The column; its own unless told.
    stage: Option<String>,
    /// The card above it.
    after: Option<i64>,
    /// The card below it.
    before: Option<i64>,
    /// Why it was lost.
    #[schema(max_length = 500)]
    loss_reason: Option<String>,
    /// Any other field that the stage asks for, by its name, and `amount`: read when the card enters.
    amount: Option<String>,
}

/// Move an opportunity to another stage
#[utoipa::path(post, path = "/api/opportunities/{id}/stage/", tag = "opportunities",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = StageInput),
    responses(
        (status = 200, description = "It is there", body = Opportunity),
        (status = 400, description = "It can't go there from where it stands"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn stage(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let step = Step::parse(&body.0)?;
    let condition = crm.precondition();
    records::acted(
        opportunities::step(&crm.data, crm.by(), id, &step, (&condition, key.as_ref())).await?,
    )
}

/// Move a card on the board
///
/// To another column, or to another place in its own: below the card `after`, above the card `before`,
/// else to the top. One request, one row.
#[utoipa::path(post, path = "/api/opportunities/{id}/move/", tag = "opportunities",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = MoveInput),
    responses(
        (status = 200, description = "It is there", body = Opportunity),
        (status = 400, description = "It can't go there from where it stands"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn move_card(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let customs = crm.customs_told(&body.0).await?;
    let place = Place::parse(&customs, &body.0)?;
    let condition = crm.precondition();
    let members = crm.members_of(&place.users()).await?;
    let at = (&condition, key.as_ref());
    records::acted(opportunities::move_card(&crm.data, crm.by(), id, (&place, &members), at).await?)
}

/// What was done for an opportunity
#[utoipa::path(get, path = "/api/opportunities/{id}/history/", tag = "opportunities",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "`opportunity`, `activities`", body = Object),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn history(crm: Crm, Id(id): Id) -> ApiResult {
    let history = opportunities::history(&crm.data, id, &crm.readable()).await?;
    Ok(Json(history.ok_or_else(not_found)?).into_response())
}

/// The board
///
/// Of one pipeline: `pipeline`, or the first one. Each column with its totals and its first 30 cards; `next` goes on as `cursor` of the list with the
/// `sort` that the column names. Columns of what is closed show the last days only, the latest first.
#[utoipa::path(get, path = "/api/opportunities/board/", tag = "opportunities",
    params(
        ("closed_days" = Option<i64>, Query, minimum = 1, maximum = 3660, description = "How many days of what is closed; 30 by default"),
        OpportunityFilters,
    ),
    responses((status = 200, description = "`pipeline` as it is set up; `columns`, each with `stage`, `count`, `amount_total`, `cards`, `sort`, `next`", body = Object)))]
pub async fn board(crm: Crm, query: Query) -> ApiResult {
    let customs = crm.customs_named(&query).await?;
    let mut f = query.fields();
    let filters = simple::read((Kind::Opportunity, &*customs), &mut f);
    let days = f.read("closed_days", integer(1..=3660)).unwrap_or(30);
    f.finish().check(())?;
    // A board is of one pipeline; several in the query have none in common.
    let setup = pipelines::read(&crm.data).await?;
    let id = query.fields().read("pipeline", draft::id);
    let pipeline = id.map_or(Ok(setup.first()), |id| {
        let found = setup.find(id);
        found.ok_or_else(|| {
            field(
                "pipeline",
                format!("There is no pipeline with the id {id}."),
            )
        })
    })?;
    let asked = BoardQuery {
        pipeline: pipeline.clone(),
        filters: Filter::all(&filters, &crm.viewpoint()),
        closed_since: crm.now - SignedDuration::from_hours(24 * days),
        cards: board::CARDS,
        named: false,
    };
    let columns: Vec<Column> = board::show(&crm.data, &asked).await?;
    Ok(Json(
        json!({ "closed_since": asked.closed_since, "pipeline": asked.pipeline, "columns": columns }),
    )
    .into_response())
}
