//! What searches look in, and what they look for: folded text, and numbers by their digits, however
//! they are written.

use super::custom::{CustomType, Customs};
use super::datum::Datum;
use super::field::FieldType;
use super::record::Record;
use crate::brazil::Phone;
use crate::fold::fold;

/// The most words of a query that are looked for; more would only make it slow.
const MOST: usize = 8;

/// How much of a text is searched, in characters.
const LONGEST: usize = 2_000;

/// The folded text of a record: all of its texts, with numbers also as bare digits.
pub fn text_of(record: &Record, customs: &Customs) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (field, value) in record.kind.fields().iter().zip(&record.values) {
        match (field.ty, value) {
            (FieldType::Phone, Datum::Text(text)) => number(text, &mut parts),
            (FieldType::TaxId, Datum::Text(text)) => {
                parts.push(text.clone());
                parts.push(bare(text));
            }
            (FieldType::Text(_) | FieldType::Email, Datum::Text(text)) if field.name != "rank" => {
                parts.push(text.chars().take(LONGEST).collect());
            }
            (FieldType::Tags, Datum::Tags(tags)) => parts.push(tags.join(" ")),
            (FieldType::Contacts, Datum::List(list)) => {
                for contact in list.as_array().into_iter().flatten() {
                    if let Some(value) = contact["value"].as_str() {
                        number(value, &mut parts);
                    }
                }
            }
            _ => {}
        }
    }
    if let Some(values) = record.customs() {
        for field in customs.of(record.kind).filter(|field| field.searchable) {
            match values.get(&field.key).and_then(|value| value.as_str()) {
                Some(text) if field.ty == CustomType::Phone => number(text, &mut parts),
                Some(text) => parts.push(text.chars().take(LONGEST).collect()),
                None => {}
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    fold(&parts.join("\n"))
}

/// A telephone as it was written, by its digits, and with its country's code.
fn number(text: &str, parts: &mut Vec<String>) {
    parts.push(text.to_owned());
    parts.push(bare(text));
    if let Ok(phone) = text.parse::<Phone>() {
        parts.push(bare(phone.e164()));
    }
}

/// A number as it is looked for: without the punctuation of CPF, CNPJ and telephones.
fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The parts that a found record must all contain, folded, the longest first. None when nothing is
/// looked for.
pub fn parts_of(query: &str) -> Vec<String> {
    let letters = query.chars().any(char::is_alphabetic);
    let digits = query.chars().filter(char::is_ascii_digit).count();
    // `(11) 98765-4321` is one number and not three words; `12.ABC.345/01DE-35` is one, too.
    if digits >= 3 && !letters {
        let number = bare(query);
        // A 0 before area and mobile is dialled, not kept; no document has twelve digits.
        return vec![match number.strip_prefix('0') {
            Some(rest) if rest.len() == 11 => rest.to_owned(),
            _ => number,
        }];
    }
    let mut parts: Vec<String> = query
        .split_whitespace()
        .map(|word| {
            let number =
                word.chars().filter(char::is_ascii_digit).count() >= 3 && !word.contains('@');
            let punctuated = word.contains(['.', '/', '-']);
            let word = word.trim_matches(['(', ')', ',', ';']);
            fold(&if number && punctuated {
                bare(word)
            } else {
                word.to_owned()
            })
        })
        .filter(|word| !word.is_empty())
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.chars().count()));
    parts.dedup();
    parts.truncate(MOST);
    parts
}

/// How well a record with this title and text fits: the greater, the better. `parts` are folded.
pub fn score(parts: &[String], title: &str, text: &str) -> u32 {
    let title = fold(title);
    let starts_word = |text: &str, part: &str| {
        text.match_indices(part).any(|(at, _)| {
            text[..at]
                .chars()
                .next_back()
                .is_none_or(|before| !before.is_alphanumeric())
        })
    };
    let whole = parts.join(" ");
    let mut score = u32::from(title == whole) * 50 + u32::from(title.starts_with(&whole)) * 20;
    for part in parts {
        score += match () {
            () if starts_word(&title, part) => 12,
            () if title.contains(part.as_str()) => 6,
            () if starts_word(text, part) => 3,
            () => 1,
        };
    }
    score
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Record};
    use super::*;
    use proptest::prelude::*;

    fn ana() -> Record {
        let mut record = Record::new(Kind::Customer, jiff::Timestamp::UNIX_EPOCH);
        record.set_text("name", "Ana Conceição");
        record.set_text("email", "ana@example.com");
        record.set_text("phone", "+55 (11) 98765-4321");
        record.set_text("document", "12.ABC.345/01DE-35");
        record
    }

    #[test]
    fn found_however_it_is_written() {
        let text = text_of(&ana(), Customs::none());
        let found = |query: &str| {
            let parts = parts_of(query);
            !parts.is_empty() && parts.iter().all(|part| text.contains(part.as_str()))
        };
        for query in [
            "conceicao",
            "CONCEIÇÃO ana",
            "nceic",
            "98765-4321",
            "987654321",
            "(11) 98765",
            "+55 11 98765-4321",
            "011 98765-4321",
            "Ana, (11) 98765-4321",
            "12ABC345",
            "12.abc.345/01de-35",
            "ana@ex",
            "  ana  ",
        ] {
            assert!(found(query), "{query}");
        }
        for query in ["98765 0000", "ana maria", "", "  "] {
            assert!(!found(query), "{query}");
        }
    }

    #[test]
    fn what_begins_with_the_query_comes_first() {
        let parts = parts_of("ana");
        let texts = ["Ana", "Ana Lima", "Maria Ana", "Mariana", "Beto"];
        let scores: Vec<u32> = texts
            .iter()
            .map(|title| score(&parts, title, "ana"))
            .collect();
        assert!(
            scores.windows(2).all(|pair| pair[0] > pair[1]),
            "{scores:?}"
        );
    }

    proptest! {
        #[test]
        fn any_query_is_read(query in "\\PC{0,80}", title in "\\PC{0,40}") {
            let parts = parts_of(&query);
            prop_assert!(parts.len() <= MOST && parts.iter().all(|part| !part.is_empty()));
            let _ = score(&parts, &title, &title);
        }
    }
}
