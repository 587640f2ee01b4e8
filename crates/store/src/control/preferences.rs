//! How the pages look for a user: kept with the account, so that it comes along to every browser.

use crate::statement::{self, statements};
use crate::{Result, Store};

/// What a user chose; what they did not is as the browser has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `pt-BR` or `en`.
    pub language: Option<String>,
    /// `light` or `dark`.
    pub theme: Option<String>,
}

statements! { "preferences":
    FIND = "SELECT language, theme FROM app_user WHERE id = $1";
    SAVE = "UPDATE app_user SET language = $2, theme = $3 WHERE id = $1";
}

/// What this user chose.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, user_id: i64) -> Result<Preferences> {
    let row = statement::row(&store.client().await?, &FIND, &[&user_id]).await?;
    Ok(row.map_or_else(Preferences::default, |row| Preferences {
        language: row.get(0),
        theme: row.get(1),
    }))
}

/// Keeps what this user chose. Not in the audit: it concerns nobody else.
///
/// # Errors
/// When the database can't be reached.
pub async fn save(store: &Store, user_id: i64, chosen: &Preferences) -> Result<()> {
    let params: statement::Params<'_> = &[&user_id, &chosen.language, &chosen.theme];
    statement::execute(&store.client().await?, &SAVE, params).await?;
    Ok(())
}
