//! The command line: what can be typed, and what becomes of it.

use crate::command::{self, member, operation, sample, tenant, token, user};
use crate::settings::{Env, Settings, list};
use crate::{logs, output};
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Control plane and tenant portal on PostgreSQL, in one program.
#[derive(Parser)]
#[command(
    name = "sindico",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Migrate the control database, serve control plane and portal, run the workers
    #[command(after_long_help = list::help())]
    Serve,
    /// Serve a demonstration: private PostgreSQL, a platform admin, two provisioned tenants
    Demo,
    /// Bring the control database to this program's schema
    Migrate,
    /// Accounts
    #[command(subcommand)]
    User(user::UserCommand),
    /// Tokens for the API
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Members of tenants
    #[command(subcommand)]
    Member(member::MemberCommand),
    /// Tenants: the platform API's verbs
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Add plausible data to a tenant, to look at or to measure with
    Sample(sample::SampleArgs),
    /// Operations: what is and was at work
    #[command(subcommand)]
    Operation(operation::OperationCommand),
    /// Check settings, database and provider; say what to do
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print all settings with their defaults, as Markdown
    Settings,
    /// Print the OpenAPI document
    Openapi,
}

/// Parses, runs, and turns the outcome into an exit status: 0 done, 1 failed, 2 wrong use.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output with status 0, wrong use to standard error with 2.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            if error.use_stderr()
                && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            {
                output::error(&one_line(&error.render().to_string()));
            } else {
                let _ = error.print();
            }
            return ExitCode::from(code);
        }
    };
    match dispatch(cli.command) {
        Ok(code) => code,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What is wrong, without the hints that would make it several lines.
fn one_line(error: &str) -> String {
    let lines = error.lines().map(str::trim);
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let line = told.collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Settings => return output::text(&list::markdown()),
        Command::Openapi => {
            let document = sindico_web::openapi::document(sindico_web::table().api().clone());
            return output::json(&document);
        }
        _ => {}
    }
    let mut env = Env::of_process()?;
    if matches!(command, Command::Demo) {
        command::demo::defaults(&mut env)?;
    }
    let settings = Settings::read(&env)?;
    let serving = matches!(command, Command::Serve | Command::Demo);
    let _logs = logs::start(&settings, serving)?;
    match command {
        Command::Serve => command::serve::run(settings),
        Command::Demo => command::demo::run(settings),
        Command::Migrate => command::migrate::run(settings),
        Command::User(command) => user::run(settings, command),
        Command::Token(command) => token::run(settings, command),
        Command::Member(command) => member::run(settings, command),
        Command::Tenant(command) => tenant::run(settings, command),
        Command::Sample(args) => sample::run(settings, args),
        Command::Operation(command) => operation::run(settings, command),
        Command::Doctor { json } => command::doctor::run(settings, &env, json),
        Command::Settings | Command::Openapi => Ok(ExitCode::SUCCESS),
    }
}
