//! `sindico token ...`.

use super::actor;
use crate::database::with_store;
use crate::output;
use crate::settings::Settings;
use anyhow::Context;
use clap::Subcommand;
use secrecy::ExposeSecret;
use sindico_store::control::{tokens, users};
use std::process::ExitCode;

/// Tokens for the API.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a new token and print it, once
    Create {
        /// Whose token
        #[arg(long)]
        username: String,
    },
}

/// Runs the command.
pub fn run(settings: Settings, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let TokenCommand::Create { username } = command;
    let token = with_store(&settings, async |store| {
        let user = users::find_by_username(&store, &username)
            .await?
            .with_context(|| format!("no active user has the name {username:?}"))?;
        Ok(tokens::create(&store, &actor(), user.id).await?)
    })?;
    output::text(token.expose_secret())
}
