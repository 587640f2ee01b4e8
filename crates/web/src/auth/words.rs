//! The words of the page for a new password, in Portuguese and English.

use crate::pages::language::Language;

impl Language {
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
