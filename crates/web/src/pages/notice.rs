//! A word about what was just done, told by the page that follows, once. It travels in a cookie, as the key
//! of a text of the catalogue and what the word offers to undo: the number of a change set, or records of which
//! it was said that they are not one.

use super::language::Word;
use super::portal::place;
use super::words::notices::ALL;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use sindico_domain::crm::Kind;

/// The cookie's name.
pub(super) const COOKIE: &str = "sindico_notice";

/// What a word offers to undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// A change set.
    Change(i64),
    /// That these are not one.
    Dismissed(Kind, Vec<i64>),
}

impl Undo {
    fn to_text(&self) -> String {
        match self {
            Self::Change(id) => id.to_string(),
            Self::Dismissed(kind, ids) => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                format!("{kind}-{}", ids.join("-"))
            }
        }
    }

    fn read(text: &str) -> Option<Self> {
        let Some((kind, ids)) = text.split_once('-') else {
            return Some(Self::Change(text.parse().ok()?));
        };
        let ids: Result<Vec<i64>, _> = ids.split('-').map(str::parse).collect();
        Some(Self::Dismissed(kind.parse().ok()?, ids.ok()?))
    }

    /// Where the form of the word is sent to.
    pub(super) fn action(&self) -> String {
        match self {
            Self::Change(id) => format!("/changes/{id}/undo/"),
            Self::Dismissed(kind, ids) => place::take_back(*kind, ids),
        }
    }
}

/// A word about what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its name in [`ALL`].
    pub name: &'static str,
    /// The text.
    pub word: Word,
    /// What can be undone.
    pub undo: Option<Undo>,
}

impl Notice {
    /// The notice of this name, one of [`ALL`].
    ///
    /// # Panics
    /// When there is none: names are written in this program only.
    pub fn new(name: &str, change: Option<i64>) -> Self {
        Self::offering(name, change.map(Undo::Change))
    }

    /// The same with something else to undo.
    ///
    /// # Panics
    /// As [`Notice::new`].
    pub fn offering(name: &str, undo: Option<Undo>) -> Self {
        match ALL.iter().find(|(known, _)| *known == name) {
            Some(&(name, word)) => Self { name, word, undo },
            None => unreachable!("there is no notice {name}"),
        }
    }

    /// What the cookie says; nothing when it is none of ours.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (name, undo) = text.split_once('.').unwrap_or((text, ""));
        let &(name, word) = ALL.iter().find(|(known, _)| *known == name)?;
        let undo = Undo::read(undo);
        Some(Self { name, word, undo })
    }
}

pub(super) fn set(response: &mut Response, notice: &Notice) {
    let value = match &notice.undo {
        Some(undo) => format!("{}.{}", notice.name, undo.to_text()),
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
            let pairs = Undo::Dismissed(Kind::Lead, vec![7, 9]);
            for undo in [None, Some(Undo::Change(17)), Some(pairs)] {
                let notice = Notice::offering(name, undo);
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
        for odd in ["x", "lead-", "lead-7-x", "boss-7-9", "-1"] {
            let notice = Notice::read(&format!("saved.{odd}"));
            assert_eq!(notice.unwrap().undo, None, "{odd}");
        }
    }
}
