//! The CRM under its reference load: one large tenant among fifty small ones, in both isolation models.
//!
//! Two things are measured for each call. *Felt*: fifty users, each of whom asks about once a second, as
//! people do: what share of them waits how long. *Full*: sixteen callers without a rest, next to `pgbench`
//! with the same SQL.

mod writes;

use crate::http::{Connection, load, request_in};
use crate::pgbench::{Pgbench, in_transaction, one_by_one};
use crate::program::Home;
use crate::report::median;
use crate::tenants::{Bench, Tenant, behind_the_wall};
use crate::{Cli, note};
use anyhow::{Context, ensure};
use serde_json::json;
use sindico_crm::{board, changes, dashboard, list, metrics, search};
use sindico_domain::crm::Kind;
use sindico_domain::page::Cursor;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// The large tenant, at 100 per cent.
const CUSTOMERS: u64 = 100_000;
const OPPORTUNITIES: u64 = 120_000;
const ACTIVITIES: u64 = 1_000_000;
/// The small ones.
const SMALL: usize = 50;
/// Who asks now and then, and how often.
const USERS: usize = 50;
const PAUSE: Duration = Duration::from_secs(1);
/// Who asks without a rest.
const CALLERS: usize = 16;

/// A call, and what came out.
pub struct Row {
    isolation: &'static str,
    what: &'static str,
    aim: Duration,
    felt: Vec<Duration>,
    ours: f64,
    theirs: Option<f64>,
}

/// A call that is measured.
struct Call {
    what: &'static str,
    /// 95 of a hundred are to be answered within this.
    aim: Duration,
    requests: Vec<Vec<u8>>,
    /// The statements of one call, with `:n` as a number out of `1..=numbers`.
    sql: Option<(Vec<String>, i64)>,
    /// Whether the statements are sent one after another, in a transaction that writes.
    writes: bool,
}

/// Measures all of it.
pub fn measure(cli: &Cli, home: &Home) -> anyhow::Result<Vec<Row>> {
    let first = home.serve()?;
    let token = crate::admin(home)?;
    first.stop()?;
    let running = home.serve()?;
    let pgbench = crate::pgbench(home, &running)?;
    let bench = Bench {
        running: &running,
        token: &token,
    };
    let mut rows = Vec::new();
    for (isolation, shared) in [("dedicated", false), ("shared", true)] {
        let model = if shared {
            "SHARED_SCHEMA"
        } else {
            "DATABASE_PER_TENANT"
        };
        note(&format!("{isolation}: fifty small tenants"));
        for n in 0..SMALL {
            let tenant = bench.ready(&format!("{isolation}-{n:02}"), model)?;
            sample(home, &tenant, [60, 60, 200])?;
        }
        let tenant = bench.ready(&format!("{isolation}-large"), model)?;
        note(&format!("{isolation}: the large one"));
        let begun = Instant::now();
        sample(
            home,
            &tenant,
            [CUSTOMERS, OPPORTUNITIES, ACTIVITIES].map(|n| n * cli.scale / 100),
        )?;
        note(&format!(
            "which took {:.0} s",
            begun.elapsed().as_secs_f64()
        ));
        pgbench.psql(&tenant.database, "VACUUM ANALYZE")?;
        let bound = behind_the_wall(&pgbench, &tenant, shared)?;
        let wanted = |call: &Call| {
            cli.call
                .as_ref()
                .is_none_or(|word| call.what.contains(word))
        };
        for call in calls(&bench, &pgbench, &tenant)?.into_iter().filter(wanted) {
            note(&format!("{isolation}: {}", call.what));
            let row = row(
                cli,
                &bench,
                &bound,
                (isolation, shared.then_some(tenant.id)),
                call,
            )?;
            // Should the rest fail, half an hour is not lost.
            note(&line(&row));
            rows.push(row);
        }
    }
    running.stop()?;
    Ok(rows)
}

/// Fills a tenant: customers, opportunities, activities.
pub fn sample(home: &Home, tenant: &Tenant, amounts: [u64; 3]) -> anyhow::Result<()> {
    let [customers, opportunities, activities] = amounts.map(|amount| amount.to_string());
    let args = [
        "sample",
        "--tenant",
        &tenant.code,
        "--customers",
        &customers,
        "--opportunities",
        &opportunities,
        "--activities",
        &activities,
    ];
    home.run(&args, "").map(|_| ())
}

fn row(
    cli: &Cli,
    bench: &Bench<'_>,
    pgbench: &Pgbench,
    (isolation, shared): (&'static str, Option<i64>),
    call: Call,
) -> anyhow::Result<Row> {
    let (socket, time) = (
        bench.running.socket.as_path(),
        Duration::from_secs(cli.seconds),
    );
    load(socket, &call.requests, CALLERS, time / 2)?;
    let felt = felt(bench, &call.requests, 5 * time)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..cli.rounds {
        ours.push(load(socket, &call.requests, CALLERS, time)?.rate);
        if let Some((sql, numbers)) = &call.sql {
            let text = match call.writes {
                true => one_by_one(sql, *numbers, shared),
                false => in_transaction(sql, *numbers, shared),
            };
            let script = pgbench.script("crm", &text)?;
            match pgbench.run(&script, CALLERS, time) {
                Ok(run) => theirs.push(run.rate),
                Err(error) => note(&format!("no ratio: {error}")),
            }
        }
    }
    let theirs = (!theirs.is_empty()).then(|| median(theirs));
    Ok(Row {
        isolation,
        what: call.what,
        aim: call.aim,
        felt,
        ours: median(ours),
        theirs,
    })
}

/// How long each answer took when so many users ask now and then.
fn felt(bench: &Bench<'_>, requests: &[Vec<u8>], time: Duration) -> anyhow::Result<Vec<Duration>> {
    let until = Instant::now() + time;
    let user = |n: usize| -> anyhow::Result<Vec<Duration>> {
        let mut connection = Connection::open(&bench.running.socket)?;
        let mut times = Vec::new();
        // They do not all begin at once, and they do not ask for the same.
        std::thread::sleep(PAUSE * u32::try_from(n)? / u32::try_from(USERS)?);
        let mut next = n * requests.len() / USERS;
        while Instant::now() < until {
            let begun = Instant::now();
            let (status, _) = connection.call(&requests[next])?;
            ensure!(
                (200..300).contains(&status),
                "the server answered {status} under load"
            );
            times.push(begun.elapsed());
            next = (next + 1) % requests.len();
            std::thread::sleep(PAUSE.saturating_sub(begun.elapsed()));
        }
        Ok(times)
    };
    std::thread::scope(|scope| {
        let user = &user;
        let users: Vec<_> = (0..USERS).map(|n| scope.spawn(move || user(n))).collect();
        let mut all = Vec::new();
        for user in users {
            match user.join() {
                Ok(times) => all.extend(times?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })
}

fn calls(bench: &Bench<'_>, pgbench: &Pgbench, tenant: &Tenant) -> anyhow::Result<Vec<Call>> {
    let say = |method: &str, path: &str, body: &str| {
        request_in(Some(&tenant.code), (method, path), bench.token, body)
    };
    let company = tenant.id;
    let ask = |sql: &str| -> anyhow::Result<Vec<String>> {
        let said = pgbench.psql(&tenant.database, sql)?;
        let lines: Vec<String> = said.lines().map(str::to_owned).collect();
        ensure!(!lines.is_empty(), "the sample has nothing for: {sql}");
        Ok(lines)
    };
    let within = Duration::from_millis;
    let mut calls = Vec::new();
    let mut read = |what, aim, paths: Vec<String>, sql: Vec<String>, numbers: i64| {
        let requests = paths.iter().map(|path| say("GET", path, "")).collect();
        let sql = (!sql.is_empty()).then_some((sql, numbers));
        calls.push(Call {
            what,
            aim,
            requests,
            sql,
            writes: false,
        });
    };

    let (_, page) = list::benchmark_sql(Kind::Customer, Kind::Customer.default_sort(), 50, None);
    read(
        "customers, first page",
        within(50),
        vec!["/api/customers/?limit=50".to_owned()],
        vec![page],
        1,
    );
    let deep = ask(&format!(
        "SELECT id, name FROM customer WHERE company_id = {company} AND name !~ '''' ORDER BY name, id
         OFFSET (SELECT count(*) * 9 / 10 FROM customer WHERE company_id = {company}) LIMIT 1"
    ))?;
    let (id, name) = deep[0].split_once('|').context("no deep page")?;
    let cursor = Cursor {
        sort: "name".to_owned(),
        key: name.to_owned(),
        id: id.parse()?,
    }
    .encode();
    let (_, page) = list::benchmark_sql(
        Kind::Customer,
        Kind::Customer.default_sort(),
        50,
        Some((name, id.parse()?)),
    );
    read(
        "customers, deep page",
        within(50),
        vec![format!("/api/customers/?limit=50&cursor={cursor}")],
        vec![page],
        1,
    );
    let (_, page) = list::benchmark_sql(Kind::Activity, Kind::Activity.default_sort(), 50, None);
    read(
        "activities, first page",
        within(50),
        vec!["/api/activities/?limit=50".to_owned()],
        vec![page],
        1,
    );
    let since = "$1";
    let text = board::benchmark_sql().replace(since, "(now() - interval '30 days')");
    read(
        "board",
        within(50),
        vec!["/api/opportunities/board/".to_owned()],
        vec![text],
        1,
    );

    let sales = ask(&format!(
        "SELECT opportunity_id FROM activity WHERE company_id = {company} AND opportunity_id IS NOT NULL
         GROUP BY 1 ORDER BY md5(opportunity_id::text) LIMIT 500"
    ))?;
    let array = format!("(ARRAY[{}]::bigint[])[:n]", sales.join(","));
    let count = i64::try_from(sales.len())?;
    let (one, _) =
        list::benchmark_sql(Kind::Opportunity, Kind::Opportunity.default_sort(), 1, None);
    let paths = sales
        .iter()
        .map(|id| format!("/api/opportunities/{id}/"))
        .collect();
    read(
        "record",
        within(50),
        paths,
        vec![one.replace("$1", &array)],
        count,
    );
    let kinds = "'{customer,lead,opportunity,activity,sales_goal}'::text[]";
    let timeline = changes::benchmark_sql();
    let timeline = timeline
        .replace("$1", &array)
        .replace("$2", kinds)
        .replace("$3", "NULL")
        .replace("$4", "51");
    let paths = sales
        .iter()
        .map(|id| format!("/api/opportunities/{id}/timeline/?limit=50"))
        .collect();
    read("timeline", within(50), paths, vec![timeline], count);

    for (what, words) in [("search, one word", 1), ("search, two words", 2)] {
        let queries = ask(&format!(
            "SELECT DISTINCT array_to_string((regexp_split_to_array(search_text, '[^a-z]+'))[1:{words}], ' ')
             FROM customer WHERE company_id = {company} AND search_text ~ '^[a-z]{{3,}} [a-z]{{3,}}' LIMIT 300"
        ))?;
        let pattern = |query: &String| {
            let parts: Vec<String> = query.split(' ').map(|part| format!("%{part}%")).collect();
            format!("'{{{}}}'", parts.join(","))
        };
        let patterns: Vec<String> = queries.iter().map(pattern).collect();
        let text = search::benchmark_sql()
            .replace("$1", "'{customer,lead,opportunity,activity}'::text[]")
            .replace(
                "$2",
                &format!("((ARRAY[{}])[:n])::text[]", patterns.join(",")),
            )
            .replace("$3", &(search::CANDIDATES + 1).to_string());
        let paths = queries
            .iter()
            .map(|query| format!("/api/search/?q={}", query.replace(' ', "+")))
            .collect();
        read(
            what,
            within(30),
            paths,
            vec![text],
            i64::try_from(queries.len())?,
        );
    }
    let (funnels, activities) = metrics::benchmark_sql();
    let activities = ["$1", "$2", "$3"]
        .iter()
        .fold(activities, |sql, n| sql.replace(n, "now()"));
    read(
        "metrics",
        within(50),
        vec!["/api/sales/metrics/".to_owned()],
        vec![funnels, activities],
        1,
    );
    read(
        "dashboard",
        within(50),
        vec!["/api/dashboard/summary/".to_owned()],
        start_page(),
        1,
    );

    let leads = (0..500).map(|n| {
        let body = json!({"source": "Site", "name": format!("Lead {n}"), "email": format!("lead{n}@example.com"), "phone": "(11) 98765-4321"});
        say("POST", "/api/leads/", &body.to_string())
    });
    calls.push(Call {
        what: "create a lead",
        aim: within(50),
        requests: leads.collect(),
        sql: Some((writes::create_a_lead(), 1_000_000)),
        writes: true,
    });
    let cards = ask(&format!(
        "SELECT id FROM opportunity WHERE company_id = {company} AND stage = 'PROPOSAL' ORDER BY md5(id::text) LIMIT 1000"
    ))?;
    let moves = cards.windows(2).map(|pair| {
        say(
            "POST",
            &format!("/api/opportunities/{}/move/", pair[0]),
            &json!({"after": pair[1].parse::<i64>().unwrap_or(0)}).to_string(),
        )
    });
    calls.push(Call {
        what: "move a card",
        aim: within(50),
        requests: moves.collect(),
        sql: Some((
            writes::move_a_card(&cards.join(",")),
            i64::try_from(cards.len())? - 1,
        )),
        writes: true,
    });
    Ok(calls)
}

/// The start page's statements for the first user, who asks in the benchmark.
fn start_page() -> Vec<String> {
    let [numbers, goals, agenda] = dashboard::benchmark_sql();
    let day = |days: &str| format!("date_trunc('day', now()) + interval '{days} days'");
    let month = |months: &str| format!("date_trunc('month', now()) + interval '{months} months'");
    let given = |sql: &str, values: &[String]| {
        // From the last one, so that $1 is no part of another.
        let numbered = values.iter().enumerate().rev();
        numbered.fold(sql.to_owned(), |sql, (n, value)| {
            sql.replace(&format!("${}", n + 1), &format!("({value})"))
        })
    };
    let me = "1::bigint".to_owned();
    let part = |part: &str| format!("extract({part} FROM now())::bigint");
    vec![
        given(
            numbers,
            &[
                me.clone(),
                "now()".to_owned(),
                day("0"),
                day("1"),
                month("0"),
                month("1"),
            ],
        ),
        given(goals, &[part("year"), part("month"), me.clone()]),
        given(agenda, &[me, day("1"), "20".to_owned()]),
    ]
}

/// For people.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<10} {:<24} {:>8} {:>8} {:>8} {:>9}  {:<7} {:>10} {:>10} {:>6}\n",
        "MODEL", "CALL", "P50 ms", "P95 ms", "P99 ms", "AIM", "", "SÍNDICO/s", "PGBENCH/s", "RATIO"
    );
    for row in rows {
        let _ = writeln!(text, "{}", line(row));
    }
    text
}

fn line(row: &Row) -> String {
    let mut felt = row.felt.clone();
    felt.sort_unstable();
    let at = |percent: usize| felt[felt.len() * percent / 100];
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let verdict = if at(95) <= row.aim { "ok" } else { "missed" };
    let (theirs, ratio) = match row.theirs {
        Some(theirs) => (format!("{theirs:.0}"), format!("{:.2}", row.ours / theirs)),
        None => (String::new(), String::new()),
    };
    let line = format!(
        "{:<10} {:<24} {:>8.1} {:>8.1} {:>8.1} {:>6.0} ms  {:<7} {:>10.0} {:>10} {:>6}",
        row.isolation,
        row.what,
        ms(at(50)),
        ms(at(95)),
        ms(at(99)),
        ms(row.aim),
        verdict,
        row.ours,
        theirs,
        ratio
    );
    line.trim_end().to_owned()
}
