//! The ways that write many records, or that leave the house: files in and out, merges, undo. And what the database
//! does by itself.

use super::{Full, fill, keep, kept, read, scene, silent};
use crate::isolation::{DEDICATED, House, SHARED, start};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, TestDatabase};

/// The verdicts of an import's rows, from its first on.
async fn verdicts(client: &Client, job: &Value) -> Vec<String> {
    let rows = client
        .get(&format!("/api/imports/{}/rows/", job["id"]))
        .await
        .expect(200)
        .json;
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["verdict"].as_str().unwrap().to_owned())
        .collect()
}

/// Brings a file in, which changes what is there already.
async fn brought(client: &Client, kind: &str, file: &str) -> Value {
    let job = client.send_sheet(kind, file).await.expect(201).json;
    let mut options = job["options"].clone();
    options["duplicates"] = json!("update");
    let path = format!("/api/imports/{}/", job["id"]);
    client
        .patch(&path, json!({"options": options}))
        .await
        .expect(200);
    client.until_done(&job, "dry-run").await;
    client.until_done(&job, "commit").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_neither_tells_nor_changes_what_is_kept() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let (full, client) = scene(house, &app).await;
        let before = read(&house.owner, &full).await;
        // Who can't read an address finds nobody by it, and may not set one.
        let file = "Origem;Nome;E-mail;Orçamento;custom.secret\n\
            site;Nova;;;\nsite;Cara;;1,00;\nsite;Outra;canarymail@example.com;;\nsite;Mais;;;canarynew\n";
        let job = brought(&client, "lead", file).await;
        assert_eq!(
            verdicts(&client, &job).await,
            ["CREATED", "ERROR", "ERROR", "ERROR"],
            "{}: {job}",
            house.code()
        );
        // An address that is taken is refused by the table.
        let job = brought(
            &client,
            "customer",
            "Nome;E-mail\nZé;canarymail@example.com\nCaio;caio@example.com\n",
        )
        .await;
        assert_eq!(
            verdicts(&client, &job).await,
            ["FAILED", "CREATED"],
            "{job}"
        );
        assert_eq!(kept(&read(&house.owner, &full).await), kept(&before));
        let undone = client.until_done(&job, "undo").await;
        assert_eq!(undone["state"], "UNDONE", "{undone}");
        let caio = house.owner.get("/api/customers/?q=caio").await.expect(200);
        assert_eq!(caio.json, json!([]));
        // Who may read it finds by it, and changes the rest.
        keep(&house.owner, "READ").await;
        let file = "Origem;Nome;E-mail;Orçamento\nsite;Bia Nova;canarymail@example.com;48151,62\n\
            feira;Nameless;canarymail2@example.com;2,00\n";
        let job = brought(&client, "lead", file).await;
        assert_eq!(verdicts(&client, &job).await, ["UPDATED", "ERROR"], "{job}");
        let now = read(&house.owner, &full).await;
        assert_eq!(kept(&now), kept(&before), "{}", house.code());
        assert_eq!(now[1]["name"], "Bia Nova");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_brought_is_taken_back_only_as_far_as_one_may_still_write_it() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let full = fill(&house.owner).await;
        let manager = app.member(&house.tenant, Role::Manager).await;
        let file = "Origem;Nome;E-mail;Orçamento\nsite;Bia;canarymail@example.com;77,00\nsite;Nova;;5,00\n";
        let job = brought(&manager, "lead", file).await;
        assert_eq!(
            verdicts(&manager, &job).await,
            ["UPDATED", "CREATED"],
            "{job}"
        );
        keep(&house.owner, "NONE").await;
        let before = read(&house.owner, &full).await;
        let undone = manager.until_done(&job, "undo").await;
        assert_eq!(
            (&undone["counts"]["UNDONE"], &undone["counts"]["KEPT"]),
            (&json!(1), &json!(1)),
            "{}: {undone}",
            house.code()
        );
        assert_eq!(kept(&read(&house.owner, &full).await), kept(&before));
        let leads = house.owner.get("/api/leads/?q=Nova").await.expect(200).json;
        assert_eq!(leads, json!([]));
    }
}

/// A second lead, which is the same person.
async fn twin(house: &House) -> i64 {
    let lead = json!({"source": "feira", "name": "Bia", "email": "canarymail@example.com", "budget": "31415.92",
        "notes": "canarybefore", "custom_fields": {"secret": "canarygoal"}});
    let lead = house.owner.post("/api/leads/", lead).await.expect(201).json;
    lead["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_loses_and_tells_nothing_that_is_kept() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let other = twin(house).await;
        let (full, client) = scene(house, &app).await;
        let before = read(&house.owner, &full).await;
        let path = format!("/api/leads/{}/merge/", full.lead);
        let chosen = json!({"other": other, "fields": {"budget": "other"}});
        let refused = client.post(&path, chosen).await.expect(400);
        silent("a refused merge", &refused.text);
        // What is written in both would become one text, which is a change of what is kept.
        let refused = client
            .post(&path, json!({"other": other}))
            .await
            .expect(400);
        assert!(
            refused
                .text
                .contains("Your role may not change this field.")
        );
        silent("a refused merge", &refused.text);
        let alike = json!({"notes": "canarynotes", "custom_fields": {"secret": "canarycustom"}});
        let theirs = format!("/api/leads/{other}/");
        house.owner.patch(&theirs, alike).await.expect(200);
        let merged = client.post(&path, json!({"other": other})).await;
        silent("a merge", &merged.text);
        let merged = merged.expect(200);
        let now = read(&house.owner, &full).await;
        assert_eq!(kept(&now), kept(&before), "{}", house.code());
        assert_eq!(now[1]["source"], before[1]["source"]);
        let set = merged.header("x-change-set").to_owned();
        let undone = client
            .post(&format!("/api/changes/{set}/undo/"), json!({}))
            .await;
        silent("a merge that is taken back", &undone.text);
        undone.expect(200);
        let path = format!("/api/leads/{other}/");
        let back = house.owner.get(&path).await.expect(200).json;
        assert_eq!(
            (&back["budget"], &back["custom_fields"]["secret"]),
            (&json!("31415.92"), &json!("canarycustom"))
        );
        assert_eq!(kept(&read(&house.owner, &full).await), kept(&before));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_go_out_have_empty_cells_where_something_is_kept() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let (_, client) = scene(house, &app).await;
        for (kind, columns, told) in [
            (
                "leads",
                "name,email,phone,budget,notes,custom.secret",
                "Bia",
            ),
            ("customers", "name,email,addresses,contacts", "Ana"),
            ("opportunities", "title,amount,next_step", "Aberta"),
        ] {
            let path = format!("/api/{kind}/export/?columns={columns}");
            let csv = client.get(&path).await.expect(200).text;
            assert!(csv.contains(told), "{csv}");
            silent(&path, &csv);
            let request = client.request("GET".parse().unwrap(), &format!("{path}&format=xlsx"));
            let xlsx = request.send().await.unwrap().bytes().await.unwrap();
            let file =
                std::env::temp_dir().join(format!("sindico-veil-{}-{kind}.xlsx", house.id()));
            std::fs::write(&file, &xlsx).unwrap();
            let cells = std::process::Command::new("unzip")
                .arg("-p")
                .arg(&file)
                .output();
            std::fs::remove_file(&file).unwrap();
            if let Ok(cells) = cells {
                let cells = String::from_utf8_lossy(&cells.stdout).into_owned();
                assert!(cells.contains(told), "{cells}");
                silent(&path, &cells);
            }
        }
    }
}

/// What is told the database of who reads; the program would not even ask for what follows.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_keeps_what_is_kept_by_itself() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let Full { lead, .. } = fill(&house.owner).await;
        let sql = house.inside(&app).await;
        let veiled = format!(
            "SET sindico.company_id = '{}'; SET sindico.reader = ''; SET sindico.veil_of = '7';
             SET sindico.veil = ' lead.notes=NONE lead.budget=READ lead.custom.secret=NONE '",
            house.id()
        );
        sql.batch_execute(&veiled).await.unwrap();
        let update = format!(
            "UPDATE lead SET notes = '', name = 'Beatriz', budget = 1,
            custom = '{{\"secret\": \"x\"}}' WHERE id = {lead}"
        );
        sql.batch_execute(&update).await.unwrap();
        let now = house
            .owner
            .get(&format!("/api/leads/{lead}/"))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&now["notes"], &now["custom_fields"]["secret"], &now["name"]),
            (
                &json!("canarynotes"),
                &json!("canarycustom"),
                &json!("Beatriz")
            ),
            "{}: {now}",
            house.code()
        );
        // It reads by views that it may not turn off by writing to them.
        let seen: String = sql
            .query_one(
                &format!("SELECT notes FROM veil.lead WHERE id = {lead}"),
                &[],
            )
            .await
            .unwrap()
            .get(0);
        assert_eq!(seen, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_connection_knew_before_a_migration_it_forgets() {
    let (app, houses) = start(&[DEDICATED]).await;
    let house = &houses[0];
    let (full, client) = scene(house, &app).await;
    let path = format!("/api/leads/{}/", full.lead);
    for _ in 0..8 {
        client.get(&path).await.expect(200);
    }
    // A migration that makes one of its columns another type.
    let inside = TestDatabase::superuser(house.place("database_name")).await;
    let sql = "DO $$ DECLARE was text := rtrim(pg_get_viewdef('veil.lead'::regclass), ';'); names text;
        BEGIN
            SELECT string_agg(CASE attname WHEN 'name' THEN 'name::varchar AS name' ELSE quote_ident(attname) END, ', '
                ORDER BY attnum) INTO names FROM pg_attribute WHERE attrelid = 'veil.lead'::regclass AND attnum > 0;
            DROP VIEW veil.lead;
            EXECUTE format('CREATE VIEW veil.lead WITH (security_invoker = true) AS SELECT %s FROM (%s) v', names, was);
            GRANT SELECT, UPDATE ON veil.lead TO sindico_tenant;
        END $$";
    inside.batch_execute(sql).await.unwrap();
    for _ in 0..8 {
        client.get(&path).await.expect(200);
    }
}
