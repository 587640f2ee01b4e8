//! Icons: one sprite for all pages, so that an icon is a line and not a drawing.

use crate::pages::assets;
use maud::{Markup, html};

/// The icon with this name in `ui/icons.txt`. It is decoration: its meaning is said by words beside it.
pub fn icon(name: &str) -> Markup {
    icon_of(name, "icon")
}

/// The icon with a class of its own.
pub fn icon_of(name: &str, class: &str) -> Markup {
    html! {
        svg class=(class) aria-hidden="true" focusable="false" {
            use href={ (assets::url("icons.svg")) "#" (name) } {}
        }
    }
}

/// The mark of the house: a gable with a key hole.
pub fn brand_mark() -> Markup {
    html! {
        svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            path fill-rule="evenodd" d="M16 2.2 2.6 12.4A1.6 1.6 0 0 0 2 13.7V27a3 3 0 0 0 3 3h22a3 3 0 0 0 3-3V13.7a1.6 1.6 0 0 0-.6-1.3zM16 12.6a4 4 0 0 1 2.1 7.4l1.3 5a.8.8 0 0 1-.8 1h-5.2a.8.8 0 0 1-.8-1l1.3-5a4 4 0 0 1 2.1-7.4z" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn sources(at: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(at).expect("a folder of the pages") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// An icon that is not in the sprite shows nothing, and nobody is told.
    #[test]
    fn every_icon_that_is_named_is_in_the_sprite() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let list = std::fs::read_to_string(root.join("../../ui/icons.txt")).expect("icons.txt");
        let there: BTreeSet<&str> = list.lines().collect();
        let mut files = Vec::new();
        sources(&root.join("src/pages"), &mut files);
        let mut seen = 0;
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source");
            for call in ["icon(\"", "icon: \"", "icon: Some(\""] {
                for part in text.split(call).skip(1) {
                    let name = part.split('"').next().unwrap_or_default();
                    // Not a name: the list of calls above, and the odd input below.
                    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
                        continue;
                    }
                    assert!(there.contains(name), "{}: {name}", file.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 20, "only {seen} icons were found");
    }

    #[test]
    fn an_icon_is_silent_and_its_name_can_not_break_out() {
        let text = icon("\"><script>").0;
        assert!(text.contains("aria-hidden=\"true\""));
        assert!(!text.contains("<script>"), "{text}");
    }
}
