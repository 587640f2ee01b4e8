//! Tenants' places: reads of their data in both isolation models, provisioning cold and from the pool,
//! the fleet's migrations, and memory.

use crate::http::{Connection, request_in};
use crate::pgbench::{Pgbench, of_tenant};
use crate::program::{Home, Running};
use crate::report::{Read, median};
use crate::{Cli, Part, note};
use anyhow::{Context, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use sindico_domain::crm::Kind;
use sindico_store::migrate::{Migration, TENANT};
use std::time::{Duration, Instant};

/// Customers of each of the two tenants that are read, and how many of them a page lists.
const CUSTOMERS: i64 = 2_000;
const PAGE: i64 = 50;
/// Callers at once.
const CALLERS: usize = 16;
/// What a read is to reach of `pgbench` with the same SQL, and shared of dedicated.
const READ_AIM: f64 = 0.4;
const SHARED_AIM: f64 = 0.8;
/// How many places are made for each measurement.
const PLACES: usize = 20;
/// How much slower than bare SQL a cold provisioning may be.
const COLD_AIM: f64 = 1.5;
/// How many tenants' pools are opened to see what they weigh.
const POOLS: usize = 80;

/// What came out.
#[derive(Default)]
pub struct Measured {
    pub reads: Vec<Read>,
    pub places: Places,
    pub fleet: Fleet,
}

/// Making places.
#[derive(Default, Serialize)]
pub struct Places {
    /// The median of an execution without a pool, the whole HTTP call.
    pub cold_ms: f64,
    /// The same by `psql`: role, clone, grants, on one connection.
    pub bare_ms: f64,
    /// With the pool: the median, and the slowest but one in a hundred.
    pub warm_ms: f64,
    pub warm_p99_ms: f64,
}

/// Many tenants.
#[derive(Default, Serialize)]
pub struct Fleet {
    pub tenants: usize,
    /// `sindico migrate` when there is nothing to do, its start included.
    pub nothing_ms: f64,
    /// One small migration: databases a second, by `sindico migrate`.
    pub migrated_per_second: f64,
    /// The same by one `psql` that goes from database to database.
    pub bare_per_second: f64,
    /// What a thousand known tenants weigh in the program.
    pub thousand_known_mib: f64,
    /// What a hundred open pools of one connection each weigh in the program.
    pub hundred_pools_mib: f64,
}

/// A tenant that is READY.
pub struct Tenant {
    pub id: i64,
    pub code: String,
    pub database: String,
}

/// A running program, and who calls it.
pub struct Bench<'a> {
    pub running: &'a Running,
    pub token: &'a str,
}

impl Bench<'_> {
    fn call(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Value> {
        let request = request_in(None, (method, path), self.token, body);
        let mut connection = Connection::open(&self.running.socket)?;
        let (status, answer) = connection.call(&request)?;
        let text = String::from_utf8_lossy(answer);
        ensure!(
            (200..300).contains(&status),
            "{method} {path} was answered {status}: {text}"
        );
        Ok(serde_json::from_str(&text)?)
    }

    fn create(&self, code: &str, isolation: &str) -> anyhow::Result<i64> {
        let body = json!({"name": code, "tenant_code": code, "subdomain": code,
            "provisioning": {"isolation_model": isolation}});
        let tenant = self.call("POST", "/platform/api/tenants/", &body.to_string())?;
        tenant["id"].as_i64().context("a tenant without an id")
    }

    /// How long its execution takes.
    fn execute(&self, id: i64) -> anyhow::Result<(Duration, Value)> {
        let path = format!("/platform/api/tenants/{id}/provision/execute/");
        let begun = Instant::now();
        let tenant = self.call("POST", &path, "{}")?;
        Ok((begun.elapsed(), tenant))
    }

    pub fn ready(&self, code: &str, isolation: &str) -> anyhow::Result<Tenant> {
        let id = self.create(code, isolation)?;
        let (_, tenant) = self.execute(id)?;
        let database = tenant["provisioning"]["database_name"].as_str();
        Ok(Tenant {
            id,
            code: code.to_owned(),
            database: database.context("no database")?.to_owned(),
        })
    }

    /// Creates and executes so many; how long each execution took.
    fn several(&self, prefix: &str, count: usize) -> anyhow::Result<Vec<Duration>> {
        let ids: Vec<i64> = (0..count)
            .map(|n| self.create(&format!("{prefix}-{n:04}"), "DATABASE_PER_TENANT"))
            .collect::<anyhow::Result<_>>()?;
        ids.into_iter().map(|id| Ok(self.execute(id)?.0)).collect()
    }
}

/// Measures all of it.
pub fn measure(cli: &Cli, home: &Home, token: &str) -> anyhow::Result<Measured> {
    let running = home.serve()?;
    let pgbench = crate::pgbench(home, &running)?;
    let bench = Bench {
        running: &running,
        token,
    };
    note("two tenants with customers");
    let mut measured = Measured {
        reads: match cli.only {
            Some(Part::Places) => Vec::new(),
            _ => reads(cli, &bench, &pgbench)?,
        },
        ..Measured::default()
    };
    if cli.only == Some(Part::Reads) {
        running.stop()?;
        return Ok(measured);
    }
    note("places, without a pool");
    measured.places.cold_ms = ms(median(bench.several("cold", PLACES)?));
    measured.places.bare_ms = bare_places(&pgbench)?;
    running.stop()?;
    note("places, from the pool");
    let running = home.serve_with(&[("SINDICO_WARM_POOL", "40")])?;
    let bench = Bench {
        running: &running,
        token,
    };
    wait_for_blanks(&pgbench, 2 * PLACES)?;
    let mut times = bench.several("warm", PLACES)?;
    times.sort_unstable();
    measured.places.warm_ms = ms(times[times.len() / 2]);
    measured.places.warm_p99_ms = ms(times[times.len() * 99 / 100]);
    running.stop()?;
    if cli.only == Some(Part::Places) {
        return Ok(measured);
    }
    measured.fleet = fleet(cli, home, token, &pgbench)?;
    Ok(measured)
}

fn reads(cli: &Cli, bench: &Bench<'_>, pgbench: &Pgbench) -> anyhow::Result<Vec<Read>> {
    let (one_sql, page_sql) =
        sindico_crm::list::benchmark_sql(Kind::Customer, Kind::Customer.default_sort(), PAGE, None);
    let mut reads = Vec::new();
    for (isolation, names) in [
        (
            "DATABASE_PER_TENANT",
            ["customer, dedicated", "50 of them, dedicated"],
        ),
        ("SHARED_SCHEMA", ["customer, shared", "50 of them, shared"]),
    ] {
        let shared = isolation == "SHARED_SCHEMA";
        let tenant = bench.ready(if shared { "geteilt" } else { "eigen" }, isolation)?;
        let (id, database) = (tenant.id, tenant.database.as_str());
        let range = pgbench.psql(database, &customers(id))?;
        let (first, last) = range.split_once('|').context("no customers")?;
        let ids: (i64, i64) = (first.parse()?, last.parse()?);
        let pgbench = behind_the_wall(pgbench, &tenant, shared)?;

        let company = shared.then_some(id);
        let one_text = of_tenant(&one_sql.replace("$1", ":id"), ids, company);
        let page_text = of_tenant(&page_sql, ids, company);
        let get = |path: &str| request_in(Some(&tenant.code), ("GET", path), bench.token, "");
        let singles: Vec<_> = (ids.0..=ids.1)
            .step_by(7)
            .map(|id| get(&format!("/api/customers/{id}/")))
            .collect();
        let pages = vec![get(&format!("/api/customers/?limit={PAGE}"))];
        for (name, requests, text) in [
            (names[0], &singles, &one_text),
            (names[1], &pages, &page_text),
        ] {
            note(name);
            let script = pgbench.script("tenant", text)?;
            let mut read = Read::new(name, Some(READ_AIM), CALLERS);
            crate::measure(cli, bench.running, &pgbench, (requests, &script), &mut read)?;
            reads.push(read);
        }
    }
    Ok(reads)
}

/// `pgbench` as a role that the wall binds, as it binds the program's.
pub fn behind_the_wall(
    pgbench: &Pgbench,
    tenant: &Tenant,
    shared: bool,
) -> anyhow::Result<Pgbench> {
    let (id, database) = (tenant.id, tenant.database.as_str());
    let role = format!("bench_{id}");
    pgbench.psql(database, &format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'bench' IN ROLE sindico_tenant; GRANT CONNECT ON DATABASE {database} TO {role}"
    ))?;
    let options = if shared {
        String::new()
    } else {
        format!("-c sindico.company_id={id}")
    };
    Ok(pgbench.within(database, (&role, "bench"), &options))
}

/// Makes customers; prints their first and last id.
fn customers(company: i64) -> String {
    format!(
        "SELECT set_config('sindico.company_id', '{company}', false) \\g /dev/null
         INSERT INTO customer (company_id, name, email, phone, search_text)
         SELECT {company}, 'Cliente ' || to_char(n, 'FM00000'), 'cliente' || n || '@example.com', '11 9' || n,
             'cliente ' || n FROM generate_series(1, {CUSTOMERS}) n;
         VACUUM ANALYZE customer;
         SELECT min(id), max(id) FROM customer WHERE company_id = {company}"
    )
}

/// The same acts as a provisioning's, in bare SQL on one connection, without asking first.
fn bare_places(pgbench: &Pgbench) -> anyhow::Result<f64> {
    let template = pgbench.psql(
        "postgres",
        "SELECT datname FROM pg_database WHERE datistemplate AND datname LIKE 'sindico_template_%'",
    )?;
    let one = |n: usize| {
        format!(
            "CREATE ROLE bare_{n} LOGIN PASSWORD 'bare' CONNECTION LIMIT 100 IN ROLE sindico_tenant;
             COMMENT ON ROLE bare_{n} IS 'bare';
             CREATE DATABASE bare_{n} TEMPLATE {template} STRATEGY WAL_LOG ALLOW_CONNECTIONS false;
             COMMENT ON DATABASE bare_{n} IS 'bare';
             REVOKE ALL ON DATABASE bare_{n} FROM PUBLIC;
             GRANT CONNECT ON DATABASE bare_{n} TO bare_{n};
             ALTER DATABASE bare_{n} SET statement_timeout = 10000;
             ALTER DATABASE bare_{n} ALLOW_CONNECTIONS true;\n"
        )
    };
    let sql: String = (0..PLACES).map(one).collect();
    let begun = Instant::now();
    pgbench.psql("postgres", &sql)?;
    Ok(ms(begun.elapsed()) / PLACES as f64)
}

fn wait_for_blanks(pgbench: &Pgbench, count: usize) -> anyhow::Result<()> {
    let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE 'sindico_blank_%'";
    for _ in 0..600 {
        if pgbench.psql("postgres", sql)?.parse::<usize>()? >= count {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    anyhow::bail!("the pool was not filled within a minute")
}

fn fleet(cli: &Cli, home: &Home, token: &str, pgbench: &Pgbench) -> anyhow::Result<Fleet> {
    let wanted = usize::try_from(cli.fleet)?;
    let known = |running: &Running| -> anyhow::Result<f64> {
        std::thread::sleep(Duration::from_secs(2));
        running.resident()
    };
    let running = home.serve()?;
    let few = known(&running)?;
    let sql = "SELECT count(*) FROM tenant_provisioning WHERE status = 'READY' AND isolation_model = 'DATABASE_PER_TENANT'";
    let there: usize = pgbench.psql("sindico", sql)?.parse()?;
    note("a fleet of tenants");
    let bench = Bench {
        running: &running,
        token,
    };
    bench.several("fleet", wanted.saturating_sub(there))?;
    running.stop()?;
    let running = home.serve_with(&[("SINDICO_SERVER_CONNECTIONS", "90")])?;
    let many = known(&running)?;
    let opened = POOLS.min(wanted.saturating_sub(there));
    for n in 0..opened {
        let code = format!("fleet-{n:04}");
        let request = request_in(Some(&code), ("GET", "/api/customers/"), token, "");
        let (status, _) = Connection::open(&running.socket)?.call(&request)?;
        ensure!(status == 200, "{code} was answered {status}");
    }
    let pools = known(&running)?;

    note("the fleet's migrations");
    let begun = Instant::now();
    home.run(&["migrate"], "")?;
    let nothing = begun.elapsed();
    let databases = pgbench.psql("sindico", "SELECT database_name FROM tenant_provisioning WHERE generation > 0 AND isolation_model = 'DATABASE_PER_TENANT' ORDER BY 1")?;
    let databases: Vec<&str> = databases.lines().collect();
    let each = |sql: &str| -> String {
        databases
            .iter()
            .map(|name| format!("\\c {name}\n{sql};\n"))
            .collect()
    };
    // One small migration is taken back everywhere, then run again: first by hand, then by us.
    let small = small_migration()?;
    let take_back = each(&format!(
        "DELETE FROM schema_migration WHERE name = '{}'",
        small.name
    ));
    pgbench.psql("postgres", &take_back)?;
    let by_hand = each(&format!(
        "SET ROLE sindico_migrator; BEGIN; {} INSERT INTO schema_migration (name, checksum) VALUES ('{}', ''); COMMIT",
        small.sql, small.name
    ));
    let begun = Instant::now();
    pgbench.psql("postgres", &by_hand)?;
    let bare = begun.elapsed();
    pgbench.psql("postgres", &take_back)?;
    running.stop()?;
    pgbench_later(home, |pgbench| {
        pgbench.psql("sindico", "UPDATE tenant_provisioning SET schema_version = 1 WHERE generation > 0 AND isolation_model = 'DATABASE_PER_TENANT'").map(drop)
    })?;
    let begun = Instant::now();
    home.run(&["migrate"], "")?;
    let ours = begun.elapsed();
    let count = databases.len();
    Ok(Fleet {
        tenants: count,
        nothing_ms: ms(nothing),
        migrated_per_second: count as f64 / ours.as_secs_f64(),
        bare_per_second: count as f64 / bare.as_secs_f64(),
        thousand_known_mib: (many - few) * 1000.0 / (count - there) as f64,
        hundred_pools_mib: (pools - many) * 100.0 / opened as f64,
    })
}

/// A migration that only sets parameters of tables: running it twice does no harm.
fn small_migration() -> anyhow::Result<&'static Migration> {
    let mut all = TENANT.iter();
    all.find(|migration| migration.name == "0005_visibility")
        .context("the small migration is not there any more")
}

/// Something on the private server while no program migrates by itself.
fn pgbench_later(
    home: &Home,
    work: impl FnOnce(&Pgbench) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let running = home.serve_with(&[("SINDICO_MIGRATE_TENANTS", "false")])?;
    work(&crate::pgbench(home, &running)?)?;
    running.stop()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

impl Measured {
    /// Shared against dedicated, for one and for the list.
    fn shared(&self) -> Vec<f64> {
        let rates: Vec<f64> = self.reads.iter().map(Read::rate).collect();
        match rates[..] {
            [one, page, shared_one, shared_page] => vec![shared_one / one, shared_page / page],
            _ => Vec::new(),
        }
    }

    /// What is no read: what, value, aim, and whether it is met.
    pub fn lines(&self) -> Vec<(String, String, String, Option<bool>)> {
        let (p, f) = (&self.places, &self.fleet);
        let mut lines = Vec::new();
        let mut line = |what: &str, value: String, aim: &str, met| {
            lines.push((what.to_owned(), value, aim.to_owned(), met));
        };
        for (what, ratio) in ["one, shared : dedicated", "list, shared : dedicated"]
            .iter()
            .zip(self.shared())
        {
            line(
                what,
                format!("{ratio:.2}"),
                ">= 0.80",
                Some(ratio >= SHARED_AIM),
            );
        }
        let cold = p.cold_ms / p.bare_ms;
        line(
            "place, cold, whole call",
            format!("{:.0} ms", p.cold_ms),
            "",
            None,
        );
        line(
            "  against bare SQL",
            format!("{cold:.2}"),
            "<= 1.50",
            Some(cold <= COLD_AIM),
        );
        line(
            "place, from the pool",
            format!("{:.0} ms", p.warm_ms),
            "",
            None,
        );
        line("  p99", format!("{:.0} ms", p.warm_p99_ms), "", None);
        line("fleet", format!("{}", f.tenants), "", None);
        line(
            "  nothing to do, whole command",
            format!("{:.0} ms", f.nothing_ms),
            "",
            None,
        );
        line(
            "  one migration, a second",
            format!("{:.0}", f.migrated_per_second),
            "",
            None,
        );
        line(
            "  against bare SQL in a loop",
            format!("{:.2}", f.migrated_per_second / f.bare_per_second),
            "",
            None,
        );
        line(
            "1,000 known tenants",
            format!("{:.1} MiB", f.thousand_known_mib),
            "",
            None,
        );
        line(
            "100 open pools",
            format!("{:.1} MiB", f.hundred_pools_mib),
            "",
            None,
        );
        lines
    }
}
