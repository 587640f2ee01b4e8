//! Customers: whom the company sells to.

use crate::input::{Fields, parsed, text};
use crate::words::words;
use crate::{FieldErrors, account};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::str::FromStr;
use utoipa::ToSchema;

/// A customer, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// Unique in the tenant.
    pub id: i64,
    /// A person's or a company's.
    #[schema(example = "Padaria São João Ltda.")]
    pub name: String,
    /// Unique in the tenant, whatever the letter case.
    #[schema(example = "compras@padaria.example.com")]
    pub email: String,
    /// As it was written; empty when there is none.
    #[schema(example = "+55 11 98765-4321")]
    pub phone: String,
    /// CPF or CNPJ, as it was written; empty when there is none.
    #[schema(example = "12.345.678/0001-95")]
    pub document: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts every change; the ETag.
    #[serde(skip)]
    #[schema(ignore)]
    pub version: i64,
}

/// A customer to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The telephone.
    pub phone: String,
    /// CPF or CNPJ.
    pub document: String,
}

/// What is to change of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerChanges {
    /// New name.
    pub name: Option<String>,
    /// New e-mail address.
    pub email: Option<String>,
    /// New telephone.
    pub phone: Option<String>,
    /// New document.
    pub document: Option<String>,
}

words! {
    /// The orders of the customers list; a minus sign turns one round.
    CustomerSort { /// By name.
        Name = "name", /// By name, last first.
        NameDesc = "-name", /// Oldest first.
        Created = "created_at", /// Newest first.
        CreatedDesc = "-created_at" }
}

impl NewCustomer {
    /// Reads the body of `POST /api/customers/`, all errors at once.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let name = f.require("name", name);
        let email = f.require("email", email);
        let phone = f.read("phone", phone).unwrap_or_default();
        let document = f.read("document", document).unwrap_or_default();
        let errors = f.finish();
        match (name, email) {
            (Some(name), Some(email)) => errors.check(Self {
                name,
                email,
                phone,
                document,
            }),
            _ => Err(errors),
        }
    }
}

impl CustomerChanges {
    /// Reads the body of a `PATCH`: what is sent.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let changes = Self {
            name: f.read("name", name),
            email: f.read("email", email),
            phone: f.read("phone", phone),
            document: f.read("document", document),
        };
        f.finish().check(changes)
    }

    /// Reads the body of a `PUT`: with all that a customer must have.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse_whole(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        NewCustomer::parse(body)?;
        Self::parse(body)
    }

    /// The customer after these changes.
    pub fn apply(&self, customer: &Customer) -> Customer {
        let mut after = customer.clone();
        for (field, new) in [
            (&mut after.name, &self.name),
            (&mut after.email, &self.email),
            (&mut after.phone, &self.phone),
            (&mut after.document, &self.document),
        ] {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        after
    }
}

fn name(value: &Value) -> Result<String, String> {
    text(1..=255)(value)
}

fn email(value: &Value) -> Result<String, String> {
    struct Email(String);
    impl FromStr for Email {
        type Err = String;
        fn from_str(text: &str) -> Result<Self, String> {
            account::email(text).map(Self)
        }
    }
    parsed::<Email>(1..=254)(value).map(|email| email.0)
}

/// As people write it: a form sends nothing as empty text, and a client may send null for it.
fn optional(longest: usize) -> impl Fn(&Value) -> Result<String, String> {
    move |value| match value {
        Value::Null => Ok(String::new()),
        value => text(0..=longest)(value),
    }
}

fn phone(value: &Value) -> Result<String, String> {
    optional(40)(value)
}

fn document(value: &Value) -> Result<String, String> {
    optional(40)(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn all_errors_come_at_once() {
        let errors = NewCustomer::parse(&body(
            json!({"email": "x", "phone": [], "document": "1".repeat(41)}),
        ));
        let errors = errors.unwrap_err();
        for field in ["name", "email", "phone", "document"] {
            assert!(errors.has(field), "{field}");
        }
    }

    #[test]
    fn a_put_needs_all_and_a_patch_takes_any() {
        let part = body(json!({"phone": "1"}));
        assert!(CustomerChanges::parse_whole(&part).is_err());
        let changes = CustomerChanges::parse(&part).unwrap();
        assert_eq!(changes.phone.as_deref(), Some("1"));
        assert_eq!(changes.name, None);
    }

    #[test]
    fn what_clients_read_they_may_send_back() {
        let read = body(
            json!({"id": 7, "name": "Ana", "email": "ana@example.com", "phone": "", "document": null,
            "created_at": "x", "updated_at": 1}),
        );
        let new = NewCustomer::parse(&read).unwrap();
        assert_eq!((new.phone.as_str(), new.document.as_str()), ("", ""));
    }
}
