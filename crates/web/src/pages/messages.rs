//! What the rules say, in the language of the page. The rules speak English, to programs; here is the
//! same for people. A message that is not known stays English rather than being hidden.

use super::language::Language;
use super::words::{attachments, messages, outside, pipelines, provisioning, quotes, views};
use sindico_domain::FieldErrors;

/// A message in this language.
pub fn translate(language: Language, english: &str) -> String {
    if language == Language::English {
        return english.to_owned();
    }
    let known = all().find_map(|(pattern, portuguese)| {
        values(pattern, english).map(|values| fill(portuguese, &values))
    });
    known.unwrap_or_else(|| english.to_owned())
}

/// All that is wrong, in one line of this language.
pub fn line(language: Language, errors: &FieldErrors) -> String {
    let texts = errors.texts().into_iter();
    let texts: Vec<String> = texts.map(|text| translate(language, text)).collect();
    texts.join(" ")
}

/// Every message: those of the rules, of provisioning, of views, and of what comes and goes from outside.
fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let rules = messages::MESSAGES.iter().chain(provisioning::MESSAGES);
    let more = pipelines::MESSAGES.iter().chain(outside::MESSAGES);
    let files = attachments::MESSAGES.iter().chain(quotes::MESSAGES);
    rules.chain(views::MESSAGES).chain(more).chain(files)
}

/// What stands in the places of a pattern; `None` when the text is not one of it.
fn values<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // The last one reaches to the end, so that a value may hold what follows the one before.
        let at = if parts.peek().is_none() {
            rest.len()
                .checked_sub(part.len())
                .filter(|&at| rest.ends_with(part) && rest.is_char_boundary(at))?
        } else {
            rest.find(part)?
        };
        values.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(values)
}

fn fill(pattern: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = pattern.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(values.next().copied().unwrap_or_default());
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_places() {
        assert_eq!(
            translate(Language::Portuguese, "Use at most 255 characters."),
            "Use no máximo 255 caracteres."
        );
        assert_eq!(
            translate(Language::English, "Use at most 255 characters."),
            "Use at most 255 characters."
        );
        assert_eq!(
            translate(Language::Portuguese, "Something else."),
            "Something else."
        );
        assert_eq!(values("a {} b {}.", "a x b y.z."), Some(vec!["x", "y.z"]));
        assert_eq!(values("a {}", "b x"), None);
        assert_eq!(values("a", "ab"), None);
    }

    #[test]
    fn causes_of_secrets_are_told() {
        let at = "gcp:projects/p/secrets/s/versions/3:";
        for (english, portuguese) in [
            ("it is empty.", "está vazio."),
            (
                "the Secret Manager answered 418.",
                "o Secret Manager respondeu 418.",
            ),
            (
                "there is no such secret, or no such version.",
                "não existe este segredo, ou esta versão.",
            ),
        ] {
            let told = translate(Language::Portuguese, &format!("{at} {english}"));
            assert_eq!(told, format!("{at} {portuguese}"));
        }
        assert_eq!(
            translate(Language::Portuguese, "version 6, 0 migrations run"),
            "versão 6, já em dia"
        );
    }

    #[test]
    fn both_languages_have_the_same_values() {
        for (english, portuguese) in all() {
            assert_eq!(
                english.matches("{}").count(),
                portuguese.matches("{}").count(),
                "{english}"
            );
        }
    }
}
