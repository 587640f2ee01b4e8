//! Signing in and out, and passwords (contract section 2): one file a noun of the URL.

pub(crate) mod cookie;
pub(crate) mod input;
pub mod logout;
pub mod me;
pub(crate) mod origin;
pub mod password;
pub mod reset;
pub mod reset_page;
pub mod session;
pub mod token;
pub mod wire;
mod words;

use crate::gate::trace::RequestInfo;
use sindico_domain::access::{Actor, User};

/// Who is recorded for what is done before anybody is known.
pub(crate) fn anonymous(info: &RequestInfo) -> Actor {
    Actor {
        user_id: None,
        name: "anonymous".to_owned(),
        address: Some(info.client),
        request_id: info.id.to_string(),
    }
}

/// Who is recorded for what a user does who has just proved to be one.
pub(crate) fn known(info: &RequestInfo, user: &User) -> Actor {
    Actor {
        user_id: Some(user.id),
        name: user.username.clone(),
        ..anonymous(info)
    }
}
