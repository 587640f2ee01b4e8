//! Laws of overrides, on any input.

use super::*;
use crate::access::capability::RoleMatrix;
use crate::access::fields::{FieldAccess, protectable};
use proptest::prelude::*;

fn parse(value: &Value) -> Result<Overrides, FieldErrors> {
    Overrides::parse(value.as_object().unwrap())
}

/// Any JSON, with the words that count in it.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("customers".to_owned()),
        Just("Metrics".to_owned()),
        Just("get".to_owned()),
        Just("*".to_owned()),
        Just("OWNER".to_owned()),
        Just("SCOPE".to_owned()),
        Just("team".to_owned()),
        Just("FIELDS".to_owned()),
        Just("notes".to_owned()),
        Just("NONE".to_owned()),
        "\\PC{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// What is drawn for a resource: roles of all methods and of some, scopes, and what may be done with a field.
type Drawn = (
    Option<Vec<Role>>,
    BTreeMap<Method, Vec<Role>>,
    BTreeMap<Role, Scope>,
    BTreeMap<Role, FieldAccess>,
);

/// Overrides that are right.
fn overrides() -> impl Strategy<Value = Overrides> {
    let roles = || prop::sample::subsequence(Role::ALL, 1..=3);
    let named = prop::collection::btree_map(prop::sample::select(Method::ALL), roles(), 0..4);
    let scopes = prop::collection::btree_map(
        prop::sample::select(Role::ALL),
        prop::sample::select(Scope::ALL),
        0..3,
    );
    let fields = prop::collection::btree_map(
        prop::sample::select(&[Role::Member, Role::Manager][..]),
        prop::sample::select(FieldAccess::ALL),
        0..3,
    );
    let said = (prop::option::of(roles()), named, scopes, fields);
    prop::collection::btree_map(prop::sample::select(Resource::ALL), said, 0..5).prop_map(|all| {
        let said = |resource: Resource, (every, named, scopes, roles): Drawn| Said {
            fields: match resource.kind() {
                Some(kind) if !roles.is_empty() => {
                    BTreeMap::from([(protectable(kind)[0].to_owned(), roles)])
                }
                _ => BTreeMap::new(),
            },
            all: every.map(|roles| roles.into_iter().collect()),
            named: named
                .into_iter()
                .filter(|(method, _)| resource.methods().contains(method))
                .map(|(method, roles)| (method, roles.into_iter().collect()))
                .collect(),
            scopes: if resource.kind().is_some() {
                scopes
            } else {
                BTreeMap::new()
            },
        };
        let all = all
            .into_iter()
            .map(|(resource, it)| (resource, said(resource, it)));
        Overrides(all.filter(|(_, said)| *said != Said::default()).collect())
    })
}

fn laid(layers: &[&Overrides]) -> RoleMatrix {
    let mut matrix = RoleMatrix::default();
    for layer in layers {
        matrix.lay(layer);
    }
    matrix
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(value in anything()) {
        let _ = value.to_string().parse::<Overrides>();
        let _ = Overrides::stored(&value);
        if let Value::Object(map) = &value {
            match Overrides::parse(map) {
                // What was read is shown so that it reads as the same again.
                Ok(read) => {
                    let shown = read.to_json();
                    prop_assert_eq!(parse(&shown).unwrap(), read.clone());
                    prop_assert_eq!(Overrides::stored(&shown), read);
                }
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }

    #[test]
    fn overrides_round_trip(it in overrides()) {
        prop_assert_eq!(parse(&it.to_json()).unwrap(), it.clone());
        prop_assert_eq!(Overrides::stored(&it.to_json()), it);
    }

    /// Merging is laying: the newer over the older.
    #[test]
    fn a_merge_is_a_layer(older in overrides(), newer in overrides()) {
        let merged = older.clone().merge(newer.clone());
        prop_assert_eq!(laid(&[&merged]), laid(&[&older, &newer]));
    }

    #[test]
    fn merge_laws(a in overrides(), b in overrides(), c in overrides()) {
        let none = Overrides::default();
        prop_assert_eq!(a.clone().merge(none.clone()), a.clone());
        prop_assert_eq!(none.merge(a.clone()), a.clone());
        prop_assert_eq!(a.clone().merge(a.clone()), a.clone());
        prop_assert_eq!(
            a.clone().merge(b.clone()).merge(c.clone()),
            a.merge(b.merge(c))
        );
    }

    #[test]
    fn what_is_not_named_keeps_the_default(it in overrides()) {
        let (matrix, default) = (laid(&[&it]), RoleMatrix::default());
        for resource in Resource::ALL.iter().copied() {
            for method in resource.methods().iter().copied() {
                let expected = it.roles(resource, method);
                let expected = expected.unwrap_or_else(|| default.roles(resource, method));
                prop_assert_eq!(matrix.roles(resource, method), expected);
            }
            for role in Role::ALL.iter().copied() {
                let expected = it.scope(resource, role).unwrap_or(Scope::All);
                prop_assert_eq!(matrix.scope(resource, role), expected);
            }
            // Nothing opens what is not there.
            if resource.methods().len() == 1 {
                prop_assert_eq!(matrix.roles(resource, Method::Post), Roles::default());
            }
        }
    }
}
