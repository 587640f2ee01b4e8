//! By what a person is known, wherever it may stand.

use crate::brazil::{Phone, TaxId};
use crate::crm::search::parts_of;
use crate::crm::{Datum, Kind, Record};
use crate::fold::fold;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Words of names that name nobody.
const SMALL: [&str; 9] = ["da", "das", "de", "do", "dos", "e", "ltda", "eireli", "cia"];

/// What stands between the digits of a number, at most.
const GAP: &str = "[^0-9]{0,3}";

/// Names, addresses and numbers of the people that some records are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    names: BTreeSet<String>,
    emails: BTreeSet<String>,
    numbers: BTreeSet<String>,
    words: BTreeSet<String>,
}

impl Traces {
    /// Those of these records; of other kinds than customers and leads there are none.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut traces = Self::default();
        for record in records {
            if !matches!(record.kind, Kind::Customer | Kind::Lead) {
                continue;
            }
            traces.name(record.text("name"));
            if record.kind == Kind::Lead {
                traces.name(record.text("company"));
            }
            traces.email(record.text("email"));
            traces.number(record.text("phone"));
            traces.number(record.text("document"));
            if let Some(Datum::List(contacts)) = record
                .kind
                .position("contacts")
                .map(|at| &record.values[at])
            {
                traces.contacts(contacts);
            }
        }
        traces
    }

    fn name(&mut self, name: &str) {
        let words = fold(name);
        let words: Vec<&str> = words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 2 && !SMALL.contains(word))
            .collect();
        // One word alone, such as Ana, would be found in what is about others.
        if words.len() > 1 {
            self.names.insert(name.trim().to_owned());
        }
        self.words.extend(words.into_iter().map(str::to_owned));
    }

    fn email(&mut self, email: &str) {
        if email.contains('@') {
            self.emails.insert(email.trim().to_lowercase());
        }
    }

    /// A telephone or a tax id: without what one may leave out of it.
    fn number(&mut self, text: &str) {
        let bare = match (text.parse::<TaxId>(), text.parse::<Phone>()) {
            (Ok(id), _) => id.normal().to_owned(),
            (_, Ok(phone)) => {
                let e164 = phone.e164();
                let short = e164.strip_prefix("+55").or_else(|| e164.strip_prefix('+'));
                short.unwrap_or(e164).to_owned()
            }
            _ => text.chars().filter(char::is_ascii_digit).collect(),
        };
        // Shorter ones are in too many others.
        if bare.len() >= 8 {
            self.numbers.insert(bare);
        }
    }

    fn contacts(&mut self, contacts: &Value) {
        let each = contacts
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object);
        for text in each.flat_map(|contact| contact.values().filter_map(Value::as_str)) {
            match text.contains('@') {
                true => self.email(text),
                false => self.number(text),
            }
        }
    }

    /// Whether a text of theirs, such as the title of a sale, names them: by any word of a name already.
    pub fn named_in(&self, text: &str) -> bool {
        let folded = fold(text);
        let mut words = folded.split(|c: char| !c.is_alphanumeric());
        if words.any(|word| self.words.contains(word)) {
            return true;
        }
        let bare: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        self.emails.iter().any(|email| folded.contains(email))
            || self.numbers.iter().any(|number| bare.contains(number))
    }

    /// What to search for to find texts of others that may name them: the folded parts of each name, address and
    /// number, all of which have to be there.
    pub fn searches(&self) -> Vec<Vec<String>> {
        let all = self.names.iter().chain(&self.emails).chain(&self.numbers);
        all.map(|text| parts_of(text)).collect()
    }

    /// Regular expressions (PostgreSQL's advanced ones) that find them in a text that may be about others, as it was
    /// typed, as JSON writes it and as an address does; whatever the letter case, if they are asked so.
    pub fn patterns(&self) -> Vec<String> {
        let texts = self.names.iter().chain(&self.emails);
        let texts = texts.map(|text| text.chars().map(letter).collect::<String>());
        let numbers = self.numbers.iter().map(|number| {
            let digits: Vec<String> = number.chars().map(|c| c.to_string()).collect();
            digits.join(GAP)
        });
        texts.chain(numbers).collect()
    }
}

/// A character of a text, in any of its writings.
fn letter(c: char) -> String {
    if c.is_ascii_alphanumeric() {
        return c.to_string();
    }
    let mut bytes = [0; 4];
    let encoded = c
        .encode_utf8(&mut bytes)
        .bytes()
        .fold(String::new(), |mut all, byte| {
            let _ = write!(all, "%{byte:02X}");
            all
        });
    match c {
        ' ' => "( |[+]|%20)".to_owned(),
        // JSON escapes these two.
        '"' => format!("(\\\\?\"|{encoded})"),
        '\\' => format!("(\\\\{{1,2}}|{encoded})"),
        '^' | ']' => format!("(\\{c}|{encoded})"),
        c if c.is_ascii_punctuation() => format!("([{c}]|{encoded})"),
        c => format!("({c}|{encoded})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn person() -> Record {
        let mut record = Record::new(Kind::Customer, Timestamp::UNIX_EPOCH);
        record.set_text("name", "João d'Ávila Prado");
        record.set_text("email", "Joao@Prado.com.br");
        record.set_text("phone", "(11) 98765-4321");
        record.set_text("document", "529.982.247-25");
        record.set(
            "contacts",
            Datum::List(serde_json::json!([{"kind": "WHATSAPP", "value": "+55 21 99876-5432"}])),
        );
        record
    }

    #[test]
    fn a_text_of_theirs_names_them_by_a_word() {
        let traces = Traces::of([&person()]);
        for text in [
            "Ligar para o João",
            "casa do PRADO",
            "joao@prado.com.br",
            "cpf 52998224725",
            "fone +55 11 98765 4321",
            "21998765432",
        ] {
            assert!(traces.named_in(text), "{text}");
        }
        for text in ["Projeto solar 50 kWp", "", "dos", "prados"] {
            assert!(!traces.named_in(text), "{text}");
        }
    }

    #[test]
    fn only_whole_names_are_looked_for_elsewhere() {
        let traces = Traces::of([&person()]);
        assert_eq!(traces.names.len(), 1);
        assert_eq!(traces.numbers.len(), 3);
        let mut ana = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
        ana.set_text("name", "Ana");
        assert_eq!(Traces::of([&ana]).patterns(), Vec::<String>::new());
        assert!(Traces::of([&ana]).named_in("Ana: retornar"));
    }

    proptest! {
        /// Whatever somebody is called, the pattern is of characters that can't end a bracket or a group early.
        #[test]
        fn a_pattern_has_its_brackets_closed(name in "\\PC{0,30}") {
            let pattern: String = name.chars().map(letter).collect();
            let (mut depth, mut inside, mut escaped) = (0, false, false);
            for c in pattern.chars() {
                if escaped { escaped = false; continue; }
                match c {
                    '\\' => escaped = true,
                    '[' if !inside => inside = true,
                    ']' if inside => inside = false,
                    '(' if !inside => depth += 1,
                    ')' if !inside => depth -= 1,
                    _ => {}
                }
            }
            prop_assert!(depth == 0 && !inside && !escaped, "{}", pattern);
        }
    }
}
