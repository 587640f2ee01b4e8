//! The words of the page for a new password, in Portuguese and English.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Also of whoever asks for neither: most of our people speak it.
    Portuguese,
    /// English.
    English,
}

impl Language {
    /// The one that `Accept-Language` prefers (RFC 9110, 12.5.4).
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let ranges = headers
            .get_all(ACCEPT_LANGUAGE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        let mut best = (Self::Portuguese, 0.0);
        for range in ranges {
            let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
            let language = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("pt") => Self::Portuguese,
                Some("en") => Self::English,
                _ => continue,
            };
            let weight: f32 = match weight.trim().strip_prefix("q=") {
                Some(number) => number.parse().unwrap_or(0.0),
                None => 1.0,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// Its tag.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::English => "en",
        }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Portuguese => &PORTUGUESE,
            Self::English => &ENGLISH,
        }
    }

    /// A message about a password, in this language.
    pub(super) fn message(self, english: &str) -> &str {
        if self == Self::English {
            return english;
        }
        MESSAGES
            .iter()
            .find(|(message, _)| *message == english)
            .map_or(english, |(_, portuguese)| portuguese)
    }
}

/// The fixed words of the page.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) error: &'static str,
    pub(super) password: &'static str,
    pub(super) hint: &'static str,
    pub(super) again: &'static str,
    pub(super) submit: &'static str,
    pub(super) done: &'static str,
    pub(super) no_link: &'static str,
    pub(super) old_link: &'static str,
    pub(super) wrong_fields: &'static str,
    pub(super) trouble: &'static str,
}

/// The message when the two passwords differ, in English.
pub(super) const DIFFERENT: &str = "The two passwords are not the same.";

const PORTUGUESE: Words = Words {
    title: "Nova senha",
    error: "Erro",
    password: "Nova senha",
    hint: "Pelo menos 8 caracteres. Uma frase curta é fácil de lembrar e difícil de adivinhar.",
    again: "Nova senha, mais uma vez",
    submit: "Salvar a nova senha",
    done: "A nova senha foi salva, e todas as sessões abertas foram encerradas. \
           Entre de novo com a nova senha.",
    no_link: "O endereço está incompleto. Abra o link da mensagem por inteiro.",
    old_link: "Este link não vale mais. Ele vale uma hora e uma só vez. Peça um novo.",
    wrong_fields: "A senha não foi salva. Corrija o que está indicado abaixo.",
    trouble: "A senha não foi salva, porque o serviço está ocupado. Tente de novo em instantes.",
};

const ENGLISH: Words = Words {
    title: "New password",
    error: "Error",
    password: "New password",
    hint: "At least 8 characters. A short phrase is easy to remember and hard to guess.",
    again: "New password, once more",
    submit: "Save the new password",
    done: "The new password is saved, and all open sessions are ended. \
           Sign in again with the new password.",
    no_link: "The address is not complete. Open the whole link of the message.",
    old_link: "This link is not valid any more. It is good for an hour, and once. Ask for a new one.",
    wrong_fields: "The password was not saved. Correct what is marked below.",
    trouble: "The password was not saved, as the service is busy. Try again in a moment.",
};

/// What the rules say of passwords, and the same in Portuguese.
const MESSAGES: &[(&str, &str)] = &[
    ("This field is required.", "Preencha este campo."),
    ("This field may not be blank.", "Preencha este campo."),
    (
        "Null characters are not allowed.",
        "Caracteres nulos não são permitidos.",
    ),
    ("Use at least 8 characters.", "Use pelo menos 8 caracteres."),
    ("Use at most 1024 bytes.", "Use no máximo 1024 bytes."),
    (
        "This password is one of the first that anybody would try.",
        "Esta senha é uma das primeiras que qualquer pessoa tentaria.",
    ),
    (
        "Use a password that is not your name or address.",
        "Use uma senha que não seja o seu nome nem o seu endereço.",
    ),
    (DIFFERENT, "As duas senhas não são iguais."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use sindico_domain::account::new_password;

    #[test]
    fn the_preferred_language_is_spoken() {
        let language = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, text.parse().unwrap());
            Language::of(&headers)
        };
        assert_eq!(Language::of(&HeaderMap::new()), Language::Portuguese);
        for (text, expected) in [
            ("en-US,en;q=0.9,pt-BR;q=0.8", Language::English),
            ("pt-BR,pt;q=0.9,en;q=0.8", Language::Portuguese),
            ("de, en;q=0.2", Language::English),
            ("pt;q=0.1, EN;q=0.5", Language::English),
            ("de, *", Language::Portuguese),
            ("en;q=0", Language::Portuguese),
            ("é, ;;q=, e", Language::Portuguese),
        ] {
            assert_eq!(language(text), expected, "{text}");
        }
    }

    /// A rule that is added, or worded anew, must be told in Portuguese, too.
    #[test]
    fn every_rule_of_passwords_has_its_portuguese_words() {
        let long = "x1".repeat(1000);
        for bad in ["short", &long, "nul\0nul\0", "password", "ana.maria.silva"] {
            let message = new_password(bad, "ana.maria.silva", "a@example.com").unwrap_err();
            assert_ne!(Language::Portuguese.message(&message), message, "{message}");
        }
        assert_eq!(Language::English.message("Whatever."), "Whatever.");
    }
}
