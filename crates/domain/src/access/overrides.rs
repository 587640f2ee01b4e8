//! Overrides of the role matrix: `{resource: {METHOD or "*": [roles...]}}` (contract section 5), and of a kind of
//! records also `{"SCOPE": {ROLE: ALL, TEAM or OWN}}` and `{"FIELDS": {field: {ROLE: WRITE, READ or NONE}}}`.

use super::Role;
use super::capability::{Method, Resource, Roles};
use super::fields::{self, FieldRules};
use super::sight::Scope;
use crate::FieldErrors;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// The word for all methods of a resource.
const ALL: &str = "*";
/// The word for which records a role sees.
const SCOPE: &str = "SCOPE";
/// The word for which fields a role reads and writes.
const FIELDS: &str = "FIELDS";
/// Where a body may carry the overrides.
const WRAPPED: &str = "rbac_overrides";
/// At most so many characters of a wrong word are repeated in a message.
const QUOTED: usize = 40;

/// What a layer says of the matrix; what it does not name stays as it is below. Resources in lower
/// case, methods in upper case, roles sorted, whatever the letter case they came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<Resource, Said>);

/// What is said of one resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said {
    /// Under `*`: of every method that is not named.
    all: Option<Roles>,
    /// Of the methods that are named.
    named: BTreeMap<Method, Roles>,
    /// Which records these roles see.
    scopes: BTreeMap<Role, Scope>,
    /// What these roles may do with fields.
    fields: FieldRules,
}

impl Overrides {
    /// Reads overrides that somebody sent or set.
    ///
    /// # Errors
    /// All that is wrong, by resource: unknown resources, methods and roles, lists that are empty,
    /// wrong types, a word that stands there twice in different letter case, and methods that a
    /// read-only resource has not. There is no route for those; a word on them would promise what
    /// can't be kept.
    pub fn parse(map: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut seen = BTreeSet::new();
        let mut read = BTreeMap::new();
        for (name, value) in map {
            let Ok(resource) = name.trim().to_ascii_lowercase().parse::<Resource>() else {
                let known = list(Resource::ALL.iter().map(|r| r.as_str()));
                errors.add_named(
                    name,
                    format!("There is no such resource. Use one of: {known}."),
                );
                continue;
            };
            if !seen.insert(resource) {
                errors.add_named(name, format!("{resource} stands here twice."));
            }
            match Said::parse(resource, value) {
                Ok(said) if said == Said::default() => {}
                Ok(said) => {
                    read.insert(resource, said);
                }
                Err(messages) => {
                    for message in messages {
                        errors.add_named(name, message);
                    }
                }
            }
        }
        errors.check(Self(read))
    }

    /// Reads the body of a change: the overrides, bare or under `rbac_overrides`, as clients send
    /// back what they have read.
    ///
    /// # Errors
    /// As [`Overrides::parse`], all under `detail`.
    pub fn from_body(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let read = match body.get(WRAPPED) {
            None => Self::parse(body),
            Some(Value::Object(map)) => Self::parse(map),
            Some(_) => Err(FieldErrors::one(
                WRAPPED,
                "Expected an object of resources.",
            )),
        };
        read.map_err(|errors| {
            let mut all = FieldErrors::new();
            all.nest("detail", errors);
            all
        })
    }

    /// Reads a value that was checked when it was written, perhaps by another version of the
    /// program: what this one does not know is left out, and never opens anything.
    pub fn stored(value: &Value) -> Self {
        let resources = value.as_object().into_iter().flatten();
        let read = resources.filter_map(|(name, value)| {
            let resource = name.parse::<Resource>().ok()?;
            let mut said = Said::default();
            for (name, value) in value.as_object()? {
                if name == SCOPE {
                    said.scopes = stored_scopes(value);
                    continue;
                }
                if name == FIELDS {
                    said.fields = fields::stored(resource, value);
                    continue;
                }
                let roles = value.as_array().into_iter().flatten();
                let roles = roles.filter_map(|v| v.as_str()?.parse::<Role>().ok());
                let roles: Roles = roles.collect();
                match name.parse::<Method>() {
                    Ok(method) => {
                        said.named.insert(method, roles);
                    }
                    Err(_) if name == ALL => said.all = Some(roles),
                    Err(_) => {}
                }
            }
            Some((resource, said))
        });
        Self(read.collect())
    }

    /// These with `newer` laid over them, by resource and method, and by role for what it sees. `*` is all methods,
    /// so that a newer `*` replaces all that was said of the resource's methods.
    #[must_use]
    pub fn merge(mut self, newer: Self) -> Self {
        for (resource, said) in newer.0 {
            let mine = self.0.entry(resource).or_default();
            if said.all.is_some() {
                (mine.all, mine.named) = (said.all, said.named);
            } else {
                mine.named.extend(said.named);
            }
            mine.scopes.extend(said.scopes);
            fields::lay(&mut mine.fields, &said.fields);
        }
        self
    }

    /// What is said of this method of this resource, if anything: by its name, else by `*`.
    pub fn roles(&self, resource: Resource, method: Method) -> Option<Roles> {
        let said = self.0.get(&resource)?;
        said.named.get(&method).copied().or(said.all)
    }

    /// What is said of which records a role sees, if anything.
    pub fn scope(&self, resource: Resource, role: Role) -> Option<Scope> {
        self.0.get(&resource)?.scopes.get(&role).copied()
    }

    /// What is said of a kind's fields.
    pub fn fields(&self) -> impl Iterator<Item = (Resource, &FieldRules)> {
        let said = self.0.iter().filter(|(_, said)| !said.fields.is_empty());
        said.map(|(resource, said)| (*resource, &said.fields))
    }

    /// As it is kept and shown.
    pub fn to_json(&self) -> Value {
        let resources = self.0.iter().map(|(resource, said)| {
            let all = said.all.iter().map(|roles| (ALL, *roles));
            let named = said.named.iter();
            let named = named.map(|(method, roles)| (method.as_str(), *roles));
            let methods = all.chain(named).map(|(name, roles)| {
                let roles = roles.sorted();
                (name.to_owned(), json!(roles))
            });
            let mut said_of_it: Map<String, Value> = methods.collect();
            if !said.scopes.is_empty() {
                said_of_it.insert(SCOPE.to_owned(), json!(said.scopes));
            }
            if !said.fields.is_empty() {
                said_of_it.insert(FIELDS.to_owned(), json!(said.fields));
            }
            (resource.to_string(), Value::Object(said_of_it))
        });
        Value::Object(resources.collect())
    }
}

impl FromStr for Overrides {
    type Err = String;

    /// Reads the JSON of `TENANT_ROLE_MATRICES`; nothing is no overrides. The error is one line.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Self::parse(&map).map_err(|errors| errors.to_line()),
            Ok(_) => Err("expected a JSON object of resources".to_owned()),
            Err(error) => Err(format!("this is not JSON: {error}")),
        }
    }
}

impl Serialize for Overrides {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Said {
    /// Reads `{METHOD: [roles...]}`; all that is wrong is told.
    fn parse(resource: Resource, value: &Value) -> Result<Self, Vec<String>> {
        let Value::Object(methods) = value else {
            let message = "Expected an object of methods, such as {\"GET\": [\"OWNER\"]}.";
            return Err(vec![message.to_owned()]);
        };
        let mut said = Self::default();
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        for (name, value) in methods {
            let word = name.trim().to_ascii_uppercase();
            if !seen.insert(word.clone()) {
                errors.push(format!("{}: it stands here twice.", quote(&word)));
                continue;
            }
            if word == SCOPE {
                match scopes(resource, value) {
                    Ok(scopes) => said.scopes = scopes,
                    Err(problem) => errors.push(format!("{SCOPE}: {problem}")),
                }
                continue;
            }
            if word == FIELDS {
                match fields::parse(resource, value) {
                    Ok(fields) => said.fields = fields,
                    Err(problem) => errors.push(format!("{FIELDS}: {problem}")),
                }
                continue;
            }
            let method = match method(resource, &word) {
                Ok(method) => method,
                Err(problem) => {
                    errors.push(format!("{}: {problem}", quote(name)));
                    continue;
                }
            };
            match roles(value) {
                Err(problem) => errors.push(format!("{word}: {problem}")),
                Ok(roles) => match method {
                    None => said.all = Some(roles),
                    Some(method) => {
                        said.named.insert(method, roles);
                    }
                },
            }
        }
        if errors.is_empty() {
            Ok(said)
        } else {
            Err(errors)
        }
    }
}

/// The method of this upper-case word; `None` for all of them.
fn method(resource: Resource, word: &str) -> Result<Option<Method>, String> {
    match word {
        ALL => return Ok(None),
        "HEAD" => return Err("It follows GET; name that.".to_owned()),
        "OPTIONS" => return Err("It needs no role; leave it out.".to_owned()),
        _ => {}
    }
    let method: Method = word.parse().map_err(|_| {
        let known = list(Method::ALL.iter().map(|m| m.as_str()));
        format!("There is no such method. Use one of: {known}, or * for all.")
    })?;
    if resource.methods().contains(&method) {
        Ok(Some(method))
    } else {
        Err(format!(
            "{resource} can only be read; name GET, or leave it out."
        ))
    }
}

/// Which records each role sees: `{ROLE: SCOPE}`.
fn scopes(resource: Resource, value: &Value) -> Result<BTreeMap<Role, Scope>, String> {
    if resource.kind().is_none() {
        return Err(format!(
            "{resource} are not records that somebody owns; leave it out."
        ));
    }
    let known = list(Scope::ALL.iter().map(|scope| scope.as_str()));
    let Value::Object(said) = value else {
        return Err(format!(
            "Expected an object of roles, such as {{\"MEMBER\": \"OWN\"}}; use {known}."
        ));
    };
    let mut read = BTreeMap::new();
    for (name, value) in said {
        let Ok(role) = name.trim().to_ascii_uppercase().parse::<Role>() else {
            let roles = list(Role::ALL.iter().map(|r| r.as_str()));
            return Err(format!(
                "{}: there is no such role. Use one of: {roles}.",
                quote(name)
            ));
        };
        let scope = value.as_str().map(|word| word.trim().to_ascii_uppercase());
        let Some(Ok(scope)) = scope.as_deref().map(str::parse) else {
            return Err(format!("{role}: use one of: {known}."));
        };
        if read.insert(role, scope).is_some() {
            return Err(format!("{role} stands here twice."));
        }
    }
    Ok(read)
}

/// The same of what was checked when it was written. A word that this program does not know hides what it can.
fn stored_scopes(value: &Value) -> BTreeMap<Role, Scope> {
    let said = value.as_object().into_iter().flatten();
    let read = said.filter_map(|(name, value)| {
        let scope = value.as_str().and_then(|word| word.parse().ok());
        Some((name.parse().ok()?, scope.unwrap_or(Scope::Own)))
    });
    read.collect()
}

/// A list of roles that is not empty.
fn roles(value: &Value) -> Result<Roles, String> {
    let known = list(Role::ALL.iter().map(|r| r.as_str()));
    let Value::Array(items) = value else {
        return Err(format!("Expected a list of roles: {known}."));
    };
    if items.is_empty() {
        return Err(format!("Name at least one role: {known}."));
    }
    let mut read = Vec::new();
    for item in items {
        let word = item.as_str().map(|word| word.trim().to_ascii_uppercase());
        match word.as_deref().map(str::parse) {
            Some(Ok(role)) => read.push(role),
            Some(Err(_)) => {
                let wrong = quote(item.as_str().unwrap_or_default());
                return Err(format!("There is no role {wrong}. Use one of: {known}."));
            }
            None => return Err(format!("Expected a list of roles: {known}.")),
        }
    }
    Ok(read.into_iter().collect())
}

/// A word of the sender's, in a message: not all of a very long one.
pub(super) fn quote(word: &str) -> String {
    match word.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{:?}", format!("{}...", &word[..end])),
        None => format!("{word:?}"),
    }
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod laws;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::capability::RoleMatrix;

    fn parse(value: &Value) -> Result<Overrides, Value> {
        let errors = |errors| serde_json::to_value(errors).unwrap();
        Overrides::parse(value.as_object().unwrap()).map_err(errors)
    }

    #[test]
    fn letter_case_does_not_matter() {
        let read =
            parse(&json!({" Customers": {"get": ["owner", "Member", "OWNER"], "*": ["Manager "]}}));
        assert_eq!(
            read.unwrap().to_json(),
            json!({"customers": {"*": ["MANAGER"], "GET": ["MEMBER", "OWNER"]}})
        );
        assert_eq!(parse(&json!({"leads": {}})).unwrap(), Overrides::default());
    }

    #[test]
    fn all_that_is_wrong_is_told_by_resource() {
        let errors = parse(&json!({
            "pizza": {"GET": ["OWNER"]},
            "a.b": [],
            "customers": {"FETCH": ["OWNER"], "GET": ["BOSS"], "POST": [], "PUT": "OWNER", "PATCH": [1]},
            "leads": ["OWNER"],
            "activities": {"get": ["OWNER"], "GET": ["MEMBER"]},
            "LEADS": {"GET": ["OWNER"]},
            "opportunities": null,
            "metrics": {"*": ["OWNER"], "POST": ["OWNER"], "HEAD": ["OWNER"], "OPTIONS": ["OWNER"]},
            "sales_goals": {"GET": ["OWNER"]},
        }))
        .unwrap_err();
        let counts: BTreeMap<&str, usize> = errors
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, messages)| (name.as_str(), messages.as_array().unwrap().len()))
            .collect();
        assert_eq!(
            counts,
            BTreeMap::from([
                ("pizza", 1),
                ("a.b", 1),
                ("customers", 5),
                ("leads", 2),
                ("activities", 1),
                ("opportunities", 1),
                ("metrics", 3),
            ]),
            "{errors:#}"
        );
        assert!(errors["customers"].to_string().contains("BOSS"));
        assert!(errors["customers"].to_string().contains("FETCH"));
        assert!(errors["metrics"].to_string().contains("only be read"));
    }

    #[test]
    fn a_body_is_bare_or_wrapped() {
        let read = |body: Value| Overrides::from_body(body.as_object().unwrap());
        let bare = read(json!({"leads": {"GET": ["OWNER"]}})).unwrap();
        let wrapped = read(json!({
            "tenant_code": "acme",
            "rbac_overrides": {"leads": {"GET": ["OWNER"]}},
            "effective_role_matrices": {"leads": {"GET": ["MEMBER"]}},
        }));
        assert_eq!(wrapped.unwrap(), bare);
        for (body, resource) in [
            (json!({"rbac_overrides": null}), "rbac_overrides"),
            (json!({"rbac_overrides": []}), "rbac_overrides"),
            (json!({"rbac_overrides": {"pizza": {}}}), "pizza"),
            (json!({"tenant_code": "acme"}), "tenant_code"),
        ] {
            let errors = serde_json::to_value(read(body).unwrap_err()).unwrap();
            assert!(errors["detail"][resource].is_array(), "{errors}");
        }
    }

    #[test]
    fn a_long_word_is_not_repeated_whole() {
        let word = "é".repeat(5000);
        let errors =
            parse(&json!({"leads": {"GET": [word], word.clone(): ["OWNER"]}})).unwrap_err();
        assert!(errors.to_string().len() < 600, "{errors}");
    }

    #[test]
    fn what_this_program_does_not_know_opens_nothing() {
        let read = Overrides::stored(&json!({
            "invoices": {"GET": ["MEMBER"]},
            "leads": {"GET": ["AUDITOR"], "PURGE": ["MEMBER"], "PUT": 7},
            "customers": [],
        }));
        assert_eq!(read.to_json(), json!({"leads": {"GET": [], "PUT": []}}));
        let matrix = RoleMatrix::effective(&Overrides::default(), &read);
        assert!(!matrix.allows(Some(Role::Owner), false, Resource::Leads, Method::Get));
        assert!(matrix.allows(Some(Role::Owner), false, Resource::Customers, Method::Get));
    }

    #[test]
    fn a_setting_is_one_line() {
        assert_eq!("  ".parse::<Overrides>().unwrap(), Overrides::default());
        assert_eq!("{}".parse::<Overrides>().unwrap(), Overrides::default());
        for wrong in [
            "[]",
            "{",
            "{\"x\": {}}",
            "{\"leads\": {\"GET\": [\"a\\nb\"]}}",
            "null",
        ] {
            let line = wrong.parse::<Overrides>().unwrap_err();
            assert!(!line.is_empty() && !line.contains('\n'), "{line}");
        }
    }
}
