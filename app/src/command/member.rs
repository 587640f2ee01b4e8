//! `sindico member ...`.

use super::actor;
use crate::database::with_store;
use crate::output;
use crate::settings::Settings;
use clap::Subcommand;
use sindico_domain::access::Role;
use sindico_store::control::members;
use std::process::ExitCode;

/// Members of tenants.
#[derive(Subcommand)]
pub enum MemberCommand {
    /// Make a user a member of a tenant, or change the role of one
    Add {
        /// The tenant's code
        #[arg(long)]
        tenant: String,
        /// The user
        #[arg(long)]
        username: String,
        /// MEMBER, MANAGER or OWNER
        #[arg(long, value_parser = role)]
        role: Role,
    },
}

fn role(text: &str) -> Result<Role, String> {
    text.to_ascii_uppercase().parse()
}

/// Runs the command.
pub fn run(settings: Settings, command: MemberCommand) -> anyhow::Result<ExitCode> {
    let MemberCommand::Add {
        tenant,
        username,
        role,
    } = command;
    let member = with_store(&settings, async |store| {
        Ok(members::add(&store, &actor(), &tenant, &username, role).await?)
    })?;
    output::text(&format!(
        "{username} is {} of {}.",
        member.role, member.tenant_code
    ))
}
