//! Lists of records as files, as an import reads them.

use super::{Pieces, Taken, columns, format, instant, respond, yes_or_no};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::language::Language;
use crate::pages::page::language;
use crate::pages::words::{fields as f, records as w};
use crate::portal::crm::Crm;
use crate::portal::records;
use jiff::tz::TimeZone;
use serde_json::Value;
use sindico_crm::list::Export;
use sindico_crm::names::Names;
use sindico_crm::pipelines;
use sindico_domain::Refusal;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::custom::{CustomType, Customs};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{Datum, Field, FieldType, Kind, Record};
use sindico_sheet::Cell;
use sindico_store::Error;
use std::sync::Arc;

/// `GET /api/customers/export/`.
pub(in crate::portal) async fn export(kind: Kind, crm: Crm, query: Query) -> ApiResult {
    crm.tenant.require(kind.resource(), Method::Get)?;
    let mut fields = query.fields();
    let xlsx = format(&mut fields);
    let customs = crm.customs().await?;
    let known = (kind, &*customs);
    let all = all(known);
    let columns = fields.read("columns", |value| columns(&all, value));
    let asked = records::asked(kind, &crm, &query).await;
    let mut errors = fields.finish();
    let asked = match asked {
        Ok(asked) => errors.check(asked)?,
        Err(wrong) => {
            let wrong = match wrong.into_inner() {
                Error::Refused(Refusal::Fields(wrong)) => wrong,
                other => return Err(other.into()),
            };
            errors.merge(wrong);
            return Err(errors.into());
        }
    };
    let language = language(&crm.headers);
    let out = Out {
        language,
        zone: crm.zone(),
        columns: columns.unwrap_or(all),
        customs: customs.clone(),
        kind,
        setup: match kind {
            Kind::Opportunity => pipelines::read(&crm.data).await?,
            _ => Pipelines::contract().clone(),
        },
    };
    let taken = Taken {
        kind: kind.as_str(),
        title: w::many(kind).in_(language),
        head: out.head(),
        language,
        xlsx,
    };
    let begin = async {
        let export = Export::begin(&crm.data, &asked).await?;
        let readable = crm.readable();
        Ok(Listed {
            export,
            readable,
            out,
        })
    };
    respond(&crm, &query, taken, begin).await
}

/// A list that is read.
struct Listed {
    export: Export,
    readable: Vec<Kind>,
    out: Out,
}

impl Pieces for Listed {
    async fn next(&mut self) -> Result<Vec<Vec<Cell>>, String> {
        let found = self.export.next(&self.readable).await;
        let (records, names) = found.map_err(|error| error.to_string())?;
        let rows = records.iter().map(|record| self.out.row(record, &names));
        Ok(rows.collect())
    }
}

/// How records are written.
struct Out {
    language: Language,
    zone: TimeZone,
    columns: Vec<String>,
    kind: Kind,
    setup: Pipelines,
    customs: Arc<Customs>,
}

impl Out {
    fn head(&self) -> Vec<Cell> {
        let label = |name: &str| match name {
            "id" => "ID".to_owned(),
            "created_at" => w::CREATED_AT.in_(self.language).to_owned(),
            "updated_at" => w::UPDATED_AT.in_(self.language).to_owned(),
            name => match self.customs.named(self.kind, name) {
                Some(field) => field.label.clone(),
                None => f::label(self.kind, name).in_(self.language).to_owned(),
            },
        };
        self.columns
            .iter()
            .map(|name| Cell::Text(label(name)))
            .collect()
    }

    fn row(&self, record: &Record, names: &Names) -> Vec<Cell> {
        let cell = |name: &String| match name.as_str() {
            "id" => Cell::Number(record.id.into()),
            "created_at" => instant(&self.zone, record.created_at),
            "updated_at" => instant(&self.zone, record.updated_at),
            name => match record.kind.position(name) {
                Some(n) => self.cell(&record.kind.fields()[n], &record.values[n], names),
                None => self.custom(record, name),
            },
        };
        self.columns.iter().map(cell).collect()
    }

    /// The value of a custom field, as an import reads it.
    fn custom(&self, record: &Record, name: &str) -> Cell {
        let field = self.customs.named(self.kind, name);
        let value = field.and_then(|field| Some((field, record.customs()?.get(&field.key)?)));
        let Some((field, value)) = value else {
            return Cell::Empty;
        };
        let label = |word: &str| {
            let option = field.option(word);
            option
                .map_or(word, |option| option.label.as_str())
                .to_owned()
        };
        match (field.ty, value) {
            (CustomType::Boolean, Value::Bool(yes)) => yes_or_no(self.language, *yes),
            (CustomType::Integer, value) => value
                .as_i64()
                .map_or(Cell::Empty, |number| Cell::Number(number.into())),
            (CustomType::Decimal, Value::String(text)) => match text.parse() {
                Ok(number) => Cell::Number(number),
                Err(_) => Cell::Text(text.clone()),
            },
            (CustomType::Date, Value::String(text)) => match text.parse::<jiff::civil::Date>() {
                Ok(day) => Cell::When(day.at(0, 0, 0, 0)),
                Err(_) => Cell::Text(text.clone()),
            },
            (CustomType::Choice, Value::String(word)) => Cell::Text(label(word)),
            (CustomType::MultiChoice, Value::Array(words)) => {
                let words = words.iter().filter_map(Value::as_str).map(label);
                Cell::Text(words.collect::<Vec<_>>().join("; "))
            }
            (_, Value::String(text)) => Cell::Text(text.clone()),
            (_, other) => Cell::Text(other.to_string()),
        }
    }

    fn cell(&self, field: &Field, value: &Datum, names: &Names) -> Cell {
        if value.is_empty() {
            return Cell::Empty;
        }
        match (field.ty, value) {
            (FieldType::Choice(_), Datum::Text(word)) => {
                let shown = f::value(self.kind, field.name, word);
                Cell::Text(
                    shown
                        .map_or(word.as_str(), |word| word.in_(self.language))
                        .to_owned(),
                )
            }
            (FieldType::Stage, Datum::Text(code)) => {
                let named = self
                    .setup
                    .stage(code)
                    .filter(|stage| !stage.name.is_empty());
                let word = f::value(self.kind, field.name, code);
                let word = word.map_or(code.as_str(), |word| word.in_(self.language));
                Cell::Text(named.map_or(word, |stage| stage.name.as_str()).to_owned())
            }
            (FieldType::Pipeline, Datum::Int(id)) => {
                let named = self.setup.find(*id).filter(|one| !one.name.is_empty());
                match named {
                    Some(named) => Cell::Text(named.name.clone()),
                    None => Cell::Number((*id).into()),
                }
            }
            (_, Datum::Text(text)) => Cell::Text(text.clone()),
            (FieldType::Ref(to), Datum::Int(id)) => match names.get(&(to, *id)) {
                Some(name) => Cell::Text(name.clone()),
                None => Cell::Number((*id).into()),
            },
            (_, Datum::Int(number)) => Cell::Number((*number).into()),
            (_, Datum::Money(amount)) => Cell::Number(*amount),
            (_, Datum::Date(day)) => Cell::When(day.at(0, 0, 0, 0)),
            (_, Datum::Instant(at)) => instant(&self.zone, *at),
            (_, Datum::Flag(flag)) => yes_or_no(self.language, *flag),
            (_, Datum::User(user)) => Cell::Text(user.username.clone()),
            (_, Datum::Tags(tags)) => Cell::Text(tags.join(", ")),
            (_, Datum::List(list)) => Cell::Text(list.to_string()),
            // Each is a column of its own.
            (_, Datum::Custom(_)) => Cell::Empty,
            (_, Datum::Null) => Cell::Empty,
        }
    }
}

/// All that there is of a kind.
fn all((kind, customs): (Kind, &Customs)) -> Vec<String> {
    let fields = kind.fields().iter();
    let fields = fields.filter(|field| field.ty != FieldType::Custom);
    let mut all = vec!["id".to_owned()];
    all.extend(fields.map(|field| field.name.to_owned()));
    all.extend(customs.of(kind).map(|field| field.name()));
    all.extend(["created_at", "updated_at"].map(str::to_owned));
    all
}
