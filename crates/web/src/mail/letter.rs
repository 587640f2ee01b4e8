//! What the mails say.

use sindico_domain::access::User;

/// A mail of plain text.
pub struct Mail {
    /// The address to send it to.
    pub to: String,
    /// Its subject, one line.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// What a log may call it.
    pub about: String,
}

impl Mail {
    /// The mail with the link to set a new password. Whose language is which isn't known, so both
    /// stand in it.
    pub fn password_reset(user: &User, link: &str) -> Self {
        let name = &user.username;
        let text = format!(
            "Olá,\n\
             \n\
             alguém pediu uma nova senha para a conta {name} no Síndico.\n\
             Se foi você, abra este endereço dentro de uma hora:\n\
             \n\
             {link}\n\
             \n\
             Se não foi você, ignore esta mensagem: a sua senha continua a mesma.\n\
             \n\
             --------\n\
             \n\
             Hello,\n\
             \n\
             somebody asked for a new password for the account {name} at Síndico.\n\
             If it was you, open this address within an hour:\n\
             \n\
             {link}\n\
             \n\
             If it was not you, ignore this message: your password stays as it is.\n"
        );
        Self {
            to: user.email.clone(),
            subject: "Síndico: nova senha / new password".to_owned(),
            text,
            about: format!("the reset of the password of user {}", user.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_speaks_both_languages_and_names_no_secret_but_the_link() {
        const LINK: &str = "https://sistema.example.com/password-reset/?token=0123";
        let ana = User {
            id: 7,
            username: "ana".to_owned(),
            email: "ana@example.com".to_owned(),
            is_staff: false,
            is_superuser: false,
        };
        let mail = Mail::password_reset(&ana, LINK);
        for part in [
            "nova senha para a conta ana",
            "new password for the account ana",
        ] {
            assert!(mail.text.contains(part), "{part}");
        }
        assert_eq!(mail.text.matches(LINK).count(), 2);
        assert!(!mail.about.contains(LINK) && !mail.subject.contains(LINK));
    }
}
