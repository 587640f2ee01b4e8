//! What holds for every custom field and every value.

use super::*;
use crate::crm::draft::{Draft, Whole};
use crate::crm::filter::Filter;
use crate::crm::pipeline::Pipelines;
use crate::crm::{Datum, Record, Rules, search, settle};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

fn body(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// A field of this type and this label, as a request makes it.
fn made(all: &[CustomField], told: Value) -> Result<CustomField, FieldErrors> {
    let keys: Vec<String> = all.iter().map(|field| field.key.clone()).collect();
    let all = Customs::new(all.to_vec());
    FieldDraft::parse(&body(told), true)?.made(&all, &keys)
}

/// One of each type.
fn each() -> Customs {
    let of = |(ty, id): (&CustomType, i64)| {
        let mut told = json!({"kind": "lead", "label": ty.as_str(), "type": ty});
        if ty.has_options() {
            told["options"] =
                json!(["Pequeno", "Médio", {"value": "G", "label": "Grande", "retired": true}]);
        }
        CustomField {
            id,
            ..made(&[], told).unwrap()
        }
    };
    Customs::new(CustomType::ALL.iter().zip(1..).map(of).collect())
}

fn lead(told: Value) -> Result<Record, FieldErrors> {
    let customs = each();
    let told = body(json!({ "custom_fields": told }));
    let draft = Draft::parse((Kind::Lead, &customs), &told, Whole::No)?;
    let mut record = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
    draft.apply(&mut record, &HashMap::new())?;
    Ok(record)
}

fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        "[0-9.,-]{0,40}".prop_map(Value::from),
        "https?://[a-z./ ]{0,20}".prop_map(Value::from),
        Just(json!(["pequeno", "medio"])),
        Just(json!({"a": 1})),
        ".*".prop_map(|s| json!([s, 1, null])),
    ]
}

#[test]
fn values_are_read_by_their_type() {
    for (key, told, kept) in [
        ("text", json!(" a "), json!("a")),
        ("text", json!(""), Value::Null),
        ("integer", json!("42"), json!(42)),
        ("decimal", json!("12.5"), json!("12.50")),
        ("decimal", json!(1299.9), json!("1299.90")),
        ("decimal", json!("0.1234"), json!("0.1234")),
        ("date", json!("2026-11-27"), json!("2026-11-27")),
        ("boolean", json!("on"), json!(true)),
        ("boolean", json!(false), json!(false)),
        ("choice", json!("medio"), json!("medio")),
        (
            "multi_choice",
            json!(["medio", "pequeno", "medio"]),
            json!(["pequeno", "medio"]),
        ),
        (
            "multi_choice",
            json!("medio,pequeno"),
            json!(["pequeno", "medio"]),
        ),
        ("multi_choice", json!([]), Value::Null),
        (
            "url",
            json!("https://example.com/a?b=1"),
            json!("https://example.com/a?b=1"),
        ),
        ("email", json!("ana@example.com"), json!("ana@example.com")),
        ("phone", json!("11 98765-4321"), json!("11 98765-4321")),
    ] {
        let record = lead(json!({ key: told })).unwrap();
        let found = record.customs().unwrap().get(key).cloned();
        assert_eq!(found.unwrap_or_default(), kept, "{key} {told}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_unknown_keys_are_ignored() {
    let wrong = json!({"text": "x".repeat(256), "integer": "1.5", "decimal": "1.23456", "date": "27/11/2026", "boolean": "talvez",
        "choice": "enorme", "multi_choice": ["pequeno", "enorme"], "url": "javascript:alert(1)", "email": "x", "phone": [], "nada": 1});
    let errors = lead(wrong.clone()).unwrap_err();
    for key in wrong.as_object().unwrap().keys() {
        assert_eq!(errors.at(&path(key)).is_empty(), key == "nada", "{key}");
    }
    assert!(lead(json!([])).unwrap_err().has(FIELDS));
    // Not offered any more: only who has it keeps it.
    assert!(
        !lead(json!({"choice": "G"}))
            .unwrap_err()
            .at("custom_fields.choice")
            .is_empty()
    );
}

#[test]
fn a_patch_merges_and_a_put_replaces() {
    let customs = each();
    let mut record = lead(json!({"text": "a", "integer": 1, "choice": "medio"})).unwrap();
    let apply = |record: &mut Record, told: Value, whole| {
        let told = body(json!({"source": "x", "custom_fields": told}));
        let draft = Draft::parse((Kind::Lead, &customs), &told, whole).unwrap();
        draft.apply(record, &HashMap::new()).unwrap();
    };
    apply(&mut record, json!({"text": null, "integer": 2}), Whole::No);
    let kept = record.customs().unwrap().to_json();
    assert_eq!(kept, json!({"integer": 2, "choice": "medio"}));
    // What was emptied is taken away from the row, and nothing that was not told.
    assert_eq!(record.customs().unwrap().to_row()["text"], Value::Null);
    apply(&mut record, json!({"text": "b"}), Whole::Yes);
    assert_eq!(record.customs().unwrap().to_json(), json!({"text": "b"}));
}

#[test]
fn what_changed_is_told_by_each_name_and_put_back() {
    let before = lead(json!({"text": "a", "integer": 1})).unwrap();
    let mut after = before.clone();
    after.customs_mut().unwrap().set("integer", Value::Null);
    after.customs_mut().unwrap().set("boolean", json!(true));
    let (was, is) = before.changed(&after);
    assert_eq!(
        Value::Object(was.clone()),
        json!({"custom.boolean": null, "custom.integer": 1})
    );
    assert_eq!(
        Value::Object(is),
        json!({"custom.boolean": true, "custom.integer": null})
    );
    for (name, value) in &was {
        after.tell(name, value).unwrap();
    }
    assert_eq!(after, before);
    assert!(before.differs(&after).is_empty());
}

#[test]
fn what_is_required_is_asked_of_whom_it_is_required() {
    let always = json!({"kind": "lead", "label": "A", "type": "TEXT", "required": true});
    let of_role =
        json!({"kind": "lead", "label": "B", "type": "TEXT", "required_roles": ["MEMBER"]});
    let customs = Customs::new(
        [always, of_role]
            .map(|told| made(&[], told).unwrap())
            .to_vec(),
    );
    let settled = |before: Option<&Record>, after: &Record, writer| {
        let rules = Rules {
            pipelines: Pipelines::contract(),
            customs: &customs,
            writer,
        };
        settle(before, &mut after.clone(), Timestamp::UNIX_EPOCH, rules)
    };
    let empty = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
    let (member, manager) = (
        Writer::Of(Some(Role::Member)),
        Writer::Of(Some(Role::Manager)),
    );
    let wrong = settled(None, &empty, member).unwrap_err();
    assert!(!wrong.at("custom_fields.a").is_empty() && !wrong.at("custom_fields.b").is_empty());
    let wrong = settled(None, &empty, manager).unwrap_err();
    assert!(!wrong.at("custom_fields.a").is_empty() && wrong.at("custom_fields.b").is_empty());
    assert!(settled(None, &empty, Writer::Exempt).is_ok());
    // What a record never had may stay so; what it has may not go.
    assert!(settled(Some(&empty), &empty, member).is_ok());
    let mut full = empty.clone();
    full.customs_mut().unwrap().set("a", json!("x"));
    assert!(settled(Some(&full), &empty, manager).is_err());
}

#[test]
fn definitions_are_read_or_refused_by_field() {
    for (told, wrong) in [
        (json!({"kind": "lead", "label": "A", "type": "TEXT"}), ""),
        (json!({}), "kind"),
        (
            json!({"kind": "sales_goal", "label": "A", "type": "TEXT"}),
            "kind",
        ),
        (
            json!({"kind": "lead", "label": "", "type": "TEXT"}),
            "label",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "FILE"}),
            "type",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "TEXT", "key": "Ção"}),
            "key",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "TEXT", "key": "a'; DROP"}),
            "key",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "TEXT", "options": ["x"]}),
            "options",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "CHOICE"}),
            "options",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "CHOICE", "options": ["x", "X"]}),
            "options",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "CHOICE", "options": [{"label": "x", "retired": true}]}),
            "options",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "INTEGER", "searchable": true}),
            "searchable",
        ),
        (
            json!({"kind": "lead", "label": "A", "type": "TEXT", "required_roles": ["BOSS"]}),
            "required_roles",
        ),
    ] {
        match made(&[], told.clone()) {
            Ok(_) => assert_eq!(wrong, "", "{told}"),
            Err(errors) => assert!(!wrong.is_empty() && errors.has(wrong), "{told}: {errors:?}"),
        }
    }
}

#[test]
fn keys_are_made_of_labels_and_never_twice() {
    let told = |label: &str| json!({"kind": "lead", "label": label, "type": "TEXT"});
    let first = made(&[], told("Área (m²)")).unwrap();
    assert_eq!(first.key, "area_m2");
    // Another of the kind with this label is refused, and its key goes to no other, deleted or not.
    let all = [CustomField {
        id: 1,
        ..first.clone()
    }];
    assert!(made(&all, told("area (M²)")).unwrap_err().has("label"));
    assert_eq!(made(&all, told("Area m2")).unwrap().key, "area_m2_2");
    assert_eq!(made(&[], told("2ª via")).unwrap().key, "field_2a_via");
    let mut taken = told("B");
    taken["key"] = json!("area_m2");
    assert!(made(&all, taken).unwrap_err().has("key"));
    let mut changed = all[0].clone();
    let customs = Customs::new(all.to_vec());
    for fixed in [
        json!({"key": "b"}),
        json!({"type": "DATE"}),
        json!({"kind": "customer"}),
    ] {
        let draft = FieldDraft::parse(&body(fixed), false).unwrap();
        assert!(draft.apply(&mut changed, &customs).is_err());
    }
}

#[test]
fn there_is_room_for_fifty_of_a_kind() {
    let many: Vec<CustomField> = (1..=50)
        .map(|id| CustomField {
            id,
            key: format!("k{id}"),
            label: format!("L{id}"),
            ..made(&[], json!({"kind": "lead", "label": "x", "type": "TEXT"})).unwrap()
        })
        .collect();
    let more = |kind: &str| {
        made(
            &many,
            json!({"kind": kind, "label": "Mais", "type": "TEXT"}),
        )
    };
    assert!(more("lead").unwrap_err().has("kind"));
    assert!(more("customer").is_ok());
    let mut last = many[49].clone();
    let rename = FieldDraft::parse(&body(json!({"label": "Outro"})), false).unwrap();
    rename.apply(&mut last, &Customs::new(many)).unwrap();
}

#[test]
fn searches_look_in_what_is_searchable() {
    let mut field = made(
        &[],
        json!({"kind": "lead", "label": "Fone", "type": "PHONE", "searchable": true}),
    )
    .unwrap();
    let mut record = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
    record
        .customs_mut()
        .unwrap()
        .set("fone", json!("(11) 98765-4321"));
    let text = |field: &CustomField| search::text_of(&record, &Customs::new(vec![field.clone()]));
    assert!(text(&field).contains("11987654321"));
    field.searchable = false;
    assert!(!text(&field).contains("11987654321"));
}

#[test]
fn what_is_gone_leaves_the_rest_of_a_filter() {
    let customs = each();
    let rest = |tree: Value| Filter::without_gone((Kind::Lead, &customs), &tree);
    let here = json!({"field": "custom.integer", "op": "gt", "value": 1});
    let gone = json!({"field": "custom.gone", "op": "is_set"});
    let tree =
        json!({"all": [here, {"any": [gone, {"not": gone}]}, {"field": "score", "op": "is_set"}]});
    let left = json!({"all": [here, {"field": "score", "op": "is_set"}]});
    assert_eq!(rest(tree), (Some(left), true));
    assert_eq!(rest(gone.clone()), (None, true));
    assert_eq!(rest(here.clone()), (Some(here.clone()), false));
    assert_eq!(rest(json!({"all": []})), (Some(json!({"all": []})), false));
    let errors = Filter::parse((Kind::Lead, &customs), &gone).unwrap_err();
    assert!(errors[0].contains("not there (any more)"), "{errors:?}");
}

proptest! {
    /// No value of any type panics, and what is taken is read as the same again.
    #[test]
    fn odd_values_are_read_or_refused(value in odd()) {
        for field in each().all() {
            if let Ok(kept) = field.read(&value) {
                prop_assert_eq!(field.read(&kept), Ok(kept.clone()), "{:?}", field.ty);
                let record = lead(json!({ field.key.clone(): value.clone() }));
                let told = record.map(|record| record.customs().unwrap().to_json());
                if let Ok(told) = told {
                    let read = Datum::from_json(crate::crm::FieldType::Custom, &told).unwrap();
                    prop_assert_eq!(read.to_json(), told);
                }
            }
        }
    }

    /// No definition, however odd, does more than be refused with words; a key is always one.
    #[test]
    fn odd_definitions_are_read_or_refused(label in "\\PC{0,70}", odd in odd()) {
        for name in ["label", "key", "options", "required_roles", "help"] {
            let mut told = json!({"kind": "lead", "label": label, "type": "CHOICE", "options": ["a"]});
            told[name] = odd.clone();
            if let Ok(field) = made(&[], told) {
                prop_assert!(field.key.len() <= 40 && field.key.starts_with(|c: char| c.is_ascii_lowercase()));
                prop_assert!(field.key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
            }
        }
    }

    /// What a filter of a custom field says is printed and read as the same.
    #[test]
    fn filters_round_trip(number in any::<i32>(), word in "[a-z]{1,10}", day in 1..=28) {
        let customs = each();
        for tree in [
            json!({"field": "custom.text", "op": "contains", "value": word}),
            json!({"field": "custom.integer", "op": "between", "value": [number.min(0), number.max(0)]}),
            json!({"field": "custom.decimal", "op": "gte", "value": format!("{number}.25")}),
            json!({"field": "custom.date", "op": "lt", "value": format!("2026-11-{day:02}")}),
            json!({"field": "custom.boolean", "op": "is", "value": false}),
            json!({"field": "custom.choice", "op": "in", "value": ["pequeno", "medio"]}),
            json!({"field": "custom.multi_choice", "op": "has_all", "value": ["pequeno"]}),
        ] {
            let filter = Filter::parse((Kind::Lead, &customs), &tree).unwrap();
            let again = Filter::read((Kind::Lead, &customs), &filter.to_string()).unwrap();
            prop_assert_eq!(again.to_string(), filter.to_string());
        }
    }
}
