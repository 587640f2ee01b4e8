//! `sindico user ...`.

use super::{actor, password_from_stdin};
use crate::database::with_store;
use crate::output;
use crate::settings::Settings;
use clap::Subcommand;
use secrecy::ExposeSecret;
use sindico_domain::account::NewUser;
use sindico_store::control::users;
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
}

/// Runs the command.
pub fn run(settings: Settings, command: UserCommand) -> anyhow::Result<ExitCode> {
    let UserCommand::Create {
        username,
        email,
        staff,
        superuser,
        ..
    } = command;
    let password = password_from_stdin()?;
    let new = NewUser::parse(
        &username,
        &email,
        password.expose_secret(),
        staff,
        superuser,
    )
    .map_err(|errors| anyhow::anyhow!(errors.to_line()))?;
    let user = with_store(&settings, async |store| {
        Ok(users::create(&store, &actor(), &new, &password).await?)
    })?;
    output::text(&format!("Created the user {}.", user.username))
}
