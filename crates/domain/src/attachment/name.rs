//! The name of a file, as it is kept: what was sent may lead somewhere, or look like another.

use unicode_normalization::UnicodeNormalization;

/// The longest name, in characters.
const LONGEST: usize = 200;

/// What a file is called that came without a name.
const NAMELESS: &str = "file";

/// The name of a file: one line without a path, and without characters that can't be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The name that was sent with a file, made one of ours whatever it is: browsers and phones send what they
    /// find. It never leads anywhere, and it is shown in the order in which it is written.
    pub fn sent(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let seen: String = last.nfc().filter(|c| !is_unseen(*c)).collect();
        let words: Vec<&str> = seen.split_whitespace().collect();
        let name = words.join(" ");
        let name = name.trim_end_matches(['.', ' ']);
        match name.trim_matches('.').is_empty() {
            true => Self(NAMELESS.to_owned()),
            false => Self(shorten(name)),
        }
    }

    /// A name that somebody types.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn typed(text: &str) -> Result<Self, String> {
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            return Err("This field must not be empty.".to_owned());
        }
        if text.chars().count() > LONGEST {
            return Err(format!("Use at most {LONGEST} characters."));
        }
        if text.chars().any(|c| is_unseen(c) || "/\\".contains(c))
            || text.trim_matches('.').is_empty()
        {
            return Err(
                "Use a name without slashes and without characters that can't be seen.".to_owned(),
            );
        }
        Ok(Self::sent(&text))
    }

    /// What it says behind its last dot, in lower case; empty when there is nothing.
    pub fn extension(&self) -> String {
        match self.0.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension.to_lowercase(),
            _ => String::new(),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What nobody sees, or what changes how the rest is seen: controls, marks that turn the direction of writing,
/// and signs without width.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Keeps the end of a name that is too long: what it is stands there.
fn shorten(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let end = match name.rsplit_once('.') {
        Some((_, extension)) if extension.chars().count() <= 10 => format!(".{extension}"),
        _ => String::new(),
    };
    let kept = LONGEST - end.chars().count();
    name.chars().take(kept).collect::<String>() + &end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_lead_nowhere_and_hide_nothing() {
        for (sent, kept) in [
            ("proposta.pdf", "proposta.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\foto.png", "foto.png"),
            ("a/", "file"),
            ("", "file"),
            ("..", "file"),
            ("  .  ", "file"),
            ("nota\u{202e}fdp.exe", "notafdp.exe"),
            ("a\r\nSet-Cookie: b.txt", "aSet-Cookie: b.txt"),
            ("zero\u{200b}width\u{feff}.csv", "zerowidth.csv"),
            ("c\u{327}a\u{303}o.txt", "\u{e7}\u{e3}o.txt"),
            ("dois  espa\u{a0}\u{a0}ços .pdf", "dois espa ços .pdf"),
            (".gitignore", ".gitignore"),
            ("fim. . .", "fim"),
        ] {
            assert_eq!(FileName::sent(sent).as_str(), kept, "{sent:?}");
        }
        let long = format!("{}.pdf", "é".repeat(300));
        let kept = FileName::sent(&long);
        assert_eq!(kept.as_str().chars().count(), LONGEST);
        assert_eq!(kept.extension(), "pdf");
        assert_eq!(FileName::sent(".env").extension(), "");
        assert_eq!(FileName::sent("A.TAR.GZ").extension(), "gz");
    }

    #[test]
    fn what_is_typed_is_told_what_is_wrong() {
        for wrong in ["", "  ", "a/b", "a\\b", "..", "x\u{202e}y", "a\nb"] {
            assert!(FileName::typed(wrong).is_err(), "{wrong:?}");
        }
        assert!(FileName::typed(&"a".repeat(201)).is_err());
        assert_eq!(FileName::typed(" ok.pdf ").unwrap().as_str(), "ok.pdf");
    }

    proptest! {
        #[test]
        fn a_name_is_one_line_that_stays_as_it_is(text in "\\PC{0,300}|[\\x00-\\x7f]{0,40}") {
            let name = FileName::sent(&text);
            let kept = name.as_str();
            prop_assert!(!kept.is_empty() && kept.chars().count() <= LONGEST);
            prop_assert!(!kept.chars().any(|c| is_unseen(c) || c == '/' || c == '\\'));
            prop_assert!(kept != "." && kept != "..");
            let again = FileName::sent(kept);
            prop_assert_eq!(again.as_str(), kept);
        }
    }
}
