//! The catalogue of the pages' words: none that nobody uses, and none that lacks what the program says.

use crate::house::{read, root, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The word that a text begins with.
fn first_word(text: &str) -> &str {
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    &text[..end]
}

/// The names that a file of the catalogue defines.
fn defined(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_start);
    lines
        .filter_map(|line| match line.strip_prefix("fn ") {
            Some(rest) if line.ends_with("\";") => Some(first_word(rest)),
            Some(_) => None,
            None => {
                let name = first_word(line);
                let told = line[name.len()..].starts_with(" = \"");
                (told && !name.is_empty()).then_some(name)
            }
        })
        .collect()
}

/// Under which names a source knows each file of the catalogue: `w` of `words::records as w`.
fn aliases(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for after in text.split("words::").skip(1) {
        let parts: Vec<&str> = match after.strip_prefix('{') {
            Some(group) => group
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .collect(),
            None => vec![after.split([';', ',', '}', ')']).next().unwrap_or_default()],
        };
        for part in parts {
            let part = part.trim();
            let file = first_word(part);
            let alias = match part[file.len()..].strip_prefix(" as ") {
                Some(alias) => first_word(alias),
                None => file,
            };
            found.entry(file).or_default().insert(alias);
        }
    }
    found
}

/// Whether a source says `alias::name`, or takes the name from the file itself.
fn uses(text: &str, alias: &str, name: &str) -> bool {
    let said = format!("{alias}::{name}");
    let whole = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + said.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    };
    text.match_indices(&said).any(|(at, _)| whole(at))
        || text
            .split(&format!("words::{alias}::{{"))
            .skip(1)
            .any(|group| {
                let group = group.split('}').next().unwrap_or_default();
                group.split(',').any(|one| first_word(one.trim()) == name)
            })
}

#[test]
fn every_word_is_used() {
    let folder = root().join("crates/web/src/pages/words");
    let is_page = |path: &&std::path::PathBuf| path.starts_with(root().join("crates/web"));
    let sources: Vec<String> = sources().iter().filter(is_page).map(|p| read(p)).collect();
    let known: Vec<_> = sources.iter().map(|text| (text, aliases(text))).collect();
    let mut seen = 0;
    let mut unused = Vec::new();
    for path in crate::house::files(&folder, "rs") {
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let own = read(&path);
        for name in defined(&own) {
            seen += 1;
            let times = own
                .match_indices(name)
                .filter(|(at, _)| !own[..*at].ends_with(is_word) && first_word(&own[*at..]) == name)
                .count();
            let elsewhere = known.iter().any(|(text, aliases)| {
                let aliases = aliases.get(file.as_str()).into_iter().flatten();
                aliases.into_iter().any(|alias| uses(text, alias, name))
            });
            if times < 2 && !elsewhere {
                unused.push(format!("{file}::{name}"));
            }
        }
    }
    assert!(seen > 500, "only {seen} words were found");
    assert!(unused.is_empty(), "nobody uses {}", unused.join(", "));
}

/// The texts in double quotes after `key` in a source.
fn quoted_after<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let found = text.split(key).skip(1);
    found.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_audit_has_words_for_what_is_done() {
    let words = read(Path::new(
        &root().join("crates/web/src/pages/words/audit.rs"),
    ));
    let mut seen = BTreeSet::new();
    let mut missing = BTreeSet::new();
    for path in sources() {
        if !path.starts_with(root().join("crates/store/src")) {
            continue;
        }
        let text = read(&path);
        for name in quoted_after(&text, "action: \"") {
            seen.insert(name.to_owned());
            if !words.contains(&format!("\"{name}\"")) {
                missing.insert(name.to_owned());
            }
        }
    }
    assert!(seen.len() > 8, "only {seen:?} were found");
    assert!(missing.is_empty(), "no words for {missing:?}");
}
