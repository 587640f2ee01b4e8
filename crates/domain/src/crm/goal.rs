//! Sales goals: what is to be sold in a month, by one member or by all together.

use super::field::{Field, FieldType, SortKey};

pub(super) const FIELDS: &[Field] = &[
    Field::new("year", FieldType::Integer(2000, 2100), "The year.")
        .required()
        .filtered(),
    Field::new("month", FieldType::Integer(1, 12), "The month, 1 to 12.")
        .required()
        .filtered(),
    Field::new(
        "assignee",
        FieldType::User,
        "Whose goal it is; the whole company's when nobody's. One for each month.",
    )
    .filtered(),
    Field::new("amount", FieldType::Money, "What is to be sold.").required(),
    Field::new(
        "notes",
        FieldType::Text(10_000),
        "Whatever else is to be known.",
    ),
];

pub(super) const SORTS: &[SortKey] = &[
    SortKey {
        name: "period",
        expression: "period",
        sql_type: "bigint",
    },
    SortKey {
        name: "id",
        expression: "id",
        sql_type: "bigint",
    },
];
