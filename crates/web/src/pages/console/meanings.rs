//! What settings mean, in the reader's language. The program's own list speaks English; a setting that is
//! new to this page keeps those words, and says which language they are in.

use crate::ToldSetting;
use crate::pages::language::Language;
use crate::pages::words::program_settings::{MEANINGS, TOPICS};

/// The name of a topic.
pub(super) fn topic(language: Language, title: &str) -> &str {
    let known = TOPICS.iter().find(|(known, _)| *known == title);
    match (language, known) {
        (Language::Portuguese, Some((_, portuguese))) => portuguese,
        _ => title,
    }
}

/// What a setting means, and the language of these words when it is not the page's.
pub(super) fn meaning(
    language: Language,
    setting: &ToldSetting,
) -> (&'static str, Option<&'static str>) {
    let known = MEANINGS.iter().find(|(known, _)| *known == setting.name);
    match (language, known) {
        (Language::Portuguese, Some((_, portuguese))) => (portuguese, None),
        (Language::Portuguese, None) => (setting.meaning, Some("en")),
        (Language::English, _) => (setting.meaning, None),
    }
}
