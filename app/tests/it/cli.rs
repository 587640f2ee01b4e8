//! The program as a person at a shell meets it (contract section 8).

mod second_factor;

use crate::{PROGRAM, begin};
use sindico_testkit::{Program, TestDatabase};
use std::process::Output;

struct Shell {
    database: TestDatabase,
}

impl Shell {
    async fn new() -> Self {
        begin();
        Self {
            database: TestDatabase::new().await,
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, "", &[])
    }

    fn run_with(&self, args: &[&str], input: &str, settings: &[(&str, &str)]) -> Output {
        let mut command = Program::command(PROGRAM, &self.database);
        command.args(args).envs(settings.iter().copied());
        Program::run(command, input)
    }

    fn user(&self, name: &str, more: &[&str]) {
        let email = format!("{name}@example.com");
        let mut args = vec![
            "user",
            "create",
            "--username",
            name,
            "--email",
            &email,
            "--password-stdin",
        ];
        args.extend(more);
        done(&self.run_with(&args, "uma-senha-boa\n", &[]));
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    out(output)
}

/// Fails with this status and one clear line on standard error, nothing on standard output.
#[track_caller]
fn failed(output: &Output, status: i32, words: &str) {
    assert_eq!(output.status.code(), Some(status), "{}", err(output));
    let line = err(output);
    assert!(line.contains(words), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    assert_eq!(out(output), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_tokens_and_members() {
    let shell = Shell::new().await;
    shell.user("ana", &["--staff"]);
    let token = done(&shell.run(&["token", "create", "--username", "ANA"]));
    assert_eq!(token.lines().count(), 1);
    let again = shell.run_with(
        &[
            "user",
            "create",
            "--username",
            "Ana",
            "--email",
            "x@example.com",
            "--password-stdin",
        ],
        "uma-senha-boa",
        &[],
    );
    failed(&again, 1, "username");
    let weak = shell.run_with(
        &[
            "user",
            "create",
            "--username",
            "b c",
            "--email",
            "nope",
            "--password-stdin",
        ],
        "short",
        &[],
    );
    for field in ["username", "email", "password"] {
        failed(&weak, 1, field);
    }
    failed(
        &shell.run(&["token", "create", "--username", "nobody"]),
        1,
        "nobody",
    );

    done(&shell.run(&["tenant", "create", "--name", "Acme", "--code", "acme"]));
    let member = [
        "member",
        "add",
        "--tenant",
        "acme",
        "--username",
        "ana",
        "--role",
        "owner",
    ];
    assert!(done(&shell.run(&member)).contains("OWNER"));
    failed(
        &shell.run(&[
            "member",
            "add",
            "--tenant",
            "nope",
            "--username",
            "ana",
            "--role",
            "MEMBER",
        ]),
        1,
        "tenant",
    );

    // The token works, and the membership shows.
    let program = Program::serve(PROGRAM, &shell.database, &[]).await;
    let me = program
        .anonymous()
        .token(token.trim())
        .get("/api/auth/me/")
        .await
        .expect(200)
        .json;
    assert_eq!(me["username"], "ana");
    assert_eq!(me["platform_admin"], true);
    assert_eq!(me["memberships"][0]["tenant_code"], "acme");
    assert_eq!(me["memberships"][0]["role"], "OWNER");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_listed_and_removed() {
    let shell = Shell::new().await;
    let create = ["tenant", "create", "--name", "Acme", "--code", "acme"];
    done(&shell.run(&create));
    let member = |verb: &str, more: &[&str]| {
        let args = ["member", verb, "--tenant", " ACME"];
        shell.run(&[&args, more].concat())
    };
    for (name, role) in [("bia", "owner"), ("ana", "Member"), ("caio", "OWNER")] {
        shell.user(name, &[]);
        done(&member("add", &["--username", name, "--role", role]));
    }
    assert!(done(&member("remove", &["--username", "CAIO"])).contains("caio"));
    // Once more changes nothing.
    done(&member("remove", &["--username", "caio"]));

    let list = done(&member("list", &[]));
    let places: Vec<_> = ["ana", "bia", "caio"].map(|name| list.find(name)).into();
    assert!(places.is_sorted() && places[0].is_some(), "{list}");
    let json: serde_json::Value =
        serde_json::from_str(&done(&member("list", &["--json"]))).unwrap();
    let rows: Vec<_> = json.as_array().unwrap().iter().collect();
    let shown = |row: &serde_json::Value| {
        let word = |name: &str| row[name].as_str().unwrap().to_owned();
        (word("username"), word("role"), row["is_active"] == true)
    };
    let own = |name: &str, role: &str, active| (name.to_owned(), role.to_owned(), active);
    assert_eq!(
        rows.into_iter().map(shown).collect::<Vec<_>>(),
        [
            own("ana", "MEMBER", true),
            own("bia", "OWNER", true),
            own("caio", "OWNER", false)
        ]
    );

    failed(&member("remove", &["--username", "bia"]), 1, "last owner");
    failed(&member("remove", &["--username", "nobody"]), 1, "nobody");
    failed(
        &member("add", &["--username", "a b", "--role", "owner"]),
        1,
        "username",
    );
    failed(
        &member("add", &["--username", "nobody", "--role", "owner"]),
        1,
        "username",
    );
    for command in ["list", "remove"] {
        let mut args = vec!["member", command, "--tenant", "nope"];
        if command == "remove" {
            args.extend(["--username", "bia"]);
        }
        failed(&shell.run(&args), 1, "nope");
    }
    let sql = "SELECT count(*) FROM audit_event WHERE action = 'member.remove'
        AND actor LIKE 'shell:%' AND subject = 'member caio of acme'";
    let row = shell
        .database
        .sql()
        .await
        .query_one(sql, &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_with_and_without_a_server() {
    let shell = Shell::new().await;
    let body = [
        "tenant",
        "create",
        "--name",
        "Acme",
        "--code",
        "acme",
        "--plan",
        "PRO",
        "--set",
        "contract.seats=9",
        "--json",
    ];
    let tenant: serde_json::Value = serde_json::from_str(&done(&shell.run(&body))).unwrap();
    assert_eq!(tenant["contract"]["seats"], 9);
    assert!(done(&shell.run(&["tenant", "provision", "acme"])).contains("READY"));

    let _program = Program::serve(PROGRAM, &shell.database, &[]).await;
    done(&shell.run(&["tenant", "create", "--name", "B", "--code", "b"]));
    assert!(
        done(&shell.run(&[
            "tenant",
            "provision",
            "b",
            "--portal-url",
            "https://b.example"
        ]))
        .contains("https://b.example")
    );
    done(&shell.run(&["tenant", "update", "b", "--set", "name=Bela"]));
    assert!(done(&shell.run(&["tenant", "show", "b"])).contains("Bela"));
    let marked = done(&shell.run(&[
        "tenant",
        "mark",
        "b",
        "--status",
        "FAILED",
        "--last-error",
        "disco cheio",
    ]));
    assert!(marked.contains("disco cheio"), "{marked}");
    let list = done(&shell.run(&["tenant", "list"]));
    assert!(
        list.contains("Acme") && list.contains("READY") && list.contains("FAILED"),
        "{list}"
    );
    let failed_only: serde_json::Value = serde_json::from_str(&done(
        &shell.run(&["tenant", "list", "--status", "failed", "--json"]),
    ))
    .unwrap();
    assert_eq!(failed_only.as_array().unwrap().len(), 1);
    let operations = done(&shell.run(&["operation", "list"]));
    assert_eq!(operations.matches("SUCCEEDED").count(), 2, "{operations}");
    assert!(done(&shell.run(&["operation", "show", "1"])).contains("reserve"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_use_is_2_and_failure_is_1() {
    let shell = Shell::new().await;
    for args in [
        vec!["nonsense"],
        vec!["tenant", "create"],
        vec![
            "tenant", "create", "--name", "A", "--code", "a", "--set", "x",
        ],
        vec![
            "member",
            "add",
            "--tenant",
            "a",
            "--username",
            "b",
            "--role",
            "KING",
        ],
        vec!["operation", "show", "x"],
        vec!["user", "create", "--username", "a", "--email", "a@x.br"],
    ] {
        assert_eq!(shell.run(&args).status.code(), Some(2), "{args:?}");
    }
    failed(&shell.run(&["tenant", "show", "nope"]), 1, "nope");
    failed(&shell.run(&["operation", "cancel", "99"]), 1, "99");
    failed(
        &shell.run(&["tenant", "create", "--name", "A", "--code", "sistema"]),
        1,
        "subdomain",
    );
    failed(
        &shell.run(&["tenant", "list", "--status", "GONE"]),
        1,
        "--status",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_provisioning_says_why_and_what_to_do() {
    let shell = Shell::new().await;
    done(&shell.run(&["tenant", "create", "--name", "A", "--code", "a"]));
    let settings = [("CONTROL_PLANE_PROVISIONER", "magic")];
    let output = shell.run_with(&["tenant", "provision", "a"], "", &settings);
    failed(&output, 1, "Unknown control-plane provisioner");
    failed(&output, 1, "Set CONTROL_PLANE_PROVISIONER");
    let settings = [("CONTROL_PLANE_PROVISIONER", "cloudsql_postgres")];
    let output = shell.run_with(&["tenant", "provision", "a"], "", &settings);
    failed(&output, 1, "CONTROL_PLANE_CLOUDSQL_ADMIN_HOST");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_settings_stop_the_start_with_one_line() {
    let shell = Shell::new().await;
    for (name, value) in [
        ("SINDICO_BIND", "8000"),
        ("SINDICO_TIME_ZONE", "Mars"),
        ("DATABASE_URL", "postgres://ana:hunter2@"),
        ("SECRET_KEY", "hunter2"),
        ("SINDICO_LOG", "a=b=c"),
    ] {
        let output = shell.run_with(&["serve"], "", &[(name, value)]);
        failed(&output, 1, name);
        assert!(!err(&output).contains("hunter2"));
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    failed(
        &shell.run_with(&["serve"], "", &[("SINDICO_BIND", &address)]),
        1,
        "SINDICO_BIND",
    );
    let url = "postgres://ana:hunter2@127.0.0.1:1/none";
    let output = shell.run_with(
        &["serve"],
        "",
        &[("DATABASE_URL", url), ("SINDICO_BIND", "127.0.0.1:0")],
    );
    failed(&output, 1, "DATABASE_URL");
    assert!(!err(&output).contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dotenv_file_is_read_and_the_environment_counts_first() {
    let shell = Shell::new().await;
    let folder = tempfile::tempdir().unwrap();
    let run = |text: &str, settings: &[(&str, &str)]| {
        std::fs::write(folder.path().join(".env"), text).unwrap();
        let mut command = Program::command(PROGRAM, &shell.database);
        command
            .current_dir(folder.path())
            .args(["tenant", "list"])
            .envs(settings.iter().copied());
        Program::run(command, "")
    };
    done(&run("# a remark\nSINDICO_WORKERS=2\n", &[]));
    failed(&run("SINDICO_WORKERS=many\n", &[]), 1, "SINDICO_WORKERS");
    done(&run("SINDICO_WORKERS=many\n", &[("SINDICO_WORKERS", "1")]));
    failed(&run("this is no line", &[]), 1, ".env");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_and_doctor_say_what_is_so() {
    begin();
    let shell = Shell {
        database: TestDatabase::empty().await,
    };
    let before = shell.run(&["doctor"]);
    assert_eq!(before.status.code(), Some(1));
    assert!(out(&before).contains("sindico migrate"), "{}", out(&before));
    let all = format!("{} migrations", sindico_store::migrate::CONTROL.len());
    assert!(done(&shell.run(&["migrate"])).contains(&all));
    assert!(done(&shell.run(&["migrate"])).contains("up to date."));
    assert!(done(&shell.run(&["doctor"])).contains("its schema is current"));
    let settings = [
        ("CONTROL_PLANE_PROVISIONER", "magic"),
        ("SINDICO_BNID", "x"),
    ];
    let output = shell.run_with(&["doctor", "--json"], "", &settings);
    assert_eq!(output.status.code(), Some(1));
    let findings: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let text = findings.to_string();
    assert!(
        text.contains("magic") && text.contains("SINDICO_BNID"),
        "{text}"
    );
}

/// Who encrypts without knowing with whom is told; over a socket, or with the authority, nobody is.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_warns_of_a_mode_that_authenticates_nobody() {
    begin();
    let shell = Shell {
        database: TestDatabase::new().await,
    };
    let warned = |host: &str, mode: &str| {
        let settings = [
            ("CONTROL_PLANE_PROVISIONER", "cloudsql_postgres"),
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_USER", "admin"),
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_PASSWORD", "x"),
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST", host),
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_SSLMODE", mode),
        ];
        let text = out(&shell.run_with(&["doctor", "--json"], "", &settings));
        assert!(text.contains("cloudsql_postgres"), "{text}");
        text.contains(&format!("sslmode {mode} authenticates nobody"))
            && text.contains("verify-ca")
            && text.contains("CONTROL_PLANE_CLOUDSQL_ADMIN_SSLROOTCERT")
    };
    for mode in ["disable", "allow", "prefer", "require"] {
        assert!(warned("10.0.0.5", mode), "{mode}");
        assert!(!warned("/cloudsql/p:r:i", mode), "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_migrate_one_database_at_once() {
    begin();
    let shell = Shell {
        database: TestDatabase::empty().await,
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| done(&shell.run(&["migrate"]))))
            .collect();
        let said: Vec<String> = runs.into_iter().map(|run| run.join().unwrap()).collect();
        assert_eq!(
            said.iter()
                .filter(|text| text.contains(" migrations"))
                .count(),
            1,
            "{said:?}"
        );
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_their_own_listener() {
    let shell = Shell::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let program = Program::serve(
        PROGRAM,
        &shell.database,
        &[("SINDICO_METRICS_BIND", &taken)],
    )
    .await;
    program.anonymous().get("/healthz/").await.expect(200);
    let text = reqwest::get(format!("http://{taken}/metrics"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        text.contains("sindico_http_requests_total") && text.contains("/healthz/"),
        "{text}"
    );
    // There is a page of that name, for members.
    let page = program.anonymous().get("/metrics").await.expect(308);
    assert_eq!(page.header("location"), "/metrics/");
    let page = program.anonymous().get("/metrics/").await;
    assert!(!page.text.contains("sindico_http_requests_total"));
}
