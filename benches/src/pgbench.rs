//! `pgbench` on the private server: the very statements that the program runs, prepared.

use anyhow::{Context, ensure};
use sindico_embedded::Connection;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The name of the control database on the private server.
const DATABASE: &str = "sindico";

/// A `pgbench` that knows its server.
#[derive(Clone)]
pub struct Pgbench {
    program: PathBuf,
    connection: Connection,
    scripts: PathBuf,
    database: String,
    /// Another role than the superuser, with its password.
    role: Option<(String, String)>,
    /// `-c name=value` for each session.
    options: String,
}

impl Pgbench {
    /// The one beside the server's own programs; its scripts go to the folder `scripts`.
    pub fn new(bin: &Path, connection: Connection, scripts: &Path) -> anyhow::Result<Self> {
        let program = bin.join("pgbench");
        ensure!(
            program.is_file(),
            "there is no pgbench in {}; on Debian it is part of the package postgresql",
            bin.display()
        );
        Ok(Self {
            program,
            connection,
            scripts: scripts.to_owned(),
            database: DATABASE.to_owned(),
            role: None,
            options: String::new(),
        })
    }

    /// The same in another database, as another role: one that row-level security binds.
    pub fn within(&self, database: &str, role: (&str, &str), options: &str) -> Self {
        Self {
            database: database.to_owned(),
            role: Some((role.0.to_owned(), role.1.to_owned())),
            options: options.to_owned(),
            ..self.clone()
        }
    }

    /// Runs SQL by `psql`, as the superuser; what it printed.
    pub fn psql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let script = self.script("psql", sql)?;
        let mut command = Command::new(self.program.with_file_name("psql"));
        command
            .env("PGPASSWORD", self.connection.password.expose())
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-h"])
            .arg(&self.connection.socket_dir)
            .args(["-p", &self.connection.port.to_string()])
            .args(["-U", &self.connection.user, "-d", database, "-f"])
            .arg(script);
        Ok(output(&mut command)?.trim().to_owned())
    }

    /// Keeps a script; returns its path.
    pub fn script(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.scripts.join(format!("{name}.sql"));
        std::fs::write(&path, text)?;
        Ok(path)
    }

    fn command(&self) -> Command {
        let superuser = (
            self.connection.user.as_str(),
            self.connection.password.expose(),
        );
        let (user, password) = match &self.role {
            Some((user, password)) => (user.as_str(), password.as_str()),
            None => superuser,
        };
        let mut command = Command::new(&self.program);
        command
            .env("PGPASSWORD", password)
            .env("PGOPTIONS", &self.options)
            .arg("-h")
            .arg(&self.connection.socket_dir)
            .args(["-p", &self.connection.port.to_string()])
            .args(["-U", user, "-n"]);
        command
    }

    /// Runs a script once.
    pub fn once(&self, script: &Path) -> anyhow::Result<()> {
        let mut command = self.command();
        command
            .args(["-t", "1", "-f"])
            .arg(script)
            .arg(&self.database);
        output(&mut command).map(|_| ())
    }

    /// Runs a script on so many connections, for so long (whole seconds).
    pub fn run(&self, script: &Path, connections: usize, time: Duration) -> anyhow::Result<Run> {
        let mut command = self.command();
        command
            .args(["-M", "prepared"])
            .args(["-T", &time.as_secs().to_string()])
            .args(["-c", &connections.to_string()])
            .args(["-j", &connections.min(2).to_string(), "-f"])
            .arg(script)
            .arg(&self.database);
        let said = output(&mut command)?;
        Ok(Run {
            rate: number(&said, "tps = ")?,
            transactions: number(&said, "number of transactions actually processed: ")?,
        })
    }
}

/// What a run did.
pub struct Run {
    /// Transactions a second.
    pub rate: f64,
    /// Transactions at all.
    pub transactions: f64,
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().context("can't run pgbench")?;
    ensure!(
        output.status.success(),
        "pgbench failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// The number in the line that begins like this: `tps = 12345.6 (without initial connection time)`.
fn number(text: &str, before: &str) -> anyhow::Result<f64> {
    text.lines()
        .find_map(|line| {
            let rest = line.strip_prefix(before)?;
            rest.split([' ', '/']).next()?.parse().ok()
        })
        .with_context(|| format!("pgbench did not say {before:?}: {text}"))
}

/// The program's single read as a script: the id is bound, a random one of those in use.
pub fn single(sql: &str, first: i64, last: i64) -> String {
    let sql = sql.replace("$1", ":id");
    format!("\\set id random({first}, {last})\n{};\n", one_line(&sql))
}

/// The program's first page as a script. `pgbench` can't bind NULL, so the filters and the cursor
/// that are not used stand in the text, which spares the server their tests on each row.
pub fn page(sql: &str, limit: usize) -> String {
    let sql = (1..=8).fold(sql.to_owned(), |sql, n| {
        sql.replace(&format!("${n}"), "NULL")
    });
    // One row more tells whether there is a next page.
    let sql = sql.replace("$9", &(limit + 1).to_string());
    format!("{};\n", one_line(&sql))
}

/// A statement of a tenant as a script, for an id out of these. In the shared schema it is pipelined
/// with the transaction that names the tenant, as the program does it.
pub fn of_tenant(sql: &str, ids: (i64, i64), shared: Option<i64>) -> String {
    let sql = one_line(sql);
    let set = format!("\\set id random({}, {})\n", ids.0, ids.1);
    match shared {
        None => format!("{set}{sql};\n"),
        Some(company) => format!(
            "{set}\\startpipeline\nBEGIN READ ONLY;\nSET LOCAL sindico.company_id = '{company}';\n{sql};\nCOMMIT;\n\\endpipeline\n"
        ),
    }
}

/// Statements of a tenant as a script, with `:n` as a number out of `1..=numbers`; in one round trip, as the
/// program does it.
pub fn in_transaction(sql: &[String], numbers: i64, shared: Option<i64>) -> String {
    let set = format!("\\set n random(1, {numbers})\n");
    let all: String = sql
        .iter()
        .map(|sql| format!("{};\n", one_line(sql)))
        .collect();
    match shared {
        None if sql.len() == 1 => format!("{set}{all}"),
        None => format!("{set}\\startpipeline\n{all}\\endpipeline\n"),
        Some(company) => format!(
            "{set}\\startpipeline\nBEGIN READ ONLY;\nSET LOCAL sindico.company_id = '{company}';\n{all}COMMIT;\n\\endpipeline\n"
        ),
    }
}

/// Statements of a tenant that write, as a script with a round trip for each.
pub fn one_by_one(sql: &[String], numbers: i64, shared: Option<i64>) -> String {
    let begin = match shared {
        None => "BEGIN;".to_owned(),
        Some(company) => format!("BEGIN;\nSET LOCAL sindico.company_id = '{company}';"),
    };
    let all: String = sql
        .iter()
        .map(|sql| format!("{};\n", one_line(sql)))
        .collect();
    format!("\\set n random(1, {numbers})\n{begin}\n{all}COMMIT;\n")
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found() {
        let said = "number of transactions actually processed: 52\n\
                    tps = 9876.5 (without initial connection time)\n";
        assert_eq!(number(said, "tps = ").unwrap(), 9876.5);
        let all = number(said, "number of transactions actually processed: ");
        assert_eq!(all.unwrap(), 52.0);
        assert!(number("nothing", "tps = ").is_err());
    }

    #[test]
    fn the_programs_statements_become_scripts_without_parameters() {
        let (one, many) = sindico_store::control::tenants::benchmark_sql();
        let script = single(one, 1, 300);
        assert!(script.starts_with("\\set id random(1, 300)\nSELECT"));
        assert!(script.ends_with("WHERE c.id = :id;\n"), "{script}");
        let script = page(many, 100);
        assert!(script.ends_with("LIMIT 101;\n"), "{script}");
        assert!(!script.contains('$'), "{script}");
    }
}
