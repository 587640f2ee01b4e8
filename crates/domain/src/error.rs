//! What a caller did wrong, in words for that caller.

use serde::Serialize;
use std::collections::BTreeMap;

/// Errors by field, nested as the input nests (contract section 1):
/// `{"name": ["..."], "contract": {"seats": ["..."]}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldErrors(BTreeMap<String, FieldError>);

/// The messages of one field, or the errors of the object under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FieldError {
    /// Messages of a plain field.
    Messages(Vec<String>),
    /// Errors of the fields of a nested object.
    Nested(FieldErrors),
}

/// The key of errors that concern the body as a whole.
pub const NON_FIELD_ERRORS: &str = "non_field_errors";

impl FieldErrors {
    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One error of one field. A dot in `path` goes one object deeper (`contract.seats`).
    pub fn one(path: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::new();
        errors.add(path, message);
        errors
    }

    /// An error of the body as a whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self::one(NON_FIELD_ERRORS, message)
    }

    /// Adds a message; a dot in `path` goes one object deeper.
    pub fn add(&mut self, path: &str, message: impl Into<String>) {
        if let Some((outer, rest)) = path.split_once('.') {
            let entry = self
                .0
                .entry(outer.to_owned())
                .or_insert_with(|| FieldError::Nested(Self::new()));
            match entry {
                FieldError::Nested(nested) => nested.add(rest, message),
                FieldError::Messages(messages) => messages.push(message.into()),
            }
        } else {
            self.add_named(path, message);
        }
    }

    /// Adds a message to the field of exactly this name, a dot in it or not.
    pub fn add_named(&mut self, name: &str, message: impl Into<String>) {
        match self
            .0
            .entry(name.to_owned())
            .or_insert_with(|| FieldError::Messages(Vec::new()))
        {
            FieldError::Messages(messages) => messages.push(message.into()),
            FieldError::Nested(nested) => nested.add(NON_FIELD_ERRORS, message),
        }
    }

    /// Puts the errors of a nested object under its name.
    pub fn nest(&mut self, name: &str, nested: FieldErrors) {
        if !nested.is_empty() {
            self.0.insert(name.to_owned(), FieldError::Nested(nested));
        }
    }

    /// Adds all of `other` to these.
    pub fn merge(&mut self, other: FieldErrors) {
        for (name, error) in other.0 {
            match error {
                FieldError::Messages(messages) => {
                    for message in messages {
                        self.add(&name, message);
                    }
                }
                FieldError::Nested(nested) => match self.0.get_mut(&name) {
                    Some(FieldError::Nested(mine)) => mine.merge(nested),
                    _ => self.nest(&name, nested),
                },
            }
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this top-level field has an error.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The errors inside of this top-level field, if it is an object.
    pub fn nested(&self, name: &str) -> Option<&Self> {
        match self.0.get(name) {
            Some(FieldError::Nested(nested)) => Some(nested),
            _ => None,
        }
    }

    /// The messages of this top-level field; none for one without errors, or with nested ones.
    pub fn messages(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(FieldError::Messages(messages)) => messages,
            _ => &[],
        }
    }

    /// The messages of the field at this path; a dot goes one object deeper.
    pub fn at(&self, path: &str) -> &[String] {
        match path.split_once('.') {
            None => self.messages(path),
            Some((outer, rest)) => match self.0.get(outer) {
                Some(FieldError::Nested(nested)) => nested.at(rest),
                _ => &[],
            },
        }
    }

    /// Only the errors of this top-level field.
    pub fn only(&self, name: &str) -> Self {
        let entry = self
            .0
            .get(name)
            .map(|error| (name.to_owned(), error.clone()));
        Self(entry.into_iter().collect())
    }

    /// `Ok(value)` when nothing is wrong, else the errors.
    pub fn check<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// Every message, without the names of fields: for people, whose page has no field to say it at.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        for error in self.0.values() {
            match error {
                FieldError::Messages(messages) => texts.extend(messages.iter().map(String::as_str)),
                FieldError::Nested(nested) => texts.extend(nested.texts()),
            }
        }
        texts
    }

    /// One line for a terminal: `name: This field is required. contract.seats: ...`.
    pub fn to_line(&self) -> String {
        let mut parts = Vec::new();
        self.collect("", &mut parts);
        parts.join(" ")
    }

    fn collect(&self, prefix: &str, parts: &mut Vec<String>) {
        for (name, error) in &self.0 {
            match error {
                FieldError::Messages(messages) if name == NON_FIELD_ERRORS => {
                    parts.push(messages.join(" "));
                }
                FieldError::Messages(messages) => {
                    parts.push(format!("{prefix}{name}: {}", messages.join(" ")));
                }
                FieldError::Nested(nested) => nested.collect(&format!("{prefix}{name}."), parts),
            }
        }
    }
}

/// A request that is refused, with what to tell its sender. The one place that turns these
/// into HTTP statuses is `web::contract::error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Fields are wrong, all of them named at once.
    Fields(FieldErrors),
    /// The request as a whole is wrong.
    Invalid(String),
    /// Nobody is known: no credentials, or bad ones.
    Unauthenticated(String),
    /// Known, but not allowed.
    Forbidden(String),
    /// Not there, or not yours, which is the same.
    NotFound,
    /// The same, with words of its own.
    Missing(String),
    /// In conflict with work in progress, found under this path.
    Conflict {
        /// What is in the way.
        detail: String,
        /// Where to watch it.
        location: Option<String>,
    },
    /// `If-Match` names another version than the current one (RFC 9110, 13.1.1).
    PreconditionFailed,
    /// `If-Match` is missing where a change must name what it was made of (RFC 6585, 3).
    PreconditionRequired,
    /// An idempotency key used again with another body.
    KeyReused,
    /// Too many attempts; seconds until the next one.
    TooManyRequests(u64),
    /// Too much is open at once.
    TooManyOpen(String),
    /// What is asked for is there, and can't be served for now.
    Unavailable(String),
    /// A body of more than so many bytes.
    TooLarge(usize),
    /// A body in a format, or in an encoding, that isn't read.
    UnsupportedMediaType,
}

impl From<FieldErrors> for Refusal {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}

impl Refusal {
    /// One line for a terminal or a log.
    pub fn to_line(&self) -> String {
        match self {
            Self::Fields(errors) => errors.to_line(),
            Self::Invalid(detail)
            | Self::Unauthenticated(detail)
            | Self::Forbidden(detail)
            | Self::Missing(detail)
            | Self::Unavailable(detail)
            | Self::TooManyOpen(detail) => detail.clone(),
            Self::NotFound => "Not found.".to_owned(),
            Self::Conflict { detail, .. } => detail.clone(),
            Self::PreconditionFailed => {
                "It has changed since you read it. Read it again, then repeat the change."
                    .to_owned()
            }
            Self::PreconditionRequired => {
                "Everybody sees it: send If-Match with the ETag of the version that you have read."
                    .to_owned()
            }
            Self::KeyReused => {
                "This Idempotency-Key was used before with another request.".to_owned()
            }
            Self::TooManyRequests(seconds) => {
                format!("Too many attempts. Try again in {seconds} seconds.")
            }
            Self::TooLarge(limit) => format!("The body is larger than {limit} bytes."),
            Self::UnsupportedMediaType => {
                "Send application/json, application/x-www-form-urlencoded or multipart/form-data \
                 in UTF-8."
                    .to_owned()
            }
        }
    }
}
