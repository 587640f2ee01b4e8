//! One file a command.

pub mod demo;
pub mod doctor;
pub mod member;
pub mod migrate;
pub mod operation;
pub mod sample;
pub mod serve;
pub mod tenant;
pub mod token;
pub mod user;

use sindico_domain::access::Actor;
use std::io::Read;

/// Whoever sits at the shell.
pub fn actor() -> Actor {
    let login = nix::unistd::User::from_uid(nix::unistd::getuid())
        .ok()
        .flatten()
        .map_or_else(|| nix::unistd::getuid().to_string(), |user| user.name);
    Actor {
        user_id: None,
        name: format!("shell:{login}"),
        address: None,
        request_id: format!("shell-{}", std::process::id()),
        support: None,
    }
}

/// The first line of standard input, for a password.
pub fn password_from_stdin() -> anyhow::Result<secrecy::SecretString> {
    let mut text = String::new();
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(|_| anyhow::anyhow!("--password-stdin: expected UTF-8 text on standard input"))?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    anyhow::ensure!(
        !line.is_empty(),
        "--password-stdin: nothing came on standard input"
    );
    Ok(line.into())
}
