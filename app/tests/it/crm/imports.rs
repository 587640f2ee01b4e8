//! Imports: what comes in, what is refused and why, what is taken back, and who may.

use super::attachments::data;
use super::{CUSTOMERS, LEADS, Tenant, ids, start};
use jiff::Timestamp;
use serde_json::{Value, json};
use sindico_crm::By;
use sindico_crm::imports::{self, State};
use sindico_domain::access::{Actor, Support};
use sindico_domain::crm::custom::Writer;
use sindico_store::control::chores;
use sindico_testkit::TestDatabase;
use std::time::{Duration, Instant};

const IMPORTS: &str = "/api/imports/";

fn path(job: &Value, tail: &str) -> String {
    format!("{IMPORTS}{}/{tail}", job["id"])
}

async fn count(t: &Tenant, list: &str) -> usize {
    let all = t
        .owner
        .get(&format!("{list}?limit=500"))
        .await
        .expect(200)
        .json;
    ids(&all).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_and_goes_again() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.make(
            CUSTOMERS,
            json!({"name": "Antiga", "email": "antiga@example.com"}),
        )
        .await;
        let file = "Nome;E-mail;Telefone;CPF/CNPJ;Tags;Cor\r\n\
            Ana;ana@example.com;(11) 91234-5678;529.982.247-25;vip, sp;azul\r\n\
            Antiga Ltda;ANTIGA@example.com;;;;\r\n\
            Sem endereço;;;;;\r\n\
            Errado;errado;;529.982.247-26;;\r\n\
            Ana de novo;Ana@Example.com;;;;\r\n\
            João;joao@example.com;;;;\r\n";
        let job = t
            .owner
            .send_sheet("customer", file.as_bytes())
            .await
            .expect(201)
            .json;
        assert_eq!(
            job["mapping"],
            json!(["name", "email", "phone", "document", "tags", ""])
        );
        assert_eq!((&job["rows"], &job["state"]), (&json!(6), &json!("READY")));
        assert_eq!(job["format"]["delimiter"], ";");
        t.owner
            .post(&path(&job, "commit/"), json!({}))
            .await
            .expect(400);
        let job = t.owner.until_done(&job, "dry-run").await;
        assert_eq!(job["state"], "CHECKED", "{job}");
        assert_eq!(job["counts"], json!({"NEW": 2, "SKIP": 2, "ERROR": 2}));
        let wrong = t
            .owner
            .get(&path(&job, "rows/?verdict=ERROR"))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&wrong[0]["line"], &wrong[1]["line"]),
            (&json!(4), &json!(5))
        );
        assert!(wrong[0]["notes"]["email"].is_array());
        assert!(wrong[1]["notes"]["email"].is_array() && wrong[1]["notes"]["document"].is_array());
        let skipped = t
            .owner
            .get(&path(&job, "rows/?verdict=SKIP"))
            .await
            .expect(200)
            .json;
        assert_eq!(skipped[1]["notes"], json!({"repeats": 2}));
        assert_eq!(count(t, CUSTOMERS).await, 1);
        let errors = t
            .owner
            .get(&path(&job, "errors.csv/"))
            .await
            .expect(200)
            .text;
        assert_eq!(errors.lines().count(), 3, "{errors}");
        assert!(errors.contains("Errado;errado;;529.982.247-26"), "{errors}");

        let job = t.owner.until_done(&job, "commit").await;
        assert_eq!(job["state"], "DONE", "{job}");
        assert_eq!(job["counts"]["CREATED"], 2);
        let told = t.owner.get("/api/notifications/").await.expect(200).json;
        assert_eq!(
            (&told[0]["topic"], &told[0]["data"]["import"]),
            (&json!("IMPORT_DONE"), &job["id"])
        );
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
        let made = t
            .owner
            .get(&format!("{CUSTOMERS}?email=ana@example.com"))
            .await
            .expect(200)
            .json;
        assert_eq!(made[0]["tags"], json!(["vip", "sp"]));
        assert_eq!(made[0]["kind"], "PERSON");
        let changes = t.owner.get("/api/changes/?limit=2").await.expect(200).json;
        assert_eq!(
            (&changes[0]["action"], &changes[1]["op"]),
            (&json!("import"), &json!("CREATE"))
        );

        // What somebody has changed since stays.
        let ana = super::at(CUSTOMERS, &made[0]);
        t.owner.patch(&ana, json!({"phone": "1"})).await.expect(200);
        t.manager
            .post(&path(&job, "undo/"), json!({}))
            .await
            .expect(403);
        let job = t.owner.until_done(&job, "undo").await;
        assert_eq!(job["state"], "UNDONE", "{job}");
        assert_eq!(
            (&job["counts"]["UNDONE"], &job["counts"]["KEPT"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(count(t, CUSTOMERS).await, 2);
        t.owner.call("DELETE", &path(&job, "")).await.expect(204);
        t.owner.get(&path(&job, "")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_changed_and_set_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let old = t
            .make(
                CUSTOMERS,
                json!({"name": "Antiga", "email": "a@example.com", "notes": "x"}),
            )
            .await;
        let lead = t.lead(json!({"name": "Bia"})).await;
        let file = "nome,email,notas\nNova,A@example.com,\n";
        let job = t
            .owner
            .send_sheet("customer", file.as_bytes())
            .await
            .expect(201)
            .json;
        let options = json!({"duplicates": "update", "keys": ["email"], "style": "en"});
        let mapping = json!(["name", "email", "notes"]);
        let job = t
            .owner
            .patch(
                &path(&job, ""),
                json!({"mapping": mapping, "options": options}),
            )
            .await
            .expect(200)
            .json;
        t.owner.until_done(&job, "dry-run").await;
        let job = t.owner.until_done(&job, "commit").await;
        assert_eq!(job["counts"], json!({"UPDATE": 1, "UPDATED": 1}), "{job}");
        let now = t.read(CUSTOMERS, &old).await;
        assert_eq!((&now["name"], &now["notes"]), (&json!("Nova"), &json!("x")));
        t.owner.until_done(&job, "undo").await;
        assert_eq!(t.read(CUSTOMERS, &old).await["name"], "Antiga");

        // By id, words in Portuguese, a money of Brazil, a record by its name, and a way that leads nowhere.
        let file = format!(
            "ID\tSituação\tOrçamento\tCliente\tOrigem\n{}\tQualificado\tR$ 1.234,56\tAntiga\tx\n999999\tNovo\t\t\tx\n\t\t\tNinguém\tsite\n",
            lead["id"]
        );
        let job = t
            .owner
            .send_sheet("lead", file.as_bytes())
            .await
            .expect(201)
            .json;
        let options = json!({"duplicates": "update", "keys": [], "style": "pt-BR"});
        t.owner
            .patch(&path(&job, ""), json!({"options": options}))
            .await
            .expect(200);
        let job = t.owner.until_done(&job, "dry-run").await;
        assert_eq!(job["counts"], json!({"UPDATE": 1, "ERROR": 2}), "{job}");
        t.owner.until_done(&job, "commit").await;
        let now = t.read(LEADS, &lead).await;
        assert_eq!(
            (&now["status"], &now["budget"]),
            (&json!("QUALIFIED"), &json!("1234.56"))
        );
        assert_eq!(now["customer"], old["id"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_and_strangers_are_refused() {
    let (_app, tenants) = start().await;
    let (one, other) = (&tenants[0], &tenants[1]);
    for (file, words) in [
        (&b""[..], "empty"),
        (b"a;b\n", "no rows"),
        (b"%PDF-1.7 x", "neither"),
        (b"PK\x03\x04 broken", "can't be read"),
        (b"a\n\xff\xfe\0", "neither"),
    ] {
        let answer = one.owner.send_sheet("customer", file).await.expect(400);
        assert!(answer.text.contains(words), "{}", answer.text);
    }
    let wide = [",".repeat(100_000), "\n1".to_owned()].concat();
    let answer = one
        .owner
        .send_sheet("customer", wide.as_bytes())
        .await
        .expect(400);
    assert!(answer.text.contains("500 columns"), "{}", answer.text);
    one.owner.send_sheet("pizza", b"a\nb").await.expect(400);
    one.member.send_sheet("customer", b"a\nb").await.expect(403);
    assert_eq!(one.owner.get(IMPORTS).await.expect(200).json, json!([]));
    let job = one
        .owner
        .send_sheet("customer", b"nome,email\nA,a@example.com")
        .await
        .expect(201)
        .json;
    for wrong in [
        json!({"mapping": ["name"]}),
        json!({"mapping": ["name", "name"]}),
        json!({"mapping": ["name", "search_text"]}),
        json!({"mapping": "x"}),
        json!({"options": {"duplicates": "x", "keys": [], "style": "en"}}),
        json!({"options": {"duplicates": "skip", "keys": ["notes"], "style": "en"}}),
    ] {
        one.owner.patch(&path(&job, ""), wrong).await.expect(400);
    }
    for act in ["cancel/", "undo/", "commit/"] {
        one.owner
            .post(&path(&job, act), json!({}))
            .await
            .expect(400);
    }
    // Nothing of it can be reached from another tenant.
    assert_eq!(other.owner.get(IMPORTS).await.expect(200).json, json!([]));
    for tail in ["", "rows/", "errors.csv/"] {
        other.owner.get(&path(&job, tail)).await.expect(404);
    }
    for act in ["dry-run/", "commit/", "cancel/", "undo/"] {
        other
            .owner
            .post(&path(&job, act), json!({}))
            .await
            .expect(404);
    }
    other
        .owner
        .call("DELETE", &path(&job, ""))
        .await
        .expect(404);
    one.owner.get(&path(&job, "")).await.expect(200);
    // Who may not see customers sees no import of theirs.
    let overrides = json!({"customers": {"GET": ["OWNER"]}});
    one.owner
        .put("/api/auth/tenant-rbac/", overrides)
        .await
        .expect(200);
    one.manager.get(&path(&job, "")).await.expect(404);
    assert_eq!(one.manager.get(IMPORTS).await.expect(200).json, json!([]));
}

/// What a search for the address of one of many rows finds.
async fn found(t: &Tenant, n: usize) -> Value {
    let path = format!("/api/search/?q=c{n}@many.example");
    let found = t.owner.get(&path).await.expect(200).json;
    let hits = found["results"].as_array().unwrap();
    hits.iter().map(|hit| hit["title"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_can_be_stopped_and_one_bad_row_stops_no_other() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut file = "name,email\n".to_owned();
        for n in 0..2_500 {
            file.push_str(&format!("Cliente {n},c{n}@many.example\n"));
        }
        let job = t
            .owner
            .send_sheet("customer", file.as_bytes())
            .await
            .expect(201)
            .json;
        let job = t.owner.until_done(&job, "dry-run").await;
        assert_eq!(job["counts"], json!({"NEW": 2_500}));
        // Taken between the dry run and the writing.
        t.make(
            CUSTOMERS,
            json!({"name": "Antes", "email": "c700@many.example"}),
        )
        .await;
        let job = t.owner.until_done(&job, "commit").await;
        assert_eq!(
            (&job["counts"]["CREATED"], &job["counts"]["SKIPPED"]),
            (&json!(2_499), &json!(1)),
            "{job}"
        );
        for (n, titles) in [(0, json!(["Cliente 0"])), (2_499, json!(["Cliente 2499"]))] {
            assert_eq!(found(t, n).await, titles, "{}", t.model);
        }
        let job = t.owner.until_done(&job, "undo").await;
        assert_eq!(job["counts"]["UNDONE"], 2_499, "{job}");
        // Only what is like it is left.
        assert_eq!(found(t, 2_499).await, json!(["Antes"]), "{}", t.model);
        assert_eq!(count(t, CUSTOMERS).await, 1);
    }
}

/// A goal is unique by its month, which only its table knows. Which row it refuses is found by halves, and not by
/// writing a piece of thousands row by row.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_its_table_refuses_is_found_by_halves() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let months = (2001..2051).flat_map(|year| (1..13).map(move |month| (year, month)));
        let mut goals: Vec<String> = months.map(|(y, m)| format!("{y};{m};10")).collect();
        goals.insert(333, "2001;janeiro;20".to_owned());
        let file = format!("ano;mês;valor\n{}\n", goals.join("\n"));
        let sent = t.owner.send_sheet("sales_goal", file.as_bytes()).await;
        let job = sent.expect(201).json;
        assert_eq!(job["mapping"], json!(["year", "month", "amount"]));
        t.owner.until_done(&job, "dry-run").await;
        let job = t.owner.until_done(&job, "commit").await;
        let counts = (&job["counts"]["CREATED"], &job["counts"]["FAILED"]);
        assert_eq!(counts, (&json!(600), &json!(1)), "{job}");
        let wrong = t.owner.get(&path(&job, "rows/?verdict=FAILED")).await;
        assert_eq!(wrong.expect(200).json[0]["line"], 335, "{}", t.model);
        let inside = TestDatabase::superuser(&t.database).await;
        let sql = "SELECT count(*) FROM import_batch WHERE company_id = $1 AND job_id = $2";
        let job = job["id"].as_i64().unwrap();
        let batches = inside.query_one(sql, &[&t.company, &job]).await.unwrap();
        let batches: i64 = batches.get(0);
        assert!((2..=40).contains(&batches), "{}: {batches}", t.model);
    }
}

/// The same by pages alone: a form with a file, which proves itself by its first field.
#[tokio::test(flavor = "multi_thread")]
async fn pages_take_a_file_and_show_its_verdicts() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let page = t
            .owner
            .get("/imports/new/?kind=customer")
            .await
            .expect(200)
            .text;
        assert!(page.contains("enctype=\"multipart/form-data\""), "{page}");
        let job = t
            .owner
            .send_sheet("customer", b"nome,email\nA,a@example.com\nB,errado")
            .await
            .expect(201)
            .json;
        let at = format!("/imports/{}/", job["id"]);
        let shown = t.owner.get(&at).await.expect(200).text;
        assert!(
            shown.contains("name=\"column.0\"") && shown.contains("a@example.com"),
            "{shown}"
        );
        t.owner.until_done(&job, "dry-run").await;
        let shown = t
            .owner
            .get(&format!("{at}?verdict=ERROR"))
            .await
            .expect(200)
            .text;
        assert!(
            shown.contains("errado") && !shown.contains("a@example.com</td>"),
            "{shown}"
        );
        assert!(
            t.owner
                .get("/imports/")
                .await
                .expect(200)
                .text
                .contains("a.csv")
        );
        t.member.get("/imports/").await.expect(403);
        t.member.get(&at).await.expect(403);
        let list = t.owner.get("/customers/").await.expect(200).text;
        assert!(
            list.contains("/imports/new/?kind=customer")
                && list.contains("/api/customers/export/?"),
            "{list}"
        );
        let list = t.member.get("/customers/").await.expect(200).text;
        assert!(!list.contains("/export/"), "{list}");
    }
}

/// What an import writes during a visit of support is told like everything that support does.
#[tokio::test(flavor = "multi_thread")]
async fn what_support_brings_in_names_both() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let job = t
            .owner
            .send_sheet("customer", b"Nome;E-mail\nAna;ana@folha.example\n")
            .await;
        let job = job.expect(201).json;
        t.owner.until_done(&job, "dry-run").await;
        let data = data(&app, t);
        let support = Support {
            visit: 7,
            behalf_of: "bia".to_owned(),
            reason: "chamado 42".to_owned(),
        };
        let actor = Actor {
            support: Some(support),
            ..Actor::system("t")
        };
        let by = By {
            actor: &actor,
            now: Timestamp::UNIX_EPOCH,
            writer: Writer::Exempt,
        };
        chores::ask(&app.store, t.company).await.unwrap();
        let id = job["id"].as_i64().unwrap();
        imports::ask(&data, by, id, State::Committing)
            .await
            .unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while t.owner.get(&path(&job, "")).await.expect(200).json["state"] != "DONE" {
            assert!(Instant::now() < end);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let made = t.owner.get("/api/changes/?limit=1").await.expect(200).json;
        assert_eq!(made[0]["action"], "import");
        assert_eq!(made[0]["support"]["behalf_of"], "bia", "{}", made[0]);
    }
}

/// Two rows that are one record by different keys: the first counts, and nothing of it is lost to the second.
#[tokio::test(flavor = "multi_thread")]
async fn one_record_by_two_keys_is_written_once() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let ana =
            json!({"name": "Ana", "email": "ana@folha.example", "document": "529.982.247-25"});
        let ana = t.make(CUSTOMERS, ana).await;
        let file = "Nome;E-mail;CPF;Observações\nAna Um;ana@folha.example;;Primeira\nAna Dois;;52998224725;\n";
        let job = t.owner.send_sheet("customer", file.as_bytes()).await;
        let job = job.expect(201).json;
        let told = json!({"mapping": ["name", "email", "document", "notes"],
            "options": {"duplicates": "update", "keys": ["email", "document"], "style": "pt-BR"}});
        t.owner.patch(&path(&job, ""), told).await.expect(200);
        let checked = t.owner.until_done(&job, "dry-run").await;
        assert_eq!(
            checked["counts"],
            json!({"UPDATE": 1, "SKIP": 1}),
            "{checked}"
        );
        let done = t.owner.until_done(&job, "commit").await;
        assert_eq!(done["state"], "DONE", "{done}");
        let now = t.read(CUSTOMERS, &ana).await;
        assert_eq!(
            (&now["name"], &now["notes"]),
            (&json!("Ana Um"), &json!("Primeira"))
        );
    }
}
