//! Many rows at once: import, export, bulk edits, and the look for duplicates while somebody types. Imports and
//! exports run next to the bare SQL that moves the same rows; the rest has aims in seconds.

use crate::http::{Connection, request_in};
use crate::pgbench::Pgbench;
use crate::program::Home;
use crate::tenants::{Bench, Tenant};
use crate::{Cli, note};
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use sindico_domain::brazil::TaxId;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Rows of the file, at 100 per cent.
const ROWS: u64 = 100_000;
/// Records of one bulk edit.
const MANY: usize = 10_000;
/// Customers among whom duplicates are looked for, at 100 per cent.
const CUSTOMERS: u64 = 200_000;
/// How often duplicates are looked for.
const LOOKS: usize = 500;
/// How often it is asked how far an import is.
const GLANCE: Duration = Duration::from_millis(20);

/// One thing that took some time, or some memory.
pub struct Row {
    isolation: &'static str,
    what: String,
    took: f64,
    unit: &'static str,
    aim: Option<f64>,
    /// What the bare SQL took.
    bare: Option<f64>,
}

/// A tenant, and what is learned about it.
struct Subject<'a> {
    bench: &'a Bench<'a>,
    pgbench: &'a Pgbench,
    tenant: Tenant,
    isolation: &'static str,
    rows: Vec<Row>,
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
    let rows = usize::try_from(ROWS * cli.scale / 100)?;
    let mut all = Vec::new();
    for (isolation, model) in [
        ("dedicated", "DATABASE_PER_TENANT"),
        ("shared", "SHARED_SCHEMA"),
    ] {
        let mut subject = Subject {
            bench: &bench,
            pgbench: &pgbench,
            tenant: bench.ready(&format!("{isolation}-sheets"), model)?,
            isolation,
            rows: Vec::new(),
        };
        subject.import(rows)?;
        subject.bulk()?;
        subject.duplicates(home, CUSTOMERS * cli.scale / 100)?;
        all.append(&mut subject.rows);
    }
    running.stop()?;
    Ok(all)
}

impl Subject<'_> {
    fn add(&mut self, what: &str, took: f64, unit: &'static str, aim: Option<f64>) -> &mut Row {
        let n = self.rows.len();
        self.rows.push(Row {
            isolation: self.isolation,
            what: what.to_owned(),
            took,
            unit,
            aim,
            bare: None,
        });
        note(&line(&self.rows[n]));
        &mut self.rows[n]
    }

    fn call(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Value> {
        let code = Some(self.tenant.code.as_str());
        let request = request_in(code, (method, path), self.bench.token, body);
        let mut connection = Connection::open(&self.bench.running.socket)?;
        let (status, answer) = connection.call(&request)?;
        let text = String::from_utf8_lossy(answer);
        ensure!(
            (200..300).contains(&status),
            "{method} {path} was answered {status}: {text}"
        );
        Ok(serde_json::from_str(&text)?)
    }

    /// A file comes in, is judged, written, goes out again, and is taken back.
    fn import(&mut self, rows: usize) -> anyhow::Result<()> {
        let file = file(rows);
        let bare = self.bare_import(&file)?;
        let before = self.memory()?;
        let begun = Instant::now();
        let job = self.upload(&file)?;
        let id = job["id"].as_i64().context("an import without an id")?;
        let mapped = job["mapping"].as_array().context("no mapping")?;
        let mapped = mapped.iter().filter(|field| *field != "").count();
        ensure!(mapped >= 11, "only {mapped} columns were understood");
        let size = format!("{} rows", thousands(rows));
        self.add(&format!("upload of {size}"), secs(begun), "s", None);
        let mut most: f64 = 0.0;
        for (what, act, end, aim) in [
            ("dry run", "dry-run", "CHECKED", 3.0),
            ("commit", "commit", "DONE", 15.0),
        ] {
            let took = self.work(id, act, end, &mut most)?;
            let row = self.add(&format!("{what} of {size}"), took, "s", Some(aim));
            if act == "commit" {
                row.bare = Some(bare);
            }
        }
        self.pgbench
            .psql(&self.tenant.database, "VACUUM ANALYZE lead")?;
        self.export(rows, &size)?;
        let took = self.work(id, "undo", "UNDONE", &mut most)?;
        self.add(&format!("undo of {size}"), took, "s", Some(15.0));
        let grown = (most - before).max(0.0);
        self.add("memory that all this took", grown, "MiB", Some(64.0));
        Ok(())
    }

    /// Asks for a step of an import and waits for its end; how long that took.
    fn work(&self, id: i64, act: &str, end: &str, most: &mut f64) -> anyhow::Result<f64> {
        let begun = Instant::now();
        self.call("POST", &format!("/api/imports/{id}/{act}/"), "{}")?;
        loop {
            let job = self.call("GET", &format!("/api/imports/{id}/"), "")?;
            *most = most.max(self.memory()?);
            match job["state"].as_str() {
                Some(state) if state == end => return Ok(secs(begun)),
                Some("FAILED") => bail!("the import failed: {}", job["trouble"]),
                _ => std::thread::sleep(GLANCE),
            }
        }
    }

    fn memory(&self) -> anyhow::Result<f64> {
        self.bench.running.resident()
    }

    fn upload(&self, file: &str) -> anyhow::Result<Value> {
        const EDGE: &str = "síndico-bench-edge";
        let body = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nlead\r\n\
             --{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"leads.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n{file}\r\n--{EDGE}--\r\n"
        )
        .replace(EDGE, "bench-edge");
        let head = format!(
            "POST /api/imports/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {}\r\nX-Tenant-ID: {}\r\n\
             Content-Type: multipart/form-data; boundary=bench-edge\r\nContent-Length: {}\r\n\r\n",
            self.bench.token,
            self.tenant.code,
            body.len()
        );
        let mut connection = Connection::open(&self.bench.running.socket)?;
        let (status, answer) = connection.call(&[head.as_bytes(), body.as_bytes()].concat())?;
        let text = String::from_utf8_lossy(answer);
        ensure!(status == 201, "the upload was answered {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// The same rows by `COPY` and `INSERT ... SELECT` into a table with the same indexes, without a history, a
    /// search, a judgement of any cell.
    fn bare_import(&self, file: &str) -> anyhow::Result<f64> {
        let path = self.pgbench.script("leads", file)?;
        let columns: Vec<String> = (1..=HEADS.len()).map(|n| format!("c{n} text")).collect();
        let before = "CREATE TABLE bench_lead (LIKE lead INCLUDING ALL)";
        self.pgbench.psql(&self.tenant.database, before)?;
        let sql = format!(
            "BEGIN; CREATE TEMP TABLE incoming ({});
             \\copy incoming FROM '{}' (FORMAT csv, DELIMITER ';', HEADER)
             INSERT INTO bench_lead (company_id, source, name, company, email, phone, document, score, budget, notes, tags, status,
                 search_text)
             SELECT {}, c1, c2, c3, c4, c5, c6, c7::bigint, replace(replace(c8, '.', ''), ',', '.')::numeric, c9,
                 string_to_array(c10, ','), 'NEW', lower(concat_ws(chr(10), c1, c2, c3, c4, c5, c6, c9, c10)) FROM incoming;
             COMMIT;",
            columns.join(", "),
            path.display(),
            self.tenant.id
        );
        let begun = Instant::now();
        self.pgbench.psql(&self.tenant.database, &sql)?;
        let took = secs(begun);
        let after = "DROP TABLE bench_lead";
        self.pgbench.psql(&self.tenant.database, after)?;
        Ok(took)
    }

    fn export(&mut self, rows: usize, size: &str) -> anyhow::Result<()> {
        for format in ["csv", "xlsx"] {
            let before = self.memory()?;
            let begun = Instant::now();
            let bytes = self.download(&format!("/api/leads/export/?format={format}"))?;
            let took = secs(begun);
            ensure!(bytes > 20 * rows, "the export has {bytes} bytes");
            let grown = (self.memory()? - before).max(0.0);
            let bare = match format {
                "csv" => Some(self.bare_export()?),
                _ => None,
            };
            let what = format!("export of {size}, {format} (+{grown:.0} MiB)");
            self.add(&what, took, "s", None).bare = bare;
        }
        Ok(())
    }

    fn bare_export(&self) -> anyhow::Result<f64> {
        let path = self.pgbench.script("out", "")?;
        let sql = format!(
            "\\copy (SELECT id, source, name, company, email, phone, document, score, budget, notes, tags, status, created_at, \
             updated_at FROM lead WHERE company_id = {} AND deleted_at IS NULL ORDER BY id) TO '{}' (FORMAT csv)",
            self.tenant.id,
            path.display()
        );
        let begun = Instant::now();
        self.pgbench.psql(&self.tenant.database, &sql)?;
        Ok(secs(begun))
    }

    /// Reads an answer of any length to its end; how many bytes it had.
    fn download(&self, path: &str) -> anyhow::Result<usize> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {}\r\nX-Tenant-ID: {}\r\nConnection: close\r\n\r\n",
            self.bench.token, self.tenant.code
        );
        let mut stream = UnixStream::connect(&self.bench.running.socket)?;
        stream.write_all(request.as_bytes())?;
        let (mut buffer, mut all, mut head) = (vec![0; 64 * 1024], 0, Vec::new());
        loop {
            let count = stream.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            if all == 0 {
                head.extend_from_slice(&buffer[..count.min(12)]);
            }
            all += count;
        }
        ensure!(
            head.ends_with(b"200"),
            "{path} was answered {}",
            String::from_utf8_lossy(&head)
        );
        Ok(all)
    }

    /// Ten thousand records get another value, after a preview.
    fn bulk(&mut self) -> anyhow::Result<()> {
        let file = file(MANY);
        let job = self.upload(&file)?;
        let id = job["id"].as_i64().context("an import without an id")?;
        let mut most = 0.0;
        self.work(id, "dry-run", "CHECKED", &mut most)?;
        self.work(id, "commit", "DONE", &mut most)?;
        let size = thousands(MANY);
        for (what, action, values) in [
            ("bulk edit", "edit", json!({"source": "Feira"})),
            ("bulk tag", "tag", json!({"tags": ["feira"]})),
        ] {
            let mut told =
                json!({"filter": {"all": []}, "action": action, "values": values, "preview": true});
            let begun = Instant::now();
            let preview = self.call("POST", "/api/leads/bulk/", &told.to_string())?;
            let name = format!("{what} of {size}: preview");
            self.add(&name, secs(begun), "s", None);
            told["preview"] = json!(false);
            told["token"] = preview["token"].clone();
            let begun = Instant::now();
            let done = self.call("POST", "/api/leads/bulk/", &told.to_string())?;
            let took = secs(begun);
            self.add(&format!("{what} of {size}"), took, "s", Some(2.0));
            let Some(change) = done["change_set"].as_i64() else {
                bail!("no change set: {done}");
            };
            let begun = Instant::now();
            self.call("POST", &format!("/api/changes/{change}/undo/"), "{}")?;
            self.add(
                &format!("undo of a {what} of {size}"),
                secs(begun),
                "s",
                None,
            );
        }
        Ok(())
    }

    /// What the form of a new customer asks at each pause of who types.
    fn duplicates(&mut self, home: &Home, customers: u64) -> anyhow::Result<()> {
        note(&format!("{customers} customers"));
        crate::crm::sample(home, &self.tenant, [customers, 1, 1])?;
        self.pgbench
            .psql(&self.tenant.database, "VACUUM ANALYZE customer")?;
        let sql = format!(
            "SELECT replace(name, ' ', '+') || '|' || email || '|' || regexp_replace(phone, '[^0-9]', '', 'g') || '|' || document
             FROM customer WHERE company_id = {} AND name ~ '^[A-Za-z ]+$' ORDER BY md5(id::text) LIMIT {LOOKS}",
            self.tenant.id
        );
        let said = self.pgbench.psql(&self.tenant.database, &sql)?;
        let mut connection = Connection::open(&self.bench.running.socket)?;
        let mut times = Vec::new();
        let mut found = 0;
        for (n, line) in said.lines().enumerate() {
            let parts: Vec<&str> = line.split('|').collect();
            let [name, email, phone, document] = parts[..] else {
                bail!("not four parts: {line}");
            };
            // Half of them are there already, half are not.
            let query = match n % 2 {
                0 => format!("name={name}&email={email}&phone={phone}&document={document}"),
                _ => format!("name={name}+Nova&email=novo.{email}&phone={phone}9&document="),
            };
            let path = format!("/api/customers/similar/?{query}");
            let code = Some(self.tenant.code.as_str());
            let request = request_in(code, ("GET", &path), self.bench.token, "");
            let begun = Instant::now();
            let (status, answer) = connection.call(&request)?;
            times.push(begun.elapsed());
            ensure!(status == 200, "{path} was answered {status}");
            found += usize::from(answer.len() > 2);
        }
        ensure!(found > times.len() / 3, "only {found} were found");
        times.sort_unstable();
        let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e3;
        let among = thousands(usize::try_from(customers)?);
        self.add(
            &format!("duplicates among {among}, p95"),
            at(95),
            "ms",
            Some(30.0),
        );
        self.add(
            &format!("duplicates among {among}, p99"),
            at(99),
            "ms",
            None,
        );
        Ok(())
    }
}

/// The heads of the file, of which the last four mean nothing to the program.
const HEADS: [&str; 15] = [
    "Origem",
    "Nome",
    "Empresa",
    "E-mail",
    "Telefone",
    "CPF ou CNPJ",
    "Pontuação",
    "Orçamento",
    "Observações",
    "Etiquetas",
    "Situação",
    "Cidade",
    "UF",
    "CEP",
    "Site",
];

/// Leads with fifteen columns, as a Brazilian spreadsheet writes them.
fn file(rows: usize) -> String {
    let mut text = format!("{}\n", HEADS.join(";"));
    for n in 0..rows {
        let document = TaxId::completed(&format!("{:09}", 100_000_000 + n));
        let document = document.map_or_else(String::new, |document| document.to_string());
        let _ = writeln!(
            text,
            "Site;Cliente Número {n};Comércio {n} Ltda;cliente{n}@exemplo.com.br;(11) 9{:04}-{:04};{document};{};1.{:03},90;\
             Pediu orçamento pela página {n};novo,varejo;Novo;São Paulo;SP;01310-100;www.exemplo{n}.com.br",
            7_000 + n / 10_000,
            n % 10_000,
            n % 101,
            n % 1_000
        );
    }
    text
}

fn secs(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64()
}

fn thousands(number: usize) -> String {
    match number % 1_000 {
        0 if number > 0 => format!("{},000", number / 1_000),
        _ => number.to_string(),
    }
}

/// For people.
pub fn table(rows: &[Row]) -> String {
    let lines: Vec<String> = rows.iter().map(line).collect();
    lines.join("\n") + "\n"
}

fn line(row: &Row) -> String {
    let aim = row.aim.map_or_else(String::new, |aim| {
        let verdict = if row.took <= aim { "ok" } else { "missed" };
        format!("aim {aim:.0} {}, {verdict}", row.unit)
    });
    let bare = row.bare.map_or_else(String::new, |bare| {
        format!("bare SQL {bare:.2} s, {:.1} times", row.took / bare)
    });
    let line = format!(
        "{:<10} {:<42} {:>8.2} {:<4} {aim:<20} {bare}",
        row.isolation, row.what, row.took, row.unit
    );
    line.trim_end().to_owned()
}
