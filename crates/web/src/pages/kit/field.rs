//! A field of a form: label, control, hint and what is wrong, tied together for those who listen.

use super::attrs::Attrs;
use super::icon::icon;
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};
use std::borrow::Cow;

/// A value to choose, and how it is called.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// One.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Control {
    Input(&'static str),
    Prefixed(&'static str, &'static str),
    Search,
    TextArea,
    Select,
    Checkbox,
    Radio,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    name: Cow<'static, str>,
    label: Cow<'static, str>,
    control: Control,
    id: String,
    value: String,
    hint: Option<Cow<'static, str>>,
    errors: Vec<String>,
    required: bool,
    wide: bool,
    empty: Option<String>,
    choices: Vec<Choice>,
    attrs: Attrs,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $control:expr $(, $attr:literal = $value:literal)*;)*) => {
        $($(#[$doc])*
        pub fn $kind(name: impl Into<Cow<'static, str>>, label: impl Into<Cow<'static, str>>) -> Self {
            Self::new(name.into(), label.into(), $control)$(.attr($attr, $value))*
        })*
    };
}

impl Field {
    kinds! {
        /// A line of text.
        text = Control::Input("text");
        /// A whole number.
        number = Control::Input("text"), "inputmode" = "numeric";
        /// An e-mail address.
        email = Control::Input("email"), "autocomplete" = "email", "inputmode" = "email";
        /// A password.
        password = Control::Input("password"), "autocomplete" = "current-password";
        /// A phone number, in any shape.
        phone = Control::Input("tel"), "inputmode" = "tel", "data-mask" = "phone";
        /// A CPF or a CNPJ, in any shape; a CNPJ may have letters.
        document = Control::Input("text"), "data-mask" = "document", "autocapitalize" = "characters", "spellcheck" = "false";
        /// A CEP.
        cep = Control::Input("text"), "inputmode" = "numeric", "data-mask" = "cep";
        /// An address of the web.
        url = Control::Input("url"), "inputmode" = "url";
        /// An amount in reais.
        money = Control::Prefixed("text", "R$"), "inputmode" = "decimal", "data-mask" = "money";
        /// A day.
        date = Control::Input("date");
        /// A day and an hour.
        datetime = Control::Input("datetime-local");
        /// A file.
        file = Control::Input("file");
        /// Lines of text.
        textarea = Control::TextArea, "rows" = "3";
        /// One of some values.
        select = Control::Select;
        /// Yes or no; its value is what is sent for yes.
        checkbox = Control::Checkbox;
        /// One of few values, all in sight.
        radio = Control::Radio;
        /// What to look for.
        search = Control::Search;
    }

    fn new(name: Cow<'static, str>, label: Cow<'static, str>, control: Control) -> Self {
        Self {
            id: format!("f-{name}"),
            name,
            label,
            control,
            value: String::new(),
            hint: None,
            errors: Vec::new(),
            required: false,
            wide: false,
            empty: None,
            choices: Vec::new(),
            attrs: Attrs::new(),
        }
    }

    /// What stands in it.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// A word of help below its label.
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong with it.
    pub fn errors<T: Into<String>>(mut self, errors: impl IntoIterator<Item = T>) -> Self {
        self.errors = errors.into_iter().map(Into::into).collect();
        self
    }

    /// It must be filled.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It takes the whole line of a `form-grid`.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// What can be chosen.
    pub fn choices(mut self, choices: impl IntoIterator<Item = Choice>) -> Self {
        self.choices = choices.into_iter().collect();
        self
    }

    /// A select that may be left empty, and how that is called.
    pub fn or_none(mut self, label: impl Into<String>) -> Self {
        self.empty = Some(label.into());
        self
    }

    /// Another id than `f-` and its name: when two forms on a page have a field of the same name.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Another attribute of its control.
    pub fn attr(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.attrs = self.attrs.with(name, value);
        self
    }

    /// Its id, for the links of an error summary.
    pub fn element_id(&self) -> &str {
        &self.id
    }

    /// Itself.
    pub fn render(&self, language: Language) -> Markup {
        let class = match (self.wide, &self.control) {
            (true, _) => "field field-wide",
            (_, Control::Search) => "field field-search",
            _ => "field",
        };
        if self.control == Control::Radio {
            return self.radios(class, language);
        }
        if self.control == Control::Checkbox {
            return html! {
                div class=(class) {
                    label class="choice" {
                        (self.control_attrs().with("type", "checkbox").with("value", self.yes()).void("input"))
                        span { (self.label) (self.mark(language)) }
                    }
                    (self.notes())
                }
            };
        }
        html! {
            div class=(class) {
                label class="field-label" for=(self.id) { (self.label) (self.mark(language)) }
                (self.control(language))
                (self.notes())
            }
        }
    }

    fn mark(&self, language: Language) -> Markup {
        html! { @if self.required {
            " " span class="field-mark" aria-hidden="true" { "*" }
            span class="visually-hidden" { " (" (words::REQUIRED.in_(language)) ")" }
        } }
    }

    fn notes(&self) -> Markup {
        html! {
            @if let Some(hint) = &self.hint { p class="field-hint" id={ (self.id) "-hint" } { (hint) } }
            (self.wrong())
        }
    }

    fn wrong(&self) -> Markup {
        html! { @if !self.errors.is_empty() {
            div id={ (self.id) "-error" } {
                @for error in &self.errors { p class="field-error" { (icon("circle-alert")) span { (error) } } }
            }
        } }
    }

    fn yes(&self) -> String {
        match self.value.as_str() {
            "" => "true".to_owned(),
            value => value.to_owned(),
        }
    }

    /// The ids of what describes it.
    fn described(&self) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let error = (!self.errors.is_empty()).then(|| format!("{}-error", self.id));
        let ids: Vec<_> = [error, hint].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn control_attrs(&self) -> Attrs {
        Attrs::new()
            .with("id", self.id.clone())
            .with("name", self.name.clone())
            .flag("required", self.required)
            .maybe("aria-describedby", self.described())
            .maybe("aria-invalid", (!self.errors.is_empty()).then_some("true"))
            .and(self.attrs.clone())
    }

    fn control(&self, language: Language) -> Markup {
        let attrs = self.control_attrs().with("class", "input");
        let input = |kind| {
            attrs
                .clone()
                .with("type", kind)
                .with("value", self.value.clone())
        };
        match &self.control {
            Control::Input(kind) => input(*kind).void("input"),
            Control::Prefixed(kind, prefix) => html! {
                span class="input-group" {
                    span class="input-prefix" aria-hidden="true" { (prefix) }
                    (input(*kind).with("class", "input number-input").void("input"))
                }
            },
            Control::Search => html! {
                span class="input-icon" { (icon("search")) (input("search").void("input")) }
            },
            // A line break behind the tag is not part of the text; without ours, one of the text's is lost.
            Control::TextArea => attrs.element("textarea", &html! { "\n" (self.value) }),
            Control::Select => attrs.element("select", &html! {
                @if let Some(label) = &self.empty { option value="" { (label) } }
                @else if self.value.is_empty() { option value="" { (words::CHOOSE.in_(language)) } }
                @for choice in &self.choices {
                    option value=(choice.value) selected[choice.value == self.value] { (choice.label) }
                }
            }),
            Control::Checkbox | Control::Radio => html! {},
        }
    }

    fn radios(&self, class: &str, language: Language) -> Markup {
        let described = self.described();
        html! {
            fieldset class=(class) id=(self.id) aria-describedby=[described] {
                legend class="field-label" { (self.label) (self.mark(language)) }
                @if let Some(hint) = &self.hint { p class="field-hint" id={ (self.id) "-hint" } { (hint) } }
                div class="choices-line" {
                    @for (index, choice) in self.choices.iter().enumerate() {
                        label class="choice" {
                            input type="radio" id={ (self.id) "-" (index) } name=(self.name) value=(choice.value)
                                checked[choice.value == self.value] required[self.required];
                            span { (choice.label) }
                        }
                    }
                }
                (self.wrong())
            }
        }
    }

    /// A checkbox that is checked.
    pub fn checked(self, checked: bool) -> Self {
        if checked {
            self.attr("checked", "")
        } else {
            self
        }
    }
}
