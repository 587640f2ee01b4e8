//! What tells whom a customer or a lead is about, however it was written: to find one that is there twice.

use super::kind::Kind;
use super::record::Record;
use crate::brazil::{Phone, TaxId};
use crate::fold::fold;

/// What Brazilian companies put behind their name, in the order in which they put it; it tells nobody apart.
const LEGAL_FORMS: [&str; 9] = [
    "ltda", "eireli", "me", "mei", "epp", "sa", "s a", "slu", "limitada",
];

/// A record's document, telephone and name in their normal forms; empty for what it has not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// CPF or CNPJ without punctuation.
    pub document: String,
    /// The telephone in E.164.
    pub phone: String,
    /// The folded name without a company's legal form.
    pub name: String,
}

impl Keys {
    /// The fields that they are made of.
    pub const FIELDS: [&str; 4] = ["document", "phone", "name", "company"];

    /// The columns that keep them.
    pub const COLUMNS: [&str; 3] = ["document_key", "phone_key", "name_key"];

    /// Those of a record; `None` for a kind that is about nobody.
    pub fn of(record: &Record) -> Option<Self> {
        let name = match record.kind {
            Kind::Customer => record.text("name"),
            Kind::Lead if record.text("company").is_empty() => record.text("name"),
            Kind::Lead => record.text("company"),
            _ => return None,
        };
        Some(Self::from_texts(
            record.text("document"),
            record.text("phone"),
            name,
        ))
    }

    /// Those of texts as somebody types them.
    pub fn from_texts(document: &str, phone: &str, name: &str) -> Self {
        let document = document.parse::<TaxId>().map(|id| id.normal().to_owned());
        let phone = phone.parse::<Phone>().map(|phone| phone.e164().to_owned());
        Self {
            document: document.unwrap_or_default(),
            phone: phone.unwrap_or_default(),
            name: name_key(name),
        }
    }

    /// In the order of [`Keys::COLUMNS`].
    pub fn into_values(self) -> [String; 3] {
        [self.document, self.phone, self.name]
    }
}

/// Whether records of this kind have [`Keys`].
pub fn has_keys(kind: Kind) -> bool {
    matches!(kind, Kind::Customer | Kind::Lead)
}

/// Words of letters and digits only, folded, without legal forms at the end. A name of nothing else stays
/// whole: `ME` may be a shop.
fn name_key(name: &str) -> String {
    // `S/A` and `S.A.` are one word before they are two.
    let folded = fold(name).replace("s/a", "sa").replace("s.a.", "sa");
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let whole = words.join(" ");
    let mut key = whole.as_str();
    while let Some(rest) = LEGAL_FORMS
        .iter()
        .find_map(|form| key.strip_suffix(form)?.strip_suffix(' '))
    {
        key = rest;
    }
    key.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for name in [
            "Padaria São João",
            "PADARIA SAO JOAO LTDA",
            "padaria  são-joão Ltda. ME",
            "Padaria São João Ltda - EPP",
        ] {
            assert_eq!(name_key(name), "padaria sao joao", "{name}");
        }
        assert_eq!(name_key("Aço Forte S/A"), "aco forte");
        assert_eq!(name_key("Aço Forte S.A."), "aco forte");
        assert_eq!(name_key("ME"), "me");
        assert_eq!(name_key("Camélia"), "camelia");
        assert_eq!(name_key(" ... "), "");
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(name in ".{0,60}") {
            let key = name_key(&name);
            prop_assert_eq!(name_key(&key), key);
        }
    }
}
