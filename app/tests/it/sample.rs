//! `sindico sample` beside a running server, for both isolation models.

use crate::{PROGRAM, begin};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, Program, TEST_KEY, TestApp, TestDatabase};
use std::process::Output;

const MODELS: [&str; 2] = ["DATABASE_PER_TENANT", "SHARED_SCHEMA"];

fn sample(database: &TestDatabase, code: &str, more: &[&str]) -> Output {
    let mut command = Program::command(PROGRAM, database);
    command
        .env("SECRET_KEY", TEST_KEY)
        .args(["sample", "--tenant", code])
        .args(more);
    Program::run(command, "")
}

fn some<'a>(
    customers: &'a str,
    leads: &'a str,
    sales: &'a str,
    activities: &'a str,
) -> [&'a str; 8] {
    [
        "--customers",
        customers,
        "--leads",
        leads,
        "--opportunities",
        sales,
        "--activities",
        activities,
    ]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// One clear line on standard error, nothing on standard output.
#[track_caller]
fn failed(output: &Output, status: i32, words: &str) {
    let line = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{line}");
    assert!(line.contains(words), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    assert_eq!(text(&output.stdout), "");
}

async fn total(caller: &Client, path: &str) -> i64 {
    let answer = caller.get(&format!("{path}?count=exact")).await.expect(200);
    answer.header("x-total-count").parse().unwrap()
}

fn sum(funnel: &Value) -> i64 {
    let counts = funnel.as_object().unwrap().values();
    counts.map(|count| count.as_i64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_filled_beside_a_running_server() {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let other = app.ready(&staff, "outra", model).await;
        let code = tenant["tenant_code"].as_str().unwrap();
        let owner = app.member(&tenant, Role::Owner).await;
        let stranger = app.member(&other, Role::Owner).await;
        let more = some("560", "20", "40", "120");
        let said = done(&sample(&app.database, code, &more));
        let told = "560 customers, 20 leads, 40 opportunities, 120 activities, 6 sales goals";
        assert!(said.contains(told), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");

        for (path, count) in [
            ("/api/customers/", 560),
            ("/api/leads/", 20),
            ("/api/opportunities/", 40),
            ("/api/activities/", 120),
            ("/api/sales-goals/", 6),
        ] {
            assert_eq!(total(&owner, path).await, count, "{path}");
            assert_eq!(total(&stranger, path).await, 0, "{path}");
        }
        let metrics = owner.get("/api/sales/metrics/").await.expect(200).json;
        assert_eq!(sum(&metrics["opportunity_funnel"]), 40, "{metrics}");
        assert_eq!(sum(&metrics["lead_funnel"]), 20, "{metrics}");
        assert_eq!(metrics["activities"]["open_total"], 48, "{metrics}");
        let board = owner
            .get("/api/opportunities/board/")
            .await
            .expect(200)
            .json;
        for column in board["columns"].as_array().unwrap() {
            let stage = column["stage"].as_str().unwrap();
            let count = column["count"].as_i64().unwrap();
            // Of what is closed it shows the latest only.
            if !["WON", "LOST"].contains(&stage) {
                assert!(count > 0, "{stage}");
                assert_eq!(metrics["opportunity_funnel"][stage], count, "{stage}");
            }
        }

        let found = "/api/search/?q=conceicao";
        let hits = owner.get(found).await.expect(200).json;
        assert!(
            hits["results"].to_string().contains("Ana Conceição"),
            "{hits}"
        );
        let hits = stranger.get(found).await.expect(200).json;
        assert_eq!(hits["results"], json!([]), "{hits}");
        let listed = owner.get("/api/customers/?q=conceicao").await.expect(200);
        assert!(listed.text.contains(&format!("@{code}.example.com")));

        // Each batch is one write of the history, and can be taken back as one.
        let changes = owner.get("/api/changes/?limit=7").await.expect(200).json;
        let changes = changes.as_array().unwrap();
        let newest = changes[0]["change_set"].as_i64().unwrap();
        for (n, change) in changes.iter().enumerate() {
            assert_eq!(
                (&change["action"], &change["op"]),
                (&json!("sample"), &json!("CREATE"))
            );
            assert_eq!(change["change_set"] == newest, n < 6, "{change}");
        }
        assert!(
            changes[0]["username"]
                .as_str()
                .unwrap()
                .starts_with("shell:")
        );
        assert!(changes[0]["after"]["amount"].is_string(), "{}", changes[0]);
        let none = stranger.get("/api/changes/").await.expect(200).json;
        assert_eq!(none, json!([]));
        let undo = format!("/api/changes/{newest}/undo/");
        owner.post(&undo, json!({})).await.expect(200);
        assert_eq!(total(&owner, "/api/sales-goals/").await, 0);

        // Once more adds more, and makes the goals that are missing.
        let said = done(&sample(&app.database, code, &some("30", "0", "10", "20")));
        assert!(said.contains("30 customers, 0 leads, 10") && said.contains("6 sales goals"));
        assert_eq!(total(&owner, "/api/customers/").await, 590);
        let said = done(&sample(&app.database, code, &some("0", "0", "5", "0")));
        assert!(
            said.contains("0 customers") && said.contains(" 0 sales goals"),
            "{said}"
        );
        done(&sample(&app.database, code, &some("0", "0", "0", "5")));
        assert_eq!(total(&owner, "/api/activities/").await, 145);
        // What was written is as good as what is typed.
        let customer = &owner.get("/api/customers/?limit=1").await.expect(200).json[0];
        let path = format!("/api/customers/{}/", customer["id"]);
        owner.patch(&path, customer.clone()).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_use_and_what_can_not_be_filled_is_told_in_one_line() {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    let ten = some("10", "10", "10", "10");
    for wrong in ["2000001", "-1", "many"] {
        let wrong = some("1", "1", "1", wrong);
        failed(&sample(&app.database, "acme", &wrong), 2, "--activities");
    }
    failed(&sample(&app.database, "acme", &ten[2..]), 2, "--customers");
    failed(&sample(&app.database, "nope", &ten), 1, "nope");

    let pending = app.tenant(&staff, "pendente").await;
    let code = pending["tenant_code"].as_str().unwrap();
    failed(&sample(&app.database, code, &ten), 1, "not READY");

    let tenant = app.ready(&staff, "acme", MODELS[0]).await;
    let code = tenant["tenant_code"].as_str().unwrap();
    let orphans = some("0", "0", "5", "0");
    failed(&sample(&app.database, code, &orphans), 1, "customers");
    let orphans = some("5", "0", "0", "5");
    failed(
        &sample(&app.database, code, &orphans),
        1,
        "opportunities or leads",
    );

    // Whoever may not come in may be filled nevertheless; nobody owns anything there.
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let suspended = json!({"contract": {"status": "SUSPENDED"}});
    staff.patch(&path, suspended).await.expect(200);
    done(&sample(&app.database, code, &ten));
}
