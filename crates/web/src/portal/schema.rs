//! The documentation of records, made from the tables of their fields.

use serde_json::{Map, Value, json};
use sindico_domain::crm::filter::simple;
use sindico_domain::crm::{Access, Default, Field, FieldType, Kind};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{RefOr, Required, Schema};

/// Defines what documents a kind of record: as it is shown, sent whole, sent in part, and listed.
macro_rules! schemas {
    ($kind:expr, $shown:ident, $input:ident, $patch:ident, $filters:ident) => {
        /// A record as it is shown.
        pub struct $shown;
        /// A record as it is sent whole.
        pub struct $input;
        /// What to change of a record.
        pub struct $patch;
        /// Parameters of the list.
        pub struct $filters;

        impl utoipa::PartialSchema for $shown {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::portal::schema::shown($kind)
            }
        }
        impl utoipa::ToSchema for $shown {}

        impl utoipa::PartialSchema for $input {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::portal::schema::sent($kind, true)
            }
        }
        impl utoipa::ToSchema for $input {}

        impl utoipa::PartialSchema for $patch {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::portal::schema::sent($kind, false)
            }
        }
        impl utoipa::ToSchema for $patch {}

        impl utoipa::IntoParams for $filters {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                crate::portal::schema::filters($kind)
            }
        }
    };
}
pub(super) use schemas;

fn object(properties: Map<String, Value>, required: &[&str]) -> RefOr<Schema> {
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    // What is written here is a schema: the snapshot of the document would show another.
    RefOr::T(serde_json::from_value(schema).unwrap_or_default())
}

fn property(field: &Field, shown: bool) -> Value {
    let mut schema = match field.ty {
        FieldType::Text(most) => json!({"type": "string", "maxLength": most}),
        FieldType::Email => json!({"type": "string", "format": "email", "maxLength": 254}),
        FieldType::Phone | FieldType::TaxId => json!({"type": "string", "maxLength": 40}),
        FieldType::Choice(words) => json!({"type": "string", "enum": words}),
        FieldType::Integer(least, most) => {
            json!({"type": "integer", "format": "int64", "minimum": least, "maximum": most})
        }
        FieldType::Money => json!({"type": "string", "example": "1299.90"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Instant => json!({"type": "string", "format": "date-time"}),
        FieldType::Flag => json!({"type": "boolean"}),
        FieldType::Stage => json!({"type": "string", "maxLength": 40, "example": "PROPOSAL"}),
        FieldType::Ref(_) | FieldType::User | FieldType::Pipeline => {
            json!({"type": "integer", "format": "int64"})
        }
        FieldType::Tags => json!({"type": "array", "items": {"type": "string", "maxLength": 50}}),
        FieldType::Addresses => json!({"type": "array", "items": {"type": "object"}, "example": [
            {"label": "Loja", "street": "Av. Paulista", "number": "1000", "district": "Bela Vista", "city": "São Paulo", "state": "SP", "cep": "01310-100"}]}),
        FieldType::Contacts => json!({"type": "array", "items": {"type": "object"}, "example": [
            {"kind": "WHATSAPP", "value": "+55 11 98765-4321", "label": "compras"}]}),
        FieldType::Custom => {
            json!({"type": "object", "additionalProperties": true, "example": {"segmento": "VAREJO", "area_m2": "120.50"}})
        }
    };
    schema["description"] = json!(field.about);
    let never_null = matches!(
        field.ty,
        FieldType::Text(_)
            | FieldType::Email
            | FieldType::Phone
            | FieldType::TaxId
            | FieldType::Choice(_)
            | FieldType::Stage
            | FieldType::Flag
            | FieldType::Tags
            | FieldType::Addresses
            | FieldType::Contacts
            | FieldType::Custom
    );
    if !never_null && matches!(field.default, Default::Empty) {
        schema["type"] = json!([schema["type"], "null"]);
    }
    if shown && field.access != Access::Input {
        schema["readOnly"] = json!(true);
    }
    schema
}

/// A record as it is shown.
pub(super) fn shown(kind: Kind) -> RefOr<Schema> {
    let mut properties = Map::new();
    properties.insert(
        "id".to_owned(),
        json!({"type": "integer", "format": "int64", "readOnly": true}),
    );
    for field in kind.fields() {
        properties.insert(field.name.to_owned(), property(field, true));
        if field.ty == FieldType::User {
            let name = format!("{}_username", field.name);
            properties.insert(name, json!({"type": ["string", "null"], "readOnly": true}));
        }
    }
    for name in ["created_at", "updated_at"] {
        properties.insert(
            name.to_owned(),
            json!({"type": "string", "format": "date-time", "readOnly": true}),
        );
    }
    let all: Vec<String> = properties.keys().cloned().collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    object(properties, &all)
}

/// A record as it is sent, whole or in part.
pub(super) fn sent(kind: Kind, whole: bool) -> RefOr<Schema> {
    let fields = || {
        kind.fields()
            .iter()
            .filter(|field| field.access == Access::Input)
    };
    let properties = fields().map(|field| (field.name.to_owned(), property(field, false)));
    let required = fields().filter(|field| whole && field.default == Default::Required);
    let required: Vec<&str> = required.map(|field| field.name).collect();
    object(properties.collect(), &required)
}

/// The parameters of a list.
pub(super) fn filters(kind: Kind) -> Vec<Parameter> {
    let mut parameters = vec![
        parameter(
            "q",
            "Found in any text of it, whatever accents, case and punctuation".to_owned(),
        ),
        parameter(
            "sort",
            format!(
                "Order: {}; with a minus sign for the other way round",
                sorts(kind)
            ),
        ),
        parameter("limit", "Rows a page, 1 to 500; 100 by default".to_owned()),
        parameter(
            "cursor",
            "From the `Link` header of the page before".to_owned(),
        ),
        parameter(
            "count",
            "`exact` adds `X-Total-Count`; `some` counts up to 10,000".to_owned(),
        ),
        parameter(
            "created_from",
            "Created at this instant or later".to_owned(),
        ),
        parameter(
            "created_to",
            "Created at this instant or earlier".to_owned(),
        ),
        parameter(
            simple::FILTER,
            r#"A tree of conditions as JSON: `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`, `{"field": "tags", "op": "has_any", "value": ["vip"]}`"#.to_owned(),
        ),
    ];
    for field in kind.fields().iter().filter(|field| field.filter) {
        let about = field.about;
        let name = field.name;
        let range = |from: &str, to: &str| {
            [(from, "at least"), (to, "at most")].map(|(end, word)| {
                parameter(&format!("{name}_{end}"), format!("{about} This, {word}"))
            })
        };
        match field.ty {
            FieldType::Money => parameters.extend(range("min", "max")),
            FieldType::Date | FieldType::Instant => parameters.extend(range("from", "to")),
            FieldType::Integer(..) => {
                parameters.push(parameter(name, about.to_owned()));
                parameters.extend(range("min", "max"));
            }
            FieldType::Ref(_) | FieldType::User => {
                parameters.push(parameter(name, format!("{about} Ids, or `none`")))
            }
            FieldType::Stage => {
                parameters.push(parameter(name, "Some codes of stages".to_owned()));
            }
            FieldType::Choice(words) => parameters.push(parameter(
                name,
                format!("{about} Some of {}", words.join(", ")),
            )),
            _ => parameters.push(parameter(name, about.to_owned())),
        }
    }
    parameters
}

fn sorts(kind: Kind) -> String {
    let names: Vec<&str> = kind.sorts().iter().map(|key| key.name).collect();
    format!(
        "{} (`{}` by default)",
        names.join(", "),
        kind.default_sort()
    )
}

fn parameter(name: &str, description: String) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(<String as utoipa::PartialSchema>::schema()))
        .build()
}
