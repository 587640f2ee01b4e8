//! `sindico user ...`.

use super::{actor, password_from_stdin};
use crate::database::with_store;
use crate::output;
use crate::settings::Settings;
use anyhow::Context;
use clap::Subcommand;
use secrecy::ExposeSecret;
use sindico_domain::account::NewUser;
use sindico_store::control::{totp, users};
use std::process::ExitCode;

/// Accounts.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Create an account
    Create {
        /// User name: letters, digits and @ . + - _
        #[arg(long)]
        username: String,
        /// E-mail address
        #[arg(long)]
        email: String,
        /// May use the platform API
        #[arg(long)]
        staff: bool,
        /// Passes every check
        #[arg(long)]
        superuser: bool,
        /// Read the password from the first line of standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Turn off the second factor of somebody who has lost it and the recovery codes
    ResetTotp {
        /// Whose
        #[arg(long)]
        username: String,
    },
}

/// Runs the command.
pub fn run(settings: Settings, command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Create {
            username,
            email,
            staff,
            superuser,
            ..
        } => create(&settings, (&username, &email), staff, superuser),
        UserCommand::ResetTotp { username } => reset_totp(&settings, &username),
    }
}

fn create(
    settings: &Settings,
    (username, email): (&str, &str),
    staff: bool,
    superuser: bool,
) -> anyhow::Result<ExitCode> {
    let password = password_from_stdin()?;
    let new = NewUser::parse(username, email, password.expose_secret(), staff, superuser)
        .map_err(|errors| anyhow::anyhow!(errors.to_line()))?;
    let user = with_store(settings, async |store| {
        Ok(users::create(&store, &actor(), &new, &password).await?)
    })?;
    output::text(&format!("Created the user {}.", user.username))
}

/// Their password stays: whoever asks for this has to know it still.
fn reset_totp(settings: &Settings, username: &str) -> anyhow::Result<ExitCode> {
    let (user, was_on) = with_store(settings, async |store| {
        let user = users::find_by_username(&store, username)
            .await?
            .with_context(|| format!("no active user has the name {username:?}"))?;
        let was_on = totp::reset(&store, &actor(), &user).await?;
        Ok((user, was_on))
    })?;
    let name = user.username;
    output::text(&match was_on {
        true => format!("{name} signs in with the password alone again."),
        false => format!("{name} has no second factor."),
    })
}
