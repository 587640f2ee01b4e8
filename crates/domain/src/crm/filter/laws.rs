//! What holds for every tree.

use super::*;
use crate::crm::{FieldType, Kind};
use proptest::prelude::*;

/// A value that fits a field of this type.
fn value(ty: FieldType) -> BoxedStrategy<Value> {
    match ty {
        FieldType::Choice(words) => proptest::sample::select(words)
            .prop_map(Value::from)
            .boxed(),
        FieldType::Email => "[a-z]{1,8}@[a-z]{1,8}\\.com".prop_map(Value::from).boxed(),
        FieldType::Integer(..) => any::<i64>().prop_map(Value::from).boxed(),
        FieldType::Stage => "[A-Z][A-Z0-9_]{0,12}".prop_map(Value::from).boxed(),
        FieldType::Ref(_) | FieldType::Pipeline => (1..=i64::MAX).prop_map(Value::from).boxed(),
        FieldType::User => prop_oneof![
            (1..=i64::MAX).prop_map(Value::from),
            Just(Value::from("me"))
        ]
        .boxed(),
        FieldType::Money => (-99_999_999_999i64..99_999_999_999)
            .prop_map(|cents| Value::from(rust_decimal::Decimal::new(cents, 2).to_string()))
            .boxed(),
        FieldType::Date => day().prop_map(Value::from).boxed(),
        FieldType::Instant => prop_oneof![
            day().prop_map(Value::from),
            day().prop_map(|day| Value::from(format!("{day}T12:30:00-03:00"))),
        ]
        .boxed(),
        FieldType::Flag => any::<bool>().prop_map(Value::from).boxed(),
        _ => "[a-zA-Zçã%_\\\\ \"]{0,12}[a-z]"
            .prop_map(Value::from)
            .boxed(),
    }
}

fn day() -> impl Strategy<Value = String> {
    (1900..2200, 1..=12, 1..=28).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}"))
}

/// A condition of this kind as somebody may write it.
fn condition(kind: Kind) -> impl Strategy<Value = Value> {
    proptest::sample::select(Subject::all(kind))
        .prop_flat_map(|field| (Just(field.clone()), proptest::sample::select(field.ops())))
        .prop_flat_map(|(field, op)| {
            let value = match op {
                _ if op.is_bare() => Just(Value::Null).boxed(),
                Op::LastNDays | Op::NextNDays => (1i64..=3_660).prop_map(Value::from).boxed(),
                Op::Between => (value(field.ty), value(field.ty))
                    .prop_map(|(a, b)| json!([a, b]))
                    .boxed(),
                _ if op.is_list() => proptest::collection::vec(value(field.ty), 1..4)
                    .prop_map(Value::from)
                    .boxed(),
                _ => value(field.ty),
            };
            (Just(field), Just(op), value)
        })
        .prop_map(|(field, op, value)| json!({"field": field.name, "op": op, "value": value}))
}

fn tree() -> impl Strategy<Value = (Kind, Value)> {
    proptest::sample::select(Kind::ALL).prop_flat_map(|kind| {
        let tree = condition(kind).prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4)
                    .prop_map(|parts| json!({ "all": parts })),
                proptest::collection::vec(inner.clone(), 0..4)
                    .prop_map(|parts| json!({ "any": parts })),
                inner.prop_map(|part| json!({ "not": part })),
            ]
        });
        (Just(kind), tree)
    })
}

fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 60, 6, |inner| {
        let key = prop_oneof![
            Just("all"),
            Just("any"),
            Just("not"),
            Just("field"),
            Just("op"),
            Just("value"),
            Just("x")
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..4).prop_map(|pairs| {
                let pairs = pairs.into_iter().map(|(key, one)| (key.to_owned(), one));
                Value::Object(pairs.collect())
            }),
        ]
    })
}

/// Turns the ends of a span round where they stand the wrong way.
fn mended(kind: Kind, tree: &Value) -> Option<Filter> {
    match Filter::parse(kind, tree) {
        Ok(filter) => Some(filter),
        Err(errors) => {
            let ends = errors
                .iter()
                .all(|error| error.ends_with("Name the smaller value first."));
            assert!(ends, "{tree}: {errors:?}");
            None
        }
    }
}

proptest! {
    /// What is printed is read as the same tree, and printed the same.
    #[test]
    fn trees_round_trip((kind, tree) in tree()) {
        if let Some(filter) = mended(kind, &tree) {
            let text = filter.to_string();
            let again = Filter::read(kind, &text).unwrap();
            prop_assert_eq!(&again, &filter);
            prop_assert_eq!(again.to_string(), text);
        }
    }

    /// No JSON, however odd, does more than be refused with words.
    #[test]
    fn odd_trees_are_read_or_refused(value in odd(), text in "\\PC{0,60}") {
        for &kind in Kind::ALL {
            match Filter::parse(kind, &value) {
                Ok(filter) => prop_assert_eq!(Filter::read(kind, &filter.to_string()), Ok(filter)),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
            let _ = Filter::read(kind, &text);
        }
    }

    /// Nothing larger than the limits gets in.
    #[test]
    fn limits_hold(depth in 1usize..10, wide in 1usize..80) {
        let leaf = json!({"field": "id", "op": "is", "value": 1});
        let mut deep = leaf.clone();
        for _ in 0..depth {
            deep = json!({ "not": deep });
        }
        prop_assert_eq!(Filter::parse(Kind::Lead, &deep).is_ok(), depth <= DEEPEST);
        let many = json!({ "any": vec![leaf.clone(); wide] });
        prop_assert_eq!(Filter::parse(Kind::Lead, &many).is_ok(), wide <= MOST);
        let spread = json!({ "all": [{ "any": vec![leaf.clone(); wide / 2] }, { "any": vec![leaf; wide - wide / 2] }] });
        prop_assert_eq!(Filter::parse(Kind::Lead, &spread).is_ok(), wide <= MOST);
    }
}

#[test]
fn errors_name_the_path() {
    let tree = json!({"all": [
        {"field": "status", "op": "is", "value": "NEW"},
        {"any": [
            {"field": "nothing", "op": "is", "value": 1},
            {"field": "score", "op": "contains", "value": 1},
            {"not": {"field": "score", "op": "gt", "value": "x"}},
            {"field": "owner", "op": "in", "value": [1, "you"]},
            {"all": [], "any": []},
            7,
        ]},
        {"field": "budget", "op": "between", "value": ["2", "1"]},
        {"field": "created_at", "op": "today", "value": 1},
        {"field": "tags", "op": "has_any", "value": []},
        {"field": "id", "op": "is", "value": 1, "more": 2},
    ]});
    let errors = Filter::parse(Kind::Lead, &tree).unwrap_err();
    let begin = [
        "all[1].any[0].field: There is no such field.",
        "all[1].any[1].op: score takes one of: is, ",
        "all[1].any[2].not.value: Expected a whole number.",
        "all[1].any[3].value: Number 2: Use the id of a member, or me.",
        "all[1].any[4]: Use one of all, any and not",
        "all[1].any[5]: Expected an object",
        "all[2].value: Name the smaller value first.",
        "all[3].value: today takes no value.",
        "all[4].value: Name at least one value.",
        "all[5]: A condition has field, op and value, and no more.",
    ];
    assert_eq!(errors.len(), begin.len(), "{errors:#?}");
    for (error, begin) in errors.iter().zip(begin) {
        assert!(error.starts_with(begin), "{error} is not {begin}");
    }
    let text = Filter::parse(Kind::Lead, &json!("\"score\"")).unwrap_err();
    assert_eq!(text, ["Expected an object: a group or a condition."]);
    for text in ["", "{", "[]", "null", &"x".repeat(LONGEST + 1)] {
        assert!(Filter::read(Kind::Lead, text).is_err(), "{text}");
    }
}

#[test]
fn short_parameters_are_conditions_of_the_tree() {
    let query = json!({"status": "NEW,QUALIFIED", "owner": "none,7", "score_min": "5", "tags": "vip,sp",
        "created_from": "2026-11-01T00:00:00Z", "filter": r#"{"not":{"field":"source","op":"is","value":"site"}}"#});
    let query = query.as_object().unwrap();
    let mut fields = crate::input::Fields::new(query);
    let read = Filter::All(simple::read(Kind::Lead, &mut fields));
    assert!(fields.finish().is_empty());
    let expected = json!({"all": [
        {"field": "status", "op": "in", "value": ["NEW", "QUALIFIED"]},
        {"field": "score", "op": "gte", "value": 5},
        {"any": [{"field": "owner", "op": "is_empty"}, {"field": "owner", "op": "is", "value": 7}]},
        {"field": "tags", "op": "has_all", "value": ["vip", "sp"]},
        {"field": "created_at", "op": "gte", "value": "2026-11-01T00:00:00Z"},
        {"not": {"field": "source", "op": "is", "value": "site"}},
    ]});
    assert_eq!(read.to_json(), expected);
    let wrong = json!({"filter": r#"{"field":"x"}"#});
    let mut fields = crate::input::Fields::new(wrong.as_object().unwrap());
    assert!(simple::read(Kind::Lead, &mut fields).is_empty());
    assert!(fields.finish().has("filter"));
}
