//! The options of `DATABASE_URL` that the driver does not know, taken out of it: libpq's `sslmode`, of
//! which it knows three words, and `sslrootcert` (PostgreSQL manual 34.1.1 and 34.1.2).

use percent_encoding::percent_decode_str;

/// What was taken out, and what is left for the driver.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) rest: String,
    pub(super) sslmode: Option<String>,
    pub(super) sslrootcert: Option<String>,
    /// Whether the end could not be read. The driver passes over some of that, and what stands there
    /// would have no effect.
    pub(super) unread: bool,
}

impl Options {
    /// Both forms: a URL, and `key=value`. What can't be read is left to the driver, whose error it is.
    pub(super) fn take(text: &str) -> Self {
        let schemes = ["postgres://", "postgresql://"];
        let mut taken = Self::default();
        match schemes.iter().find(|scheme| text.starts_with(**scheme)) {
            Some(scheme) => taken.take_url(text, scheme.len()),
            None => taken.take_pairs(text),
        }
        taken
    }

    /// Keeps the option if it is one of ours. As in libpq, the last one counts.
    fn keep(&mut self, key: &str, value: String) -> bool {
        match key {
            "sslmode" => self.sslmode = Some(value),
            "sslrootcert" => self.sslrootcert = Some(value),
            _ => return false,
        }
        true
    }

    fn take_url(&mut self, text: &str, scheme: usize) {
        // A password may hold a question mark: what stands before the first @ is no option.
        let start = text[scheme..].find('@').map_or(scheme, |at| scheme + at);
        let Some(question) = text[start..].find('?').map(|at| start + at) else {
            self.rest = text.to_owned();
            return;
        };
        let mut left = Vec::new();
        for pair in text[question + 1..].split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = percent_decode_str(value).decode_utf8_lossy().into_owned();
            if !self.keep(&percent_decode_str(key).decode_utf8_lossy(), decoded) {
                left.push(pair);
            }
        }
        self.rest = text[..question].to_owned();
        if !left.is_empty() {
            self.rest.push('?');
            self.rest.push_str(&left.join("&"));
        }
    }

    fn take_pairs(&mut self, text: &str) {
        let mut text = text.trim_start();
        while let Some((key, value, after)) = pair(text) {
            if !self.keep(key, value) {
                self.rest.push_str(&text[..text.len() - after.len()]);
                self.rest.push(' ');
            }
            text = after.trim_start();
        }
        self.rest.push_str(text);
        self.unread = !text.is_empty();
    }
}

/// The first `key = value` of the text, and what comes after it. In a value a backslash takes its
/// meaning from the next character, and so do single quotation marks from blanks.
fn pair(text: &str) -> Option<(&str, String, &str)> {
    let end = text.find(|c: char| c == '=' || c.is_whitespace())?;
    let (key, after) = text.split_at(end);
    if key.is_empty() {
        return None;
    }
    let after = after.trim_start().strip_prefix('=')?.trim_start();
    let (quoted, after) = match after.strip_prefix('\'') {
        Some(after) => (true, after),
        None => (false, after),
    };
    let mut value = String::new();
    let mut chars = after.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            '\'' if quoted => return Some((key, value, &after[at + 1..])),
            c if !quoted && c.is_whitespace() => return Some((key, value, &after[at..])),
            c => value.push(c),
        }
    }
    (!quoted && !after.is_empty()).then_some((key, value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::str::FromStr;
    use tokio_postgres::Config;

    fn taken(text: &str) -> (String, Option<String>, Option<String>) {
        let options = Options::take(text);
        (options.rest, options.sslmode, options.sslrootcert)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn options_of_a_url() {
        let base = "postgres://ana:se%3Fnha@db/sindico";
        assert_eq!(taken(base), (base.to_owned(), None, None));
        let url =
            format!("{base}?sslmode=verify-ca&connect_timeout=3&sslrootcert=%2Fetc%2Fca%201.pem");
        assert_eq!(
            taken(&url),
            (
                format!("{base}?connect_timeout=3"),
                some("verify-ca"),
                some("/etc/ca 1.pem")
            )
        );
        assert_eq!(
            taken("postgresql://db/x?sslmode=require"),
            ("postgresql://db/x".to_owned(), some("require"), None)
        );
        // Not an option, but the end of a password.
        let url = "postgres://ana:x?sslmode=a@db/x?sslmode=disable&sslmode=allow";
        let rest = "postgres://ana:x?sslmode=a@db/x".to_owned();
        assert_eq!(taken(url), (rest, some("allow"), None));
    }

    #[test]
    fn options_of_pairs() {
        assert_eq!(
            taken(
                r" host=db sslmode = verify-full password='a b\' sslmode=x' sslrootcert='/c a.pem' user=u\ v"
            ),
            (
                r"host=db password='a b\' sslmode=x' user=u\ v ".to_owned(),
                some("verify-full"),
                some("/c a.pem")
            )
        );
        // What can't be read is the driver's.
        for text in ["host=db password='open", "nonsense", "host=db =x"] {
            let options = Options::take(text);
            assert_eq!((options.rest.as_str(), options.unread), (text, true));
        }
    }

    proptest! {
        /// Whatever the values are, the driver reads the same as without our options among them.
        #[test]
        fn what_is_left_is_what_was_there(
            password in "[^\0]{1,12}", path in "[^\0]{1,12}", first in any::<bool>()
        ) {
            let quoted = |text: &str| text.replace('\\', r"\\").replace('\'', r"\'");
            let (user, ssl) = (
                format!("host=db user=ana password='{}' dbname=x", quoted(&password)),
                format!("sslrootcert='{}' sslmode=prefer", quoted(&path)),
            );
            let text = if first { format!("{ssl} {user}") } else { format!("{user} {ssl}") };
            let options = Options::take(&text);
            prop_assert_eq!(options.sslrootcert.as_deref(), Some(path.as_str()));
            prop_assert_eq!(options.sslmode.as_deref(), Some("prefer"));
            let config = Config::from_str(&options.rest).unwrap();
            prop_assert_eq!(config.get_password(), Some(password.as_bytes()));
            prop_assert_eq!(config.get_dbname(), Some("x"));
        }

        /// The same for the URL, where everything is percent-encoded.
        #[test]
        fn what_is_left_of_a_url_is_what_was_there(password in "\\PC{1,12}", path in "\\PC{1,12}") {
            let encoded = |text: &str| {
                text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()
            };
            let url = format!(
                "postgres://ana:{}@db:5433/x?sslrootcert={}&application_name=a&sslmode=allow",
                encoded(&password), encoded(&path),
            );
            let options = Options::take(&url);
            prop_assert_eq!(options.sslrootcert.as_deref(), Some(path.as_str()));
            let config = Config::from_str(&options.rest).unwrap();
            prop_assert_eq!(config.get_password(), Some(password.as_bytes()));
            prop_assert_eq!(config.get_application_name(), Some("a"));
        }

        /// Nothing makes it panic.
        #[test]
        fn any_text_is_taken(text in "(postgres://)?[\\PC ='\\\\@?&]{0,40}") {
            Options::take(&text);
        }
    }
}
