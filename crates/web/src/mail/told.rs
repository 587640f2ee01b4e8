//! What a mail about notifications says: in its reader's language, as text and as simple HTML, with the way to each
//! thing and to what they want to be told.

use super::server::Fault;
use crate::pages::language::Language;
use crate::pages::words::mail as w;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use maud::{DOCTYPE, html};

/// A mail to somebody of a company.
pub(crate) struct Letter<'a> {
    /// Who sends.
    pub from: Mailbox,
    /// Where answers go, if not there.
    pub reply_to: Option<Mailbox>,
    /// Whom it is for.
    pub to: &'a str,
    /// In which language.
    pub language: Language,
    /// The company.
    pub company: &'a str,
    /// Where its portal is, without a slash at its end.
    pub portal: &'a str,
    /// What is told, each with where it leads.
    pub lines: Vec<(String, String)>,
    /// The same for each attempt.
    pub id: String,
}

impl Letter<'_> {
    /// The message.
    ///
    /// # Errors
    /// An address that no mail can be sent to.
    pub(crate) fn message(&self) -> Result<Message, Fault> {
        let to: Address = self
            .to
            .parse()
            .map_err(|_| Fault::new("This address can't be used in a mail.", false))?;
        let preferences = format!("{}/notifications/preferences/", self.portal);
        let header = |name: &'static str, value: String| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
        };
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(to.into())
            .subject(self.subject())
            .message_id(Some(self.id.clone()))
            // So that nobody's holiday notice answers (RFC 3834, 5).
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .raw_header(header("List-Unsubscribe", format!("<{preferences}>")));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        builder
            .multipart(MultiPart::alternative_plain_html(
                self.text(&preferences),
                self.html(&preferences),
            ))
            .map_err(|error| Fault::new(&error.to_string(), false))
    }

    fn subject(&self) -> String {
        match self.lines.as_slice() {
            [(line, _)] => line.clone(),
            lines => w::many(self.language, lines.len(), self.company),
        }
    }

    fn text(&self, preferences: &str) -> String {
        let mut text = String::new();
        for (line, path) in &self.lines {
            text.push_str(&format!("{line}\r\n{}{path}\r\n\r\n", self.portal));
        }
        text.push_str(&format!(
            "-- \r\n{}\r\n{} {preferences}\r\n",
            w::from_company(self.language, self.company),
            w::CHOOSE.in_(self.language)
        ));
        text
    }

    fn html(&self, preferences: &str) -> String {
        let page = html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head { meta charset="utf-8"; title { (self.subject()) } }
                body {
                    @for (line, path) in &self.lines {
                        p { a href={ (self.portal) (path) } { (line) } }
                    }
                    hr;
                    p { (w::from_company(self.language, self.company)) " "
                        a href=(preferences) { (w::CHOOSE.in_(self.language)) } }
                }
            }
        };
        page.into_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_leads_to_what_it_tells_and_runs_nothing() {
        for language in [Language::Portuguese, Language::English] {
            let letter = Letter {
                from: "Vendas <vendas@example.com>".parse().unwrap(),
                reply_to: Some("ana@example.com".parse().unwrap()),
                to: "bia@example.com",
                language,
                company: "Padaria <b>",
                portal: "https://padaria.example.com",
                lines: vec![("Lembrete: <script>".to_owned(), "/activities/7/".to_owned())],
                id: "<1@padaria.example.com>".to_owned(),
            };
            let text = String::from_utf8(letter.message().unwrap().formatted()).unwrap();
            for part in [
                "Message-ID: <1@padaria.example.com>",
                "Reply-To: ana@example.com",
                "To: bia@example.com",
                "Auto-Submitted: auto-generated",
                "List-Unsubscribe: <https://padaria.example.com/notifications/preferences/>",
                "https://padaria.example.com/activities/7/",
                "multipart/alternative",
            ] {
                assert!(text.contains(part), "{part} is not in\n{text}");
            }
            assert!(
                letter.html("x").contains("&lt;script&gt;")
                    && !letter.html("x").contains("<script")
            );
        }
    }

    #[test]
    fn a_title_ends_no_header() {
        let letter = Letter {
            from: "a@example.com".parse().unwrap(),
            reply_to: None,
            to: "b@example.com",
            language: Language::English,
            company: "x",
            portal: "https://x.example.com",
            lines: vec![(
                "Reminder: a\r\nBcc: evil@example.com".to_owned(),
                "/".to_owned(),
            )],
            id: "<1@x>".to_owned(),
        };
        let message = letter.message().unwrap();
        let sent = String::from_utf8(message.formatted()).unwrap();
        let (headers, _) = sent.split_once("\r\n\r\n").unwrap();
        assert!(!headers.contains("\r\nBcc:"), "{headers}");
        let mut wrong = letter;
        wrong.to = "nobody";
        assert!(wrong.message().is_err());
    }
}
