//! A word about what was just done, told by the page that follows, once. It travels in a cookie, as the key
//! of a text of the catalogue and the number of a change set, which the word offers to undo.

use super::language::Word;
use super::words::notices::ALL;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;

/// The cookie's name.
pub(super) const COOKIE: &str = "sindico_notice";

/// A word about what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its name in [`ALL`].
    pub name: &'static str,
    /// The text.
    pub word: Word,
    /// The change set that can be undone.
    pub change: Option<i64>,
}

impl Notice {
    /// The notice of this name, one of [`ALL`].
    ///
    /// # Panics
    /// When there is none: names are written in this program only.
    pub fn new(name: &str, change: Option<i64>) -> Self {
        match ALL.iter().find(|(known, _)| *known == name) {
            Some(&(name, word)) => Self { name, word, change },
            None => unreachable!("there is no notice {name}"),
        }
    }

    /// What the cookie says; nothing when it is none of ours.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (name, change) = text.split_once('.').unwrap_or((text, ""));
        let &(name, word) = ALL.iter().find(|(known, _)| *known == name)?;
        let change = change.parse().ok();
        Some(Self { name, word, change })
    }
}

pub(super) fn set(response: &mut Response, notice: &Notice) {
    let value = match notice.change {
        Some(change) => format!("{}.{change}", notice.name),
        None => notice.name.to_owned(),
    };
    append(response, &value, 60);
}

pub(super) fn clear(response: &mut Response) {
    append(response, "", 0);
}

fn append(response: &mut Response, value: &str, age: u32) {
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_its_cookie() {
        for (name, _) in ALL {
            for change in [None, Some(17)] {
                let notice = Notice::new(name, change);
                let mut response = Response::default();
                set(&mut response, &notice);
                let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
                let value = cookie.split([';', '=']).nth(1).unwrap();
                assert_eq!(Notice::read(value), Some(notice));
            }
        }
        for odd in ["", "nothing", "saved2.1", "<b>"] {
            assert_eq!(Notice::read(odd), None, "{odd}");
        }
        assert_eq!(Notice::read("saved.x").unwrap().change, None);
    }
}
