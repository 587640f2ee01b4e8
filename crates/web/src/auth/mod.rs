//! Who people are: tokens, sessions, passwords (contract section 2).

pub mod cookie;
pub mod me;
pub mod page;
pub mod password;
pub mod reset;
pub mod session;
pub mod token;
mod wire;

use crate::gate::trace::RequestInfo;
use secrecy::SecretString;
use serde_json::Value;
use sindico_domain::access::{Actor, User};
use sindico_domain::input::{Fields, Parsed};

/// Under whom a change by a user who has just shown who they are is recorded.
fn signed_in(user: &User, info: &RequestInfo) -> Actor {
    Actor {
        user_id: Some(user.id),
        name: user.username.clone(),
        ..nobody(info)
    }
}

/// Under whom a change is recorded as long as nobody is known.
fn nobody(info: &RequestInfo) -> Actor {
    Actor {
        user_id: None,
        name: "anonymous".to_owned(),
        address: Some(info.client),
        request_id: info.id.clone(),
    }
}

/// A secret, exactly as typed: blanks at its ends belong to it.
fn secret(value: &Value) -> Parsed<SecretString> {
    match value {
        Value::String(text) if text.is_empty() => Err("This field may not be blank.".to_owned()),
        Value::String(text) => Ok(SecretString::from(text.as_str())),
        Value::Null => Err("This field may not be null.".to_owned()),
        _ => Err("Expected text.".to_owned()),
    }
}

/// The name and password of a sign-in.
fn credentials(fields: &mut Fields<'_>) -> (String, SecretString) {
    use sindico_domain::input::text;
    let username = fields.require("username", text(1..=150));
    let password = fields.require("password", secret);
    (username.unwrap_or_default(), password.unwrap_or_default())
}
