//! What a file's columns mean, by their heads.

use super::Vocabulary;
use sindico_domain::crm::{Access, Kind};
use sindico_domain::fold::fold;

/// For each head the field that it likely means, or `""`. No field is meant twice.
pub fn guess(kind: Kind, heads: &[String], words: &Vocabulary) -> Vec<String> {
    let mut taken: Vec<&str> = Vec::new();
    let mut guesses = Vec::with_capacity(heads.len());
    for head in heads {
        let bare = plain(head);
        let inputs = kind
            .fields()
            .iter()
            .filter(|field| field.access == Access::Input);
        let by_name = inputs.clone().find(|field| plain(field.name) == bare);
        let found = match bare.as_str() {
            "id" => Some("id"),
            _ => by_name
                .map(|field| field.name)
                .or_else(|| words.heads.get(&(kind, bare.clone())).copied())
                .filter(|name| inputs.clone().any(|field| field.name == *name)),
        };
        match found.filter(|name| !taken.contains(name)) {
            Some(name) => {
                taken.push(name);
                guesses.push(name.to_owned());
            }
            None => guesses.push(String::new()),
        }
    }
    guesses
}

/// A head without accents, case, and what stands between its words.
pub(super) fn plain(head: &str) -> String {
    fold(head)
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_known_in_any_spelling_and_no_field_twice() {
        let mut words = Vocabulary::default();
        words.heads.insert((Kind::Customer, plain("Nome")), "name");
        words
            .heads
            .insert((Kind::Customer, plain("Razão social")), "name");
        words
            .heads
            .insert((Kind::Customer, plain("E-mail")), "email");
        let heads = ["ID", "RAZAO SOCIAL", "nome", "e_mail", "Cor", "tags"].map(str::to_owned);
        let guessed = guess(Kind::Customer, &heads, &words);
        assert_eq!(guessed, ["id", "name", "", "email", "", "tags"]);
    }
}
