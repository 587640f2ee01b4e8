//! Which fields of records a role may read and write: those that a company may want to keep from somebody.

use super::Role;
use super::capability::Resource;
use crate::FieldErrors;
use crate::crm::{Default as Told, Kind, Record, custom};
use crate::words::words;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

words! {
    /// What a role may do with a field of the records that it sees.
    FieldAccess { /// Read it, and change it where the record may be changed.
        Write = "WRITE", /// Read it only.
        Read = "READ", /// Neither.
        None = "NONE" }
}

/// What is said of fields: by role, of each field that is not open.
pub type FieldRules = BTreeMap<String, BTreeMap<Role, FieldAccess>>;

/// The kind's own fields that can be kept from a role. What a record is called, whose it is, what it refers to and where
/// it stands cannot: without them there is no record to see.
pub fn protectable(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Customer => &[
            "email",
            "phone",
            "document",
            "addresses",
            "contacts",
            "notes",
        ],
        Kind::Lead => &[
            "email",
            "phone",
            "document",
            "score",
            "budget",
            "disqualification_reason",
            "notes",
        ],
        Kind::Opportunity => &[
            "amount",
            "expected_close_date",
            "probability",
            "next_step",
            "loss_reason",
            "notes",
        ],
        Kind::Activity => &["description", "outcome", "duration_minutes"],
        Kind::SalesGoal => &["notes"],
    }
}

/// Whether this can be the name of a field that is kept from a role: one of [`protectable`], or a custom field's,
/// `custom.<key>`, which may be made later.
pub fn can_be_kept(kind: Kind, name: &str) -> bool {
    match name.strip_prefix(custom::PREFIX) {
        Some(key) => custom::KINDS.contains(&kind) && custom::is_key(key),
        None => protectable(kind).contains(&name),
    }
}

/// What somebody may not read or write of the records that they see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Veil(Arc<BTreeMap<(Kind, String), FieldAccess>>);

impl Veil {
    /// What these rules say of a role. Owners see and write every field: somebody has to.
    pub fn of(role: Role, rules: &BTreeMap<Resource, FieldRules>) -> Self {
        if role == Role::Owner {
            return Self::default();
        }
        let mut kept = BTreeMap::new();
        for (resource, fields) in rules {
            let Some(kind) = resource.kind() else {
                continue;
            };
            for (name, roles) in fields {
                match roles.get(&role) {
                    Some(access) if *access != FieldAccess::Write => {
                        kept.insert((kind, name.clone()), *access);
                    }
                    _ => {}
                }
            }
        }
        Self(Arc::new(kept))
    }

    /// Whether nothing is kept from them.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is kept from them.
    pub fn kept(&self) -> BTreeMap<Resource, BTreeMap<String, FieldAccess>> {
        let mut all = BTreeMap::<Resource, BTreeMap<String, FieldAccess>>::new();
        for ((kind, name), access) in self.0.iter() {
            let of = all.entry(kind.resource()).or_default();
            of.insert(name.clone(), *access);
        }
        all
    }

    /// What may be done with this field.
    pub fn access(&self, kind: Kind, name: &str) -> FieldAccess {
        if self.0.is_empty() {
            return FieldAccess::Write;
        }
        let kept = self.0.get(&(kind, name.to_owned()));
        kept.copied().unwrap_or(FieldAccess::Write)
    }

    /// Whether the field can't be read.
    pub fn hides(&self, kind: Kind, name: &str) -> bool {
        self.access(kind, name) == FieldAccess::None
    }

    /// Whether something can't be read at all.
    pub fn hides_any(&self) -> bool {
        self.0.values().any(|access| *access == FieldAccess::None)
    }

    /// Whether some field of this kind can't be written.
    pub fn keeps(&self, kind: Kind) -> bool {
        self.0.keys().any(|(of, _)| *of == kind)
    }

    /// Takes out of what was sent the empty values that stand where they can't read: those that they were shown.
    pub fn strip(&self, kind: Kind, told: &mut Map<String, Value>) {
        for ((of, name), access) in self.0.iter() {
            let is_shown =
                |value: &Value| value.is_null() || *value == json!("") || *value == json!([]);
            if *of == kind && *access == FieldAccess::None && told.get(name).is_some_and(is_shown) {
                told.remove(name);
            }
        }
    }

    /// Leaves what they can't read as it was, where nothing was told of it: what they were shown is empty, and clients send
    /// back what they were shown.
    pub fn keep(&self, before: &Record, after: &mut Record) {
        for ((kind, name), access) in self.0.iter() {
            let kept = *kind == after.kind && *access == FieldAccess::None;
            let Some(was) = before.told(name).filter(|_| kept) else {
                continue;
            };
            let mut empty = after.clone();
            empty.blank(name);
            if empty.told(name) == after.told(name) {
                after.tell(name, &was);
            }
        }
    }

    /// Says what of a change they may not make. `before` is `None` for a new record, of which what every record has to
    /// have may be told.
    ///
    /// # Errors
    /// Each field that they may not write and that is another one then.
    pub fn permit(&self, before: Option<&Record>, after: &Record) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        if !self.keeps(after.kind) {
            return Ok(());
        }
        let names = match before {
            Some(before) => before.changed_names(after),
            None => Record::new(after.kind, after.created_at).changed_names(after),
        };
        for name in names {
            let required = || {
                let field = after.kind.fields().iter().find(|field| field.name == name);
                field.is_some_and(|field| field.default == Told::Required)
            };
            if self.access(after.kind, &name) == FieldAccess::Write
                || before.is_none() && required()
            {
                continue;
            }
            let path = match name.strip_prefix(custom::PREFIX) {
                Some(key) => custom::path(key),
                None => name,
            };
            errors.add(&path, "Your role may not change this field.");
        }
        errors.check(())
    }

    /// The record as it is for these eyes: what they may not read is empty.
    pub fn over(&self, record: &mut Record) {
        for ((kind, name), access) in self.0.iter() {
            if *kind == record.kind && *access == FieldAccess::None {
                record.blank(name);
            }
        }
    }

    /// As the database is told: ` customer.phone=NONE lead.custom.cpf=READ `, empty when nothing is kept. There is
    /// nothing to quote in it ([`can_be_kept`]).
    pub fn setting(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut setting = " ".to_owned();
        for ((kind, name), access) in self.0.iter() {
            setting.push_str(&format!("{kind}.{name}={access} "));
        }
        setting
    }
}

/// Lays newer rules over these, by field and role.
pub(super) fn lay(rules: &mut FieldRules, newer: &FieldRules) {
    for (name, roles) in newer {
        rules.entry(name.clone()).or_default().extend(roles);
    }
}

/// Reads `{field: {ROLE: ACCESS}}`, of a kind of records.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn parse(resource: Resource, value: &Value) -> Result<FieldRules, String> {
    let Some(kind) = resource.kind() else {
        return Err(format!("{resource} are not records; leave it out."));
    };
    let Value::Object(said) = value else {
        return Err(
            "Expected an object of fields, such as {\"notes\": {\"MEMBER\": \"NONE\"}}.".to_owned(),
        );
    };
    let mut read = FieldRules::new();
    for (name, value) in said {
        let name = name.trim().to_ascii_lowercase();
        if !can_be_kept(kind, &name) {
            let mut known = protectable(kind).join(", ");
            if custom::KINDS.contains(&kind) {
                known.push_str(", and custom.<key> for a custom field");
            }
            return Err(format!(
                "{}: it can't be kept from a role. Use one of: {known}.",
                super::overrides::quote(&name)
            ));
        }
        let roles = roles(value).map_err(|problem| format!("{name}: {problem}"))?;
        if read.insert(name.clone(), roles).is_some() {
            return Err(format!("{name} stands here twice."));
        }
    }
    Ok(read)
}

/// Reads `{ROLE: ACCESS}`.
fn roles(value: &Value) -> Result<BTreeMap<Role, FieldAccess>, String> {
    let wrong = || "Expected an object of roles, such as {\"MEMBER\": \"NONE\"}.".to_owned();
    let mut read = BTreeMap::new();
    for (name, value) in value.as_object().ok_or_else(wrong)? {
        let role: Role = name.trim().to_ascii_uppercase().parse().map_err(|_| {
            format!(
                "{}: there is no such role. Use MEMBER or MANAGER.",
                super::overrides::quote(name)
            )
        })?;
        if role == Role::Owner {
            return Err("OWNER sees and writes every field; leave it out.".to_owned());
        }
        let word = value.as_str().map(|word| word.trim().to_ascii_uppercase());
        let Some(Ok(access)) = word.as_deref().map(str::parse::<FieldAccess>) else {
            return Err(format!("{role}: use one of: WRITE, READ, NONE."));
        };
        if read.insert(role, access).is_some() {
            return Err(format!("{role} stands here twice."));
        }
    }
    Ok(read)
}

/// The same of what was checked when it was written. A word that this program does not know hides what it can; a name
/// that is none is left out, since names go into what the database is told ([`Veil::setting`]).
pub(super) fn stored(resource: Resource, value: &Value) -> FieldRules {
    let kind = resource.kind();
    let fields = value.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, _)| kind.is_some_and(|kind| can_be_kept(kind, name)));
    let read = fields.map(|(name, roles)| {
        let roles = roles.as_object().into_iter().flatten();
        let roles = roles.filter_map(|(role, access)| {
            let access = access.as_str().and_then(|word| word.parse().ok());
            Some((role.parse().ok()?, access.unwrap_or(FieldAccess::None)))
        });
        (name.clone(), roles.collect())
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::capability::RoleMatrix;
    use crate::access::overrides::Overrides;
    use proptest::prelude::*;

    fn veil(stored: &Value, role: Role) -> Veil {
        let matrix = RoleMatrix::effective(&Overrides::default(), &Overrides::stored(stored));
        Veil::of(role, matrix.fields())
    }

    #[test]
    fn a_veil_is_its_roles_alone() {
        let said = json!({"leads": {"FIELDS": {"budget": {"MEMBER": "NONE", "MANAGER": "READ"}}}});
        let member = veil(&said, Role::Member);
        assert_eq!(member.setting(), " lead.budget=NONE ");
        assert!(member.hides(Kind::Lead, "budget") && !member.hides(Kind::Customer, "budget"));
        let manager = veil(&said, Role::Manager);
        assert_eq!(manager.setting(), " lead.budget=READ ");
        assert!(manager.keeps(Kind::Lead) && !manager.hides_any());
        assert!(veil(&said, Role::Owner).is_empty());
        // A word of a newer program hides.
        let newer = json!({"leads": {"FIELDS": {"budget": {"MEMBER": "MASKED"}}}});
        assert!(veil(&newer, Role::Member).hides(Kind::Lead, "budget"));
    }

    #[test]
    fn every_field_that_can_be_kept_is_the_kinds() {
        for kind in Kind::ALL {
            for name in protectable(*kind) {
                assert!(kind.position(name).is_some(), "{kind} {name}");
            }
        }
    }

    proptest! {
        /// Whatever stands in the control database, there is nothing to quote in what a tenant's is told.
        #[test]
        fn the_setting_has_nothing_to_quote(name in "(custom[.])?[a-z'; ]{0,12}", access in "[A-Z']{0,6}") {
            let said = json!({"leads": {"FIELDS": {name: {"MEMBER": access}}}});
            let setting = veil(&said, Role::Member).setting();
            prop_assert!(setting.chars().all(|c| c.is_ascii_alphanumeric() || " =._".contains(c)), "{}", setting);
        }
    }
}
