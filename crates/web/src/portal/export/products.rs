//! The list of products as a file.

use super::{Pieces, Taken, columns, format, instant, respond, yes_or_no};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::language::Language;
use crate::pages::page::language;
use crate::pages::words::{quotes as w, records as r};
use crate::portal::crm::Crm;
use crate::portal::products::asked;
use jiff::tz::TimeZone;
use sindico_crm::products::{Export, Listed};
use sindico_domain::access::capability::{Method, Resource};
use sindico_sheet::Cell;

/// All that there is of a product.
const ALL: [&str; 9] = [
    "id",
    "name",
    "code",
    "description",
    "unit",
    "price",
    "active",
    "created_at",
    "updated_at",
];

/// `GET /api/products/export/`.
pub(in crate::portal) async fn export(crm: &Crm, query: &Query) -> ApiResult {
    crm.tenant.require(Resource::Products, Method::Get)?;
    let mut fields = query.fields();
    let xlsx = format(&mut fields);
    let all = ALL.map(str::to_owned).to_vec();
    let columns = fields.read("columns", |value| columns(&all, value));
    let asked = asked(&mut fields);
    fields.finish().check(())?;
    let language = language(&crm.headers);
    let columns = columns.unwrap_or(all);
    let head = columns.iter().map(|name| head(language, name)).collect();
    let taken = Taken {
        kind: "product",
        title: w::PRODUCTS.in_(language),
        head,
        language,
        xlsx,
    };
    let begin = async {
        let export = Export::begin(&crm.data, &asked).await?;
        let zone = crm.zone();
        Ok(Products {
            export,
            language,
            zone,
            columns,
        })
    };
    respond(crm, query, taken, begin).await
}

fn head(language: Language, name: &str) -> Cell {
    let word = match name {
        "name" => w::NAME,
        "code" => w::CODE,
        "description" => w::DESCRIPTION,
        "unit" => w::UNIT,
        "price" => w::PRICE,
        "active" => w::OFFERED,
        "created_at" => r::CREATED_AT,
        "updated_at" => r::UPDATED_AT,
        _ => return Cell::Text("ID".to_owned()),
    };
    Cell::Text(word.in_(language).to_owned())
}

/// The products that are read.
struct Products {
    export: Export,
    language: Language,
    zone: TimeZone,
    columns: Vec<String>,
}

impl Products {
    fn row(&self, one: &Listed) -> Vec<Cell> {
        let text = |text: &str| match text {
            "" => Cell::Empty,
            text => Cell::Text(text.to_owned()),
        };
        let cell = |name: &String| match name.as_str() {
            "name" => text(&one.name),
            "code" => text(&one.code),
            "description" => text(&one.description),
            "unit" => text(&one.unit),
            "price" => Cell::Number(one.price),
            "active" => yes_or_no(self.language, one.active),
            "created_at" => instant(&self.zone, one.created_at),
            "updated_at" => instant(&self.zone, one.updated_at),
            _ => Cell::Number(one.id.into()),
        };
        self.columns.iter().map(cell).collect()
    }
}

impl Pieces for Products {
    async fn next(&mut self) -> Result<Vec<Vec<Cell>>, String> {
        let found = self.export.next().await;
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.iter().map(|one| self.row(one)).collect())
    }
}
