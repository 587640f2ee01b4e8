//! What a file's columns mean, by their heads.

use super::Vocabulary;
use super::job::is_mapped;
use sindico_domain::crm::custom::Known;
use sindico_domain::fold::fold;

/// For each head the field that it likely means, or `""`. No field is meant twice.
pub fn guess<'a>(known: impl Into<Known<'a>>, heads: &[String], words: &Vocabulary) -> Vec<String> {
    let Known { kind, customs } = known.into();
    let mut taken: Vec<String> = Vec::new();
    let mut guesses = Vec::with_capacity(heads.len());
    for head in heads {
        let bare = plain(head);
        let inputs = kind.fields().iter().filter(|field| is_mapped(field));
        let by_name = inputs.clone().find(|field| plain(field.name) == bare);
        let found = match bare.as_str() {
            "id" => Some("id".to_owned()),
            _ => by_name
                .map(|field| field.name)
                .or_else(|| words.heads.get(&(kind, bare.clone())).copied())
                .filter(|name| inputs.clone().any(|field| field.name == *name))
                .map(str::to_owned),
        };
        // The company's own: by what they are called, by their keys, or as an export names them.
        let custom = || {
            let mut all = customs.of(kind);
            let called = |name: &str| plain(name) == bare;
            let found = all
                .find(|field| called(&field.label) || called(&field.key) || called(&field.name()));
            found.map(|field| field.name())
        };
        let found = found.filter(|name| !taken.contains(name)).or_else(custom);
        match found.filter(|name| !taken.contains(name)) {
            Some(name) => {
                taken.push(name.clone());
                guesses.push(name);
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
    use sindico_domain::crm::Kind;

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
