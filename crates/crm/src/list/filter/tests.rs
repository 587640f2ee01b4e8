use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn viewpoint() -> Viewpoint {
    Viewpoint {
        user: 7,
        // Half past ten in the evening of the 26th in São Paulo.
        now: "2026-11-27T01:30:00Z".parse().unwrap(),
        zone: TimeZone::get("America/Sao_Paulo").unwrap(),
    }
}

fn text(kind: Kind, tree: Value) -> (String, usize) {
    let tree = Tree::parse(kind, &tree).unwrap();
    let filter = Filter::of(&tree, &viewpoint());
    let mut sql = Sql::default();
    let text = filter.sql(&mut sql);
    (text, sql.params.len())
}

/// What lists were asked for before there was a tree has the text that it had: its plans stay.
#[test]
fn plain_conditions_have_the_text_that_indexes_answer() {
    for (kind, tree, expected) in [
        (
            Kind::Lead,
            json!({"field": "status", "op": "is", "value": "NEW"}),
            "status = $1",
        ),
        (
            Kind::Lead,
            json!({"field": "status", "op": "in", "value": ["NEW", "QUALIFIED"]}),
            "status = ANY ($1::text[])",
        ),
        (
            Kind::Lead,
            json!({"field": "owner", "op": "is", "value": "me"}),
            "owner_id = $1",
        ),
        (
            Kind::Lead,
            json!({"field": "customer", "op": "is_empty"}),
            "customer_id IS NULL",
        ),
        (
            Kind::Opportunity,
            json!({"field": "amount", "op": "gte", "value": "10"}),
            "amount_cents >= $1::bigint",
        ),
        (
            Kind::Lead,
            json!({"field": "budget", "op": "lt", "value": "10"}),
            "budget < $1::numeric",
        ),
        (
            Kind::Lead,
            json!({"field": "tags", "op": "has_all", "value": "vip"}),
            "tags @> $1::text[]",
        ),
        (
            Kind::Lead,
            json!({"not": {"field": "tags", "op": "has_any", "value": "vip"}}),
            "(tags && $1::text[]) IS NOT TRUE",
        ),
        (Kind::Lead, json!({"any": []}), "false"),
        (Kind::Lead, json!({"all": []}), "true"),
    ] {
        assert_eq!(text(kind, tree).0, expected);
    }
}

#[test]
fn days_begin_where_the_people_are() {
    let tree = json!({"field": "created_at", "op": "today"});
    let tree = Tree::parse(Kind::Lead, &tree).unwrap();
    let bound = |sign, at: &str| {
        Filter::On(Column {
            column: Place::Sql("created_at".to_owned()),
            test: Test::Bound(sign, Bound::Instant(at.parse().unwrap())),
        })
    };
    assert_eq!(
        Filter::of(&tree, &viewpoint()),
        Filter::All(vec![
            bound(">=", "2026-11-26T03:00:00Z"),
            bound("<", "2026-11-27T03:00:00Z")
        ])
    );
    let tree = json!({"field": "created_at", "op": "gt", "value": "2026-11-26"});
    let tree = Tree::parse(Kind::Lead, &tree).unwrap();
    assert_eq!(
        Filter::of(&tree, &viewpoint()),
        bound(">=", "2026-11-27T03:00:00Z")
    );
}

proptest! {
    /// Whatever is looked for, the text has only places of parameters in it.
    #[test]
    fn nothing_of_a_request_is_in_the_text(word in "[a-z'\"\\\\;%]{4,12}zq[0-9]{3}") {
        for op in ["is", "is_not", "contains", "starts_with"] {
            for field in ["source", "phone", "document", "email", "notes"] {
                let (sql, params) = text(Kind::Lead, json!({"field": field, "op": op, "value": word}));
                prop_assert!(!sql.contains("zq") && !sql.contains("ZQ"), "{}", sql);
                prop_assert_eq!(params, 1);
            }
        }
    }
}
