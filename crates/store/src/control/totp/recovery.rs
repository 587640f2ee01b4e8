//! Recovery codes: ten for each account, each good once.

use crate::statement::{self, statements};
use crate::{Error, Result};
use deadpool_postgres::GenericClient;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use sindico_secrets::totp::base32;

/// How many an account gets.
pub const CODES: usize = 10;
/// Random bytes of each; sixteen letters and digits.
const LENGTH: usize = 10;

statements! { "recovery":
    FORGET = "DELETE FROM recovery_code WHERE user_id = $1";
    KEEP = "INSERT INTO recovery_code (user_id, digest) SELECT $1, unnest($2::bytea[])";
    TAKE = "UPDATE recovery_code SET used_at = now()
        WHERE user_id = $1 AND digest = $2 AND used_at IS NULL";
    LEFT = "SELECT count(*) FROM recovery_code WHERE user_id = $1 AND used_at IS NULL";
}

/// New codes in place of all that there were.
pub(super) async fn replace(tx: &impl GenericClient, user_id: i64) -> Result<Vec<SecretString>> {
    let mut codes = Vec::new();
    let mut digests = Vec::new();
    for _ in 0..CODES {
        let mut bytes = [0u8; LENGTH];
        getrandom::fill(&mut bytes).map_err(|e| Error::Internal(format!("no randomness: {e}")))?;
        let text = base32(&bytes).to_lowercase();
        digests.push(digest(&text));
        codes.push(SecretString::from(grouped(&text)));
    }
    forget(tx, user_id).await?;
    statement::execute(tx, &KEEP, &[&user_id, &digests]).await?;
    Ok(codes)
}

/// Uses a code up; says how many are left. `None` when it is none, or was used.
pub(super) async fn take(tx: &impl GenericClient, user_id: i64, code: &str) -> Result<Option<i64>> {
    let typed = code.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = typed.map(|c| c.to_ascii_lowercase()).collect();
    if statement::execute(tx, &TAKE, &[&user_id, &digest(&plain)]).await? == 0 {
        return Ok(None);
    }
    Ok(Some(statement::one(tx, &LEFT, &[&user_id]).await?.get(0)))
}

/// Forgets all codes of a user.
pub(super) async fn forget(tx: &impl GenericClient, user_id: i64) -> Result<()> {
    statement::execute(tx, &FORGET, &[&user_id]).await?;
    Ok(())
}

fn digest(plain: &str) -> Vec<u8> {
    Sha256::digest(plain.as_bytes()).to_vec()
}

/// `abcd-efgh-ijkl-mnop`: what a person can copy without losing their place.
fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}
