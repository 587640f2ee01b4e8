//! The pages in a real browser: each journey is a test of `ui/tests`, run by Node.js in a headless Chromium
//! against a server of its own with two tenants, one in each isolation model.

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Options, Program, TEST_KEY, TestApp, join, token};
use std::path::Path;
use std::process::{Command, Stdio};

/// The password of every user of the tests.
const PASSWORD: &str = sindico_testkit::PASSWORD;

/// A server with everything that journeys need.
struct Stage {
    app: TestApp,
    world: Value,
}

impl Stage {
    async fn new() -> Self {
        begin();
        let mut options = Options::local_postgres().await;
        // Browsers see the real day; so does the database.
        #[expect(clippy::disallowed_methods, reason = "a browser has no other clock")]
        let clock = jiff::Timestamp::now;
        options.clock = clock;
        let app = TestApp::start_with(options).await;
        let port = app.base.rsplit(':').next().unwrap().to_owned();
        let staff = app.staff().await;
        let mut tenants = Vec::new();
        for (name, model) in [("one", "DATABASE_PER_TENANT"), ("two", "SHARED_SCHEMA")] {
            let tenant = app.ready(&staff, name, model).await;
            let code = tenant["tenant_code"].as_str().unwrap().to_owned();
            let mut people = serde_json::Map::new();
            for role in [Role::Owner, Role::Manager, Role::Member] {
                let username = format!("{}.{code}", role.as_str().to_lowercase());
                token(&app.store, &username, false, false).await;
                join(&app.store, &code, &username, role).await;
                people.insert(role.as_str().to_lowercase(), username.into());
            }
            sample(&app, &code);
            let subdomain = tenant["provisioning"]["subdomain"]
                .as_str()
                .unwrap_or(&code);
            tenants.push(json!({
                "id": tenant["id"], "name": tenant["name"], "code": code, "people": people,
                "origin": format!("http://{subdomain}.localhost:{port}"),
            }));
        }
        token(&app.store, "console.admin", true, true).await;
        token(&app.store, "console.staff", true, false).await;
        let world = json!({
            "console": format!("http://localhost:{port}"), "password": PASSWORD, "tenants": tenants,
            "mails": app.mails.path(),
            // A database on the tenants' server that is nobody's place: the control database of this test.
            "foreign": app.database.config.dbname(),
        });
        Self { app, world }
    }
}

/// Plausible records, a few of each kind.
fn sample(app: &TestApp, code: &str) {
    let mut command = Program::command(crate::PROGRAM, &app.database);
    command.env("SECRET_KEY", TEST_KEY).args([
        "sample",
        "--tenant",
        code,
        "--customers",
        "60",
        "--leads",
        "40",
        "--opportunities",
        "60",
        "--activities",
        "120",
    ]);
    let output = Program::run(command, "");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs the journeys of one file of `ui/tests`; what they print is told when one fails.
async fn journeys(file: &str) {
    journeys_on(Stage::new().await, file).await;
}

/// The same on a stage that was changed before.
async fn journeys_on(stage: Stage, file: &str) {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui");
    let mut command = Command::new("node");
    command
        .current_dir(&ui)
        .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .arg(format!("tests/{file}.test.mjs"))
        .env("SINDICO_WORLD", stage.world.to_string())
        // A test runner within a test runner would print for the outer one.
        .env_remove("NODE_TEST_CONTEXT")
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .expect("Node.js runs the pages' tests; ./test installs it");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{file}:\n{text}\n{errors}");
    // A file without tests would pass, too.
    assert!(!text.contains("tests 0\n"), "{file} has no tests:\n{text}");
    drop(stage.app);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_quotes() {
    journeys("papers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in() {
    journeys("sign-in").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_page_has_around_it() {
    journeys("everywhere").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_account() {
    journeys("account").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_support() {
    journeys("settings").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn privacy() {
    journeys("privacy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_out_and_comes_in() {
    journeys("outside").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications() {
    journeys("notifications").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records() {
    journeys("records").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_records() {
    journeys("records-lists").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_views_and_many_at_once() {
    journeys("views").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spreadsheets_and_duplicates() {
    journeys("sheets").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_several_people() {
    journeys("records-together").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_without_scripts_and_with_odd_text() {
    journeys("records-safe").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_boards() {
    journeys("work-board").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_and_gates() {
    journeys("pipelines").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn my_day() {
    journeys("work-day").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_the_pages_of_work_look() {
    journeys("work-look").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console() {
    journeys("console").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consoles_people() {
    journeys("console-people").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consoles_fleet() {
    let mut stage = Stage::new().await;
    let staff = stage.app.staff().await;
    let old = stage.app.ready(&staff, "old", "DATABASE_PER_TENANT").await;
    crate::fleet::age(&stage.app, &old).await;
    stage.world["old"] = json!({ "code": old["tenant_code"], "name": old["name"] });
    journeys_on(stage, "console-fleet").await;
}
