//! `sindico member ...`.

use super::{actor, tenant};
use crate::database::with_store;
use crate::output;
use crate::settings::Settings;
use anyhow::Context;
use clap::Subcommand;
use sindico_domain::access::Role;
use sindico_domain::access::member::{Member, NewMember};
use sindico_domain::page::{MAX_LIMIT, PageRequest};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, account};
use sindico_store::control::members;
use sindico_store::{Error, Store};
use std::process::ExitCode;

/// Members of tenants.
#[derive(Subcommand)]
pub enum MemberCommand {
    /// List the members of a tenant, inactive ones too, by user name
    List {
        /// The tenant's code
        #[arg(long)]
        tenant: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
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
    /// Deactivate a member of a tenant; add them again to bring them back
    Remove {
        /// The tenant's code
        #[arg(long)]
        tenant: String,
        /// The user
        #[arg(long)]
        username: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    text.to_ascii_uppercase().parse()
}

/// Runs the command.
pub fn run(settings: Settings, command: MemberCommand) -> anyhow::Result<ExitCode> {
    with_store(&settings, async |store| match command {
        MemberCommand::List { tenant, json } => list(&store, &tenant, json).await,
        MemberCommand::Add {
            tenant,
            username,
            role,
        } => add(&store, &tenant, &username, role).await,
        MemberCommand::Remove { tenant, username } => remove(&store, &tenant, &username).await,
    })
}

async fn list(store: &Store, code: &str, json: bool) -> anyhow::Result<ExitCode> {
    let company_id = tenant::find(store, code).await?.id;
    let mut members: Vec<Member> = Vec::new();
    let mut request = PageRequest {
        limit: MAX_LIMIT,
        ..PageRequest::default()
    };
    loop {
        let page = members::list(store, company_id, &request).await?;
        members.extend(page.items);
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    if json {
        return output::json(&members);
    }
    let row = |member: Member| {
        vec![
            member.username,
            member.email,
            member.role.to_string(),
            if member.is_active { "yes" } else { "no" }.to_owned(),
        ]
    };
    output::table(
        &["USERNAME", "EMAIL", "ROLE", "ACTIVE"],
        members.into_iter().map(row).collect(),
    )
}

async fn add(store: &Store, code: &str, username: &str, role: Role) -> anyhow::Result<ExitCode> {
    let tenant = tenant::find(store, code).await?;
    let wrong = |message| Error::from(FieldErrors::one("username", message));
    let new = NewMember {
        username: account::username(username).map_err(wrong)?,
        role: Some(role),
        is_active: true,
    };
    let added = members::add(store, &actor(), tenant.id, &new, None).await?;
    let member = added.value.member;
    let code = tenant.tenant_code;
    output::text(&format!(
        "{} is {} of {code}.",
        member.username, member.role
    ))
}

async fn remove(store: &Store, code: &str, username: &str) -> anyhow::Result<ExitCode> {
    let tenant = tenant::find(store, code).await?;
    let code = tenant.tenant_code;
    let unknown = || format!("{username:?} is no member of {code}; see: sindico member list");
    let member = members::find_by_username(store, tenant.id, username)
        .await?
        .with_context(unknown)?;
    members::remove(store, &actor(), tenant.id, member.id, &Precondition::None)
        .await?
        .with_context(unknown)?;
    output::text(&format!("{} is out of {code}.", member.username))
}
