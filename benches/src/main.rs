//! `sindico-bench`: measures the built program against `pgbench`, start-up time and memory, all in
//! one run on one machine, and prints ratios. See `docs/benchmarks.md`.

mod crm;
mod http;
mod pgbench;
mod processes;
mod program;
mod report;
mod sheets;
mod tenants;

use anyhow::{Context, ensure};
use clap::Parser;
use http::{Connection, load, request};
use pgbench::Pgbench;
use program::{Home, Running};
use report::{Read, Report, median};
use sindico_embedded::{GuardianCommand, Options, Role, Server};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How many tenants there are, and how many of them a page lists.
const TENANTS: usize = 300;
const PAGE: usize = 100;
/// Connections at once.
const CONNECTIONS: [usize; 3] = [1, 8, 16];
/// Starts on data that is there already.
const STARTS: usize = 5;
/// After this the program counts as idle.
const REST: Duration = Duration::from_secs(3);

/// Measure Síndico against pgbench, in one run.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// How long each measurement takes, in seconds
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often each side is measured, in turns; the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,
    /// How many tenants the fleet has
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(20..))]
    fleet: u64,
    /// Percentage of the CRM's reference load: 100,000 customers, 120,000 opportunities, 1,000,000 activities
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100))]
    scale: u64,
    /// Of the CRM, only the calls with this word in their name
    #[arg(long)]
    call: Option<String>,
    /// Leave the rest out
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The program to measure; by default it is built, then taken from beside this one
    #[arg(long)]
    program: Option<PathBuf>,
    /// The folder of PostgreSQL's programs, for the private server and pgbench
    #[arg(long)]
    postgres_bin: Option<PathBuf>,
}

/// A part of the benchmarks.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Reads of tenants' data
    Reads,
    /// Making places
    Places,
    /// The CRM under its reference load: takes half an hour, and runs only when it is named
    Crm,
    /// Imports, exports, bulk edits and the look for duplicates; runs only when it is named
    Sheets,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let program = match &cli.program {
        Some(path) => std::path::absolute(path)?,
        None => build()?,
    };
    let home = Home::new(program, cli.postgres_bin.clone())?;

    if cli.only == Some(Part::Crm) {
        let rows = crm::measure(&cli, &home)?;
        std::io::stdout().write_all(crm::table(&rows).as_bytes())?;
        return Ok(());
    }
    if cli.only == Some(Part::Sheets) {
        let rows = sheets::measure(&cli, &home)?;
        std::io::stdout().write_all(sheets::table(&rows).as_bytes())?;
        return Ok(());
    }
    note("first start, which makes the cluster");
    let first = home.serve()?;
    let first_start = first.start;
    first.stop()?;
    note("more starts");
    let mut starts = Vec::new();
    for _ in 1..STARTS {
        let running = home.serve()?;
        starts.push(running.start);
        running.stop()?;
    }
    let running = home.serve()?;
    starts.push(running.start);
    std::thread::sleep(REST);
    let idle = running.memory()?;

    let token = admin(&home)?;
    let reads = match cli.only {
        None => reads(&cli, &home, &running, &token)?,
        Some(_) => Vec::new(),
    };
    std::thread::sleep(REST);
    let loaded = running.memory()?;
    running.stop()?;
    let tenants = tenants::measure(&cli, &home, &token)?;

    let report = Report {
        first_start,
        start: median(starts),
        idle,
        loaded,
        reads,
        tenants,
    };
    let text = if cli.json {
        format!("{}\n", serde_json::to_string_pretty(&report.json())?)
    } else {
        report.table()
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// What is under way, on standard error.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "... {text}");
}

/// Builds the program, and this one with it: the statements that are given to `pgbench` are this one's own, and
/// an older one compares the program with what it ran at another time. Returns where the program is.
fn build() -> anyhow::Result<PathBuf> {
    ensure!(
        !cfg!(debug_assertions),
        "an unoptimised program tells nothing: cargo run --release -p sindico-bench"
    );
    let own = std::env::current_exe()?;
    let built = || {
        std::fs::metadata(&own)
            .and_then(|file| file.modified())
            .ok()
    };
    let before = built();
    // One after the other: together they might be built with other features than each for itself.
    for package in ["sindico-bench", "sindico"] {
        let status = Command::new(env!("CARGO"))
            .args(["build", "--release", "--package", package])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .context("can't run cargo")?;
        ensure!(status.success(), "{package} could not be built");
    }
    ensure!(
        built() == before,
        "this benchmark was older than its sources, and has been built anew: run it again"
    );
    let program = own.with_file_name("sindico");
    ensure!(program.is_file(), "there is no {}", program.display());
    Ok(program)
}

/// A platform admin who may enter every tenant; its token.
fn admin(home: &Home) -> anyhow::Result<String> {
    let user = ["--username", "bench", "--email", "bench@localhost"];
    let rest = ["--staff", "--superuser", "--password-stdin"];
    let create = [["user", "create"].as_slice(), &user, &rest].concat();
    home.run(&create, "correct horse battery staple\n")?;
    home.run(&["token", "create", "--username", "bench"], "")
}

/// Single read and page, against the same statements in `pgbench`.
fn reads(cli: &Cli, home: &Home, running: &Running, token: &str) -> anyhow::Result<Vec<Read>> {
    note("creating tenants");
    let ids = create_tenants(running, token)?;

    let get = |path: &str| request("GET", path, token, "");
    let singles: Vec<_> = ids
        .clone()
        .map(|id| get(&format!("/platform/api/tenants/{id}/")))
        .collect();
    let pages = vec![get(&format!("/platform/api/tenants/?limit={PAGE}"))];
    check_page(running, &pages[0])?;

    let pgbench = pgbench(home, running)?;
    pgbench.once(&pgbench.script("analyze", "VACUUM ANALYZE;\n")?)?;
    let (single_sql, page_sql) = sindico_store::control::tenants::benchmark_sql();
    let text = pgbench::single(single_sql, *ids.start(), *ids.end());
    let single_script = pgbench.script("single", &text)?;
    let page_script = pgbench.script("page", &pgbench::page(page_sql, PAGE))?;

    let mut reads = Vec::new();
    for (what, requests, script, aim) in [
        ("one tenant", &singles, &single_script, Some(1.0 / 3.0)),
        ("list of 100", &pages, &page_script, None),
    ] {
        for connections in CONNECTIONS {
            note(&format!("{what}, {connections} at once"));
            let mut read = Read::new(what, aim, connections);
            measure(cli, running, &pgbench, (requests, script), &mut read)?;
            reads.push(read);
        }
    }
    Ok(reads)
}

/// Both sides in turns, so that whatever else the machine does meets both.
fn measure(
    cli: &Cli,
    running: &Running,
    pgbench: &Pgbench,
    (requests, script): (&[Vec<u8>], &Path),
    read: &mut Read,
) -> anyhow::Result<()> {
    let connections = read.connections;
    let time = Duration::from_secs(cli.seconds);
    // Opens the pool's connections and prepares their statements.
    load(&running.socket, requests, connections, time / 4)?;
    for _ in 0..cli.rounds {
        let start = running.processor()?;
        read.load(load(&running.socket, requests, connections, time)?);
        let middle = running.processor()?;
        read.pgbench(pgbench.run(script, connections, time)?);
        // A server process counts for its parent only when it has ended.
        std::thread::sleep(Duration::from_millis(300));
        let end = running.processor()?;
        read.work.program += middle.program - start.program;
        read.work.postgres += middle.postgres - start.postgres;
        read.work.pgbench += end.postgres - middle.postgres;
    }
    Ok(())
}

/// Creates the tenants by the API; returns their ids.
fn create_tenants(running: &Running, token: &str) -> anyhow::Result<std::ops::RangeInclusive<i64>> {
    let mut connection = Connection::open(&running.socket)?;
    let mut ids = Vec::new();
    for n in 1..=TENANTS {
        let body = serde_json::json!({
            "name": format!("Padaria São João {n:03} Ltda."),
            "tenant_code": format!("padaria-{n:03}"),
            "subdomain": format!("padaria-{n:03}"),
            "contract": {"plan": "PRO", "status": "ACTIVE", "seats": 10, "monthly_fee": "1299.90"},
        });
        let path = "/platform/api/tenants/";
        let request = request("POST", path, token, &body.to_string());
        let (status, answer) = connection.call(&request)?;
        ensure!(status == 201, "creating a tenant was answered {status}");
        let tenant: serde_json::Value = serde_json::from_slice(answer)?;
        ids.push(tenant["id"].as_i64().context("a tenant without an id")?);
    }
    let (first, last) = (ids[0], ids[TENANTS - 1]);
    ensure!(
        last - first + 1 == TENANTS as i64,
        "the ids have gaps, so pgbench would read tenants that are not there"
    );
    Ok(first..=last)
}

/// Makes sure that the page is what it is taken for.
fn check_page(running: &Running, request: &[u8]) -> anyhow::Result<()> {
    let mut connection = Connection::open(&running.socket)?;
    let (status, body) = connection.call(request)?;
    ensure!(status == 200, "the list was answered {status}");
    let tenants: Vec<serde_json::Value> = serde_json::from_slice(body)?;
    ensure!(tenants.len() == PAGE, "the list has {}", tenants.len());
    Ok(())
}

/// `pgbench`, with the way to the private server, which is asked for as a command would.
fn pgbench(home: &Home, running: &Running) -> anyhow::Result<Pgbench> {
    let server = Server::start(Options {
        data_dir: home.path().to_owned(),
        bin_dir: None,
        install: false,
        durable: true,
        guardian: GuardianCommand::this_program("unused"),
        role: Role::Visitor,
        extra_conf: Vec::new(),
    })?;
    ensure!(
        !server.owned(),
        "the program's private server is not running"
    );
    let connection = server.connection().clone();
    server.stop()?;
    Pgbench::new(&running.postgres_bin()?, connection, home.path())
}
