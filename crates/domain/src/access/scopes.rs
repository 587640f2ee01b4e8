//! What a token may be used for: less than its user may do, never more.

use super::capability::{Method, Resource};
use crate::FieldErrors;
use crate::input::{Fields, Parsed, integer, text};
use serde_json::{Map, Value};

/// For how many days a token is good unless told, on the page where people make them.
pub const DAYS: i64 = 90;
/// For how many days it may be good at the most, if it ends at all.
pub const DAYS_MAX: i64 = 3_650;
/// How many days before its end a token's user is reminded of it.
pub const REMINDER_DAYS: i64 = 14;
/// How long the name of a token may be.
pub const NAME_MAX: usize = 100;

/// What scopes are for that is no resource of the CRM: the company's settings, which are its owners', and the
/// platform.
const BESIDE: [&str; 2] = ["settings", "platform"];

/// What something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing beside a token.
    Nothing,
    /// A resource of the CRM.
    Of(Resource, bool),
    /// The company's settings.
    Settings(bool),
    /// The platform API.
    Platform(bool),
    /// A token that is good for everything.
    Everything,
}

/// Whether a method only reads.
pub fn writes(method: Method) -> bool {
    method != Method::Get
}

/// A set of scopes; a token without any limit has all of them, those of later programs included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(Option<u64>);

impl Default for Scopes {
    fn default() -> Self {
        Self::FULL
    }
}

impl Need {
    fn bit(self) -> Option<u32> {
        let (place, write) = match self {
            Self::Nothing | Self::Everything => return None,
            Self::Of(resource, write) => (resource as u32 + 2, write),
            Self::Settings(write) => (0, write),
            Self::Platform(write) => (1, write),
        };
        Some(place * 2 + u32::from(write))
    }

    /// The scope by its name, such as `leads:write`.
    pub fn name(self) -> Option<String> {
        let (what, write) = match self {
            Self::Nothing | Self::Everything => return None,
            Self::Of(resource, write) => (resource.as_str(), write),
            Self::Settings(write) => (BESIDE[0], write),
            Self::Platform(write) => (BESIDE[1], write),
        };
        Some(format!("{what}:{}", if write { "write" } else { "read" }))
    }

    /// Everything that a scope can be for, with its reading and its writing; in the order in which it is shown.
    pub fn all() -> Vec<Self> {
        let resources = Resource::ALL.iter().flat_map(|resource| {
            let writes = resource.methods().iter().any(|method| writes(*method));
            [false, true]
                .into_iter()
                .filter(move |write| !*write || writes)
                .map(|write| Self::Of(*resource, write))
        });
        let beside = [
            Self::Settings(false),
            Self::Settings(true),
            Self::Platform(false),
            Self::Platform(true),
        ];
        resources.chain(beside).collect()
    }
}

impl Scopes {
    /// No limit.
    pub const FULL: Self = Self(None);

    /// Whether there is no limit.
    pub fn is_full(self) -> bool {
        self.0.is_none()
    }

    /// Whether these are enough. Who may write may read: what is written comes back.
    pub fn meet(self, need: Need) -> bool {
        let Some(set) = self.0 else {
            return true;
        };
        match need.bit() {
            Some(bit) => set & (1 << bit) != 0,
            None => need == Need::Nothing,
        }
    }

    /// Their names, in order; `None` without a limit.
    pub fn names(self) -> Option<Vec<String>> {
        self.0?;
        let all = Need::all().into_iter().filter(|need| self.meet(*need));
        Some(all.filter_map(Need::name).collect())
    }

    /// The scopes of these names. Of one that this program does not know (a newer one made it) nothing follows.
    pub fn of(names: Option<&[String]>) -> Self {
        Self(names.map(|names| {
            let mut set = 0;
            for need in Need::all() {
                if need.name().is_some_and(|name| names.contains(&name)) {
                    set |= need.bit().map_or(0, |bit| 1 << bit);
                    set |= need.read().and_then(Need::bit).map_or(0, |bit| 1 << bit);
                }
            }
            set
        }))
    }
}

impl Need {
    /// Whether it is about writing.
    pub fn is_write(self) -> bool {
        matches!(
            self,
            Self::Of(_, true) | Self::Settings(true) | Self::Platform(true)
        )
    }

    /// The reading of the same.
    pub fn read(self) -> Option<Self> {
        match self {
            Self::Nothing | Self::Everything => None,
            Self::Of(resource, _) => Some(Self::Of(resource, false)),
            Self::Settings(_) => Some(Self::Settings(false)),
            Self::Platform(_) => Some(Self::Platform(false)),
        }
    }
}

/// What somebody wants of a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// By which its user will know it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// For how many days it is good; `None`: until it is revoked.
    pub days: Option<i64>,
}

impl Wish {
    /// Reads `name`, `scopes` and `expires_in_days`; none has to be there.
    ///
    /// # Errors
    /// All wrong fields.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let wish = Self {
            name: f.read("name", text(0..=NAME_MAX)).unwrap_or_default(),
            scopes: f
                .read("scopes", read_scopes)
                .flatten()
                .map_or(Scopes::FULL, |names| Scopes::of(Some(&names))),
            days: f
                .read(
                    "expires_in_days",
                    crate::input::nullable(integer(1..=DAYS_MAX)),
                )
                .flatten(),
        };
        f.finish().check(wish)
    }
}

/// A list of names; or, from a form, an object with those that are `on`; or null.
fn read_scopes(value: &Value) -> Parsed<Option<Vec<String>>> {
    let named: Vec<String> = match value {
        Value::Null => return Ok(None),
        Value::Array(list) => {
            let named: Option<Vec<String>> = list
                .iter()
                .map(|name| name.as_str().map(str::to_owned))
                .collect();
            named.ok_or("Expected a list of scopes.")?
        }
        Value::Object(form) => form
            .iter()
            .filter(|(_, value)| *value == "on")
            .map(|(name, _)| name.clone())
            .collect(),
        _ => return Err("Expected a list of scopes.".to_owned()),
    };
    let all: Vec<String> = Need::all().into_iter().filter_map(Need::name).collect();
    if let Some(odd) = named.iter().find(|name| !all.contains(name)) {
        let odd: String = odd.chars().take(40).collect();
        return Err(format!(
            "There is no scope {odd}. Use some of: {}.",
            all.join(", ")
        ));
    }
    match named.is_empty() {
        true => Err("Choose at least one scope.".to_owned()),
        false => Ok(Some(named)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn wish(body: Value) -> Result<Wish, FieldErrors> {
        Wish::parse(body.as_object().unwrap())
    }

    #[test]
    fn scopes_are_read_and_told() {
        let read = wish(
            json!({"name": "a", "scopes": ["leads:write", "metrics:read"], "expires_in_days": 7}),
        )
        .unwrap();
        assert_eq!(
            read.scopes.names().unwrap(),
            ["leads:read", "leads:write", "metrics:read"]
        );
        assert_eq!(read.days, Some(7));
        assert!(wish(json!({})).unwrap().scopes.is_full());
        assert!(
            wish(json!({"scopes": null, "expires_in_days": null}))
                .unwrap()
                .scopes
                .is_full()
        );
        let form = wish(json!({"scopes": {"customers:read": "on", "": ""}})).unwrap();
        assert_eq!(form.scopes.names().unwrap(), ["customers:read"]);
        for wrong in [
            json!([]),
            json!(["metrics:write"]),
            json!(["leads"]),
            json!([1]),
            json!("leads:read"),
            json!({"": ""}),
        ] {
            assert!(wish(json!({"scopes": wrong})).unwrap_err().has("scopes"));
        }
        for wrong in [json!(0), json!(-1), json!(3_651), json!("x")] {
            assert!(
                wish(json!({"expires_in_days": wrong}))
                    .unwrap_err()
                    .has("expires_in_days")
            );
        }
    }

    #[test]
    fn nothing_is_everything_but_no_limit() {
        let all: Vec<String> = Need::all().into_iter().filter_map(Need::name).collect();
        assert!(
            Need::all()
                .iter()
                .filter_map(|need| need.bit())
                .all(|bit| bit < 64)
        );
        let most = Scopes::of(Some(&all));
        assert!(Need::all().into_iter().all(|need| most.meet(need)));
        assert!(!most.meet(Need::Everything) && Scopes::FULL.meet(Need::Everything));
        let none = Scopes::of(Some(&[]));
        assert!(none.meet(Need::Nothing) && !Need::all().into_iter().any(|need| none.meet(need)));
    }

    proptest! {
        #[test]
        fn a_set_meets_what_was_put_in_and_no_more(picked in proptest::sample::subsequence(Need::all(), 0..=8)) {
            let names: Vec<String> = picked.iter().filter_map(|need| need.name()).collect();
            let scopes = Scopes::of(Some(&names));
            for need in Need::all() {
                let expected = picked.iter().any(|have| *have == need || have.read() == Some(need));
                prop_assert_eq!(scopes.meet(need), expected);
            }
            prop_assert_eq!(Scopes::of(scopes.names().as_deref()), scopes);
        }
    }
}
