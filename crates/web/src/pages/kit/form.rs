//! What stands around fields: token, summary of what is wrong, actions.

use super::icon::icon;
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// The token that shows that a form comes from a page of ours. Scripts send it as a header too.
pub fn csrf_field(token: &str) -> Markup {
    html! { input type="hidden" name="csrf_token" value=(token); }
}

/// Everything that is wrong, with links to the fields (`id`, label and error). It takes the focus, with
/// and without scripts.
pub fn error_summary(language: Language, errors: &[(String, String)]) -> Markup {
    html! { @if !errors.is_empty() {
        div class="error-summary" role="alert" tabindex="-1" autofocus {
            h2 { @if errors.len() == 1 { (words::WRONG_FIELD.in_(language)) } @else { (words::wrong_fields(language, errors.len())) } }
            ul { @for (id, error) in errors { li { a href={ "#" (id) } { (error) } } } }
        }
    } }
}

/// The end of a form: its main action first. On phones it stays in reach of the thumb.
pub fn form_actions(actions: Markup) -> Markup {
    html! { div class="form-actions form-actions-sticky" { (actions) } }
}

/// A value that is shown, and turns into its form by a click or Enter; Escape turns it back. Without
/// scripts the link leads to the whole form.
pub struct InlineEdit<'a> {
    /// Its id in the page: an answer with the same id replaces it.
    pub id: &'a str,
    /// The field's name.
    pub label: &'a str,
    /// What is shown now.
    pub shown: Markup,
    /// Where the whole record is edited.
    pub href: &'a str,
    /// Where the small form is posted.
    pub action: &'a str,
    /// The token of [`csrf_field`].
    pub csrf: &'a str,
    /// The field, drawn; with an id of its own when the page has another of that name.
    pub field: Markup,
    /// It has just been refused: the form is open.
    pub open: bool,
}

impl InlineEdit<'_> {
    /// Itself.
    pub fn render(&self, language: Language) -> Markup {
        html! {
            div class="inline-edit" id=(self.id) data-inline {
                a class="inline-show" href=(self.href) data-inline-show hidden[self.open] {
                    span { (self.shown) }
                    span class="visually-hidden" { (words::edit_of(language, self.label)) }
                    (icon("pencil"))
                }
                form class="inline-form" method="post" action=(self.action) hidden[!self.open] data-inline-form hx-post=(self.action)
                    hx-target={ "#" (self.id) } hx-select={ "#" (self.id) } hx-swap="outerHTML" hx-push-url="false" {
                    (csrf_field(self.csrf))
                    (self.field)
                    div class="row" {
                        (super::button::button(crate::pages::words::common::SAVE.in_(language)).primary().small())
                        (super::button::button(crate::pages::words::common::CANCEL.in_(language)).quiet().small().plain().attr("data-inline-cancel", ""))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::{Choice, Field};
    use super::*;

    const PT: Language = Language::Portuguese;

    #[test]
    fn a_field_tells_what_describes_it() {
        let text = Field::email("email", "E-mail")
            .value("\"<x>")
            .hint("De trabalho")
            .errors(["Não é um e-mail."])
            .required()
            .render(PT)
            .0;
        assert!(
            text.contains("aria-describedby=\"f-email-error f-email-hint\""),
            "{text}"
        );
        assert!(text.contains("aria-invalid=\"true\""));
        assert!(text.contains("value=\"&quot;&lt;x&gt;\""));
        assert!(text.contains("id=\"f-email-error\"") && text.contains("id=\"f-email-hint\""));
        assert!(text.contains("for=\"f-email\"") && text.contains(" required"));
        let plain = Field::text("a", "A").render(PT).0;
        assert!(!plain.contains("aria-"), "{plain}");
    }

    #[test]
    fn choices_keep_what_was_chosen() {
        let choices = || [Choice::new("a", "<A>"), Choice::new("b", "B")];
        let select = Field::select("s", "S")
            .choices(choices())
            .value("b")
            .render(PT)
            .0;
        assert!(
            select.contains("<option value=\"b\" selected>B"),
            "{select}"
        );
        assert!(select.contains("&lt;A&gt;") && !select.contains("Escolha"));
        let radio = Field::radio("r", "R")
            .choices(choices())
            .value("a")
            .render(PT)
            .0;
        assert!(radio.contains("<legend"), "{radio}");
        assert!(radio.contains("value=\"a\" checked"), "{radio}");
        let yes = Field::checkbox("c", "C").checked(true).render(PT).0;
        assert!(
            yes.contains(" checked") && yes.contains("value=\"true\""),
            "{yes}"
        );
    }

    #[test]
    fn an_area_keeps_its_first_line_break() {
        let text = Field::textarea("t", "T")
            .value("\n</textarea>")
            .render(PT)
            .0;
        assert!(text.contains(">\n\n&lt;/textarea&gt;</textarea>"), "{text}");
    }

    #[test]
    fn the_summary_leads_to_the_fields() {
        let one = [("f-a".to_owned(), "<Errado>".to_owned())];
        let text = error_summary(PT, &one).0;
        assert!(text.contains("href=\"#f-a\"") && text.contains("&lt;Errado&gt;"));
        assert!(text.contains("role=\"alert\"") && text.contains("autofocus"));
        assert_eq!(error_summary(PT, &[]).0, "");
    }
}
