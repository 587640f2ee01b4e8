//! Custom fields on each way that a record is written: gates, bulk edits, merges, imports, exports, views.

use super::super::merged;
use super::{
    CUSTOMERS, FIELDS, LEADS, OPPORTUNITIES, Tenant, at, ids, refused_on, sizes, start, urlencode,
};
use serde_json::{Value, json};
use sindico_testkit::Answer;

/// Has the stage PROPOSAL ask for these.
async fn gate(t: &Tenant, asks: Value) -> Answer {
    let path = "/api/pipelines/1/stages/2/";
    t.owner
        .patch(path, json!({ "required_fields": asks }))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_asks_for_them_on_every_way() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t.field("opportunity", "Visita", "DATE", json!({})).await;
        refused_on(
            &gate(t, json!(["custom.nada"])).await,
            "required_fields",
            "unknown",
        );
        gate(t, json!(["custom.visita"])).await.expect(200);
        let sale = t.sale(json!({})).await;
        let path = at(OPPORTUNITIES, &sale);
        let asks = |answer: Answer, what: &str| {
            assert_eq!(answer.status, 400, "{what}: {}", answer.text);
            assert!(
                answer.json["custom_fields"]["visita"].is_array(),
                "{what}: {}",
                answer.text
            );
        };
        asks(
            t.owner.patch(&path, json!({"stage": "PROPOSAL"})).await,
            "patch",
        );
        asks(
            t.owner
                .post(&format!("{path}stage/"), json!({"stage": "PROPOSAL"}))
                .await,
            "stage",
        );
        asks(
            t.owner
                .post(&format!("{path}move/"), json!({"stage": "PROPOSAL"}))
                .await,
            "move",
        );
        let customer = t.customer().await;
        let body = json!({"customer": customer["id"], "title": "x", "stage": "PROPOSAL"});
        asks(t.owner.post(OPPORTUNITIES, body.clone()).await, "post");
        let bulk = json!({"ids": [sale["id"]], "action": "edit", "values": {"stage": "PROPOSAL"}});
        let preview = t
            .owner
            .post("/api/opportunities/bulk/", bulk)
            .await
            .expect(200)
            .json;
        assert!(
            preview["refusals"][0]["errors"]["custom_fields"]["visita"].is_array(),
            "{preview}"
        );
        let lead = t
            .lead(json!({"status": "QUALIFIED", "customer": customer["id"]}))
            .await;
        let convert = format!("{}convert/", at(LEADS, &lead));
        asks(
            t.owner.post(&convert, json!({"stage": "PROPOSAL"})).await,
            "convert",
        );
        let told = json!({"stage": "PROPOSAL", "custom_fields": {"visita": "2026-11-30"}});
        let made = t.owner.post(&convert, told.clone()).await.expect(201).json;
        assert_eq!(made["opportunity"]["custom_fields"]["visita"], "2026-11-30");
        // The move itself may tell what is asked for, and nothing else.
        let more = json!({"stage": "PROPOSAL", "custom_fields": {"visita": "2026-12-01"}});
        let moved = t
            .owner
            .post(&format!("{path}move/"), more)
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&moved["stage"], &moved["custom_fields"]["visita"]),
            (&json!("PROPOSAL"), &json!("2026-12-01"))
        );
        // What is there may not go, unless the field itself does.
        asks(
            t.tell(OPPORTUNITIES, &sale, json!({"visita": null})).await,
            "emptied",
        );
        t.owner
            .call("DELETE", &at(FIELDS, &field))
            .await
            .expect(204);
        t.owner.post(OPPORTUNITIES, body).await.expect(201);
        // The stage can be changed while it names one that is gone.
        t.owner
            .patch("/api/pipelines/1/stages/2/", json!({"name": "Oferta"}))
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_changed_at_once_and_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.field("lead", "Tamanho", "CHOICE", sizes()).await;
        t.field("lead", "Nota", "TEXT", json!({})).await;
        let mut leads = Vec::new();
        for size in [json!("P"), json!(null), json!("G")] {
            leads.push(
                t.lead(json!({"custom_fields": {"tamanho": size, "nota": "fica"}}))
                    .await,
            );
        }
        let tree = json!({"not": {"field": "custom.tamanho", "op": "is", "value": "G"}});
        let mut asked = json!({"filter": tree, "action": "edit", "values": {"custom_fields": {"tamanho": "G"}}});
        let preview = t
            .manager
            .post("/api/leads/bulk/", asked.clone())
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&preview["count"], &preview["changes"]),
            (&json!(2), &json!(2))
        );
        assert_eq!(
            preview["sample"][0]["after"],
            json!({"custom.tamanho": "G"})
        );
        asked = merged(asked, json!({"preview": false, "token": preview["token"]}));
        let done = t
            .manager
            .post("/api/leads/bulk/", asked)
            .await
            .expect(200)
            .json;
        for lead in &leads {
            assert_eq!(
                t.told(LEADS, lead).await,
                json!({"tamanho": "G", "nota": "fica"})
            );
        }
        let wrong = json!({"filter": {"all": []}, "action": "edit", "values": {"custom_fields": {"tamanho": "M"}}});
        let refused = t
            .owner
            .post("/api/leads/bulk/", wrong)
            .await
            .expect(400)
            .json;
        assert!(
            refused["values"]["custom_fields"]["tamanho"].is_array(),
            "{refused}"
        );
        t.undo(done["change_set"].as_i64().unwrap())
            .await
            .expect(200);
        assert_eq!(t.told(LEADS, &leads[0]).await["tamanho"], "P");
        assert_eq!(t.told(LEADS, &leads[1]).await, json!({"nota": "fica"}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_keeps_fills_and_is_told() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for label in ["Fica", "Enche", "Troca"] {
            t.field("customer", label, "TEXT", json!({})).await;
        }
        t.field("customer", "Ambos", "MULTI_CHOICE", sizes()).await;
        let (a, b) = (t.customer().await, t.customer().await);
        t.tell(
            CUSTOMERS,
            &a,
            json!({"fica": "a", "troca": "a", "ambos": ["P"]}),
        )
        .await
        .expect(200);
        t.tell(
            CUSTOMERS,
            &b,
            json!({"fica": "b", "enche": "b", "troca": "b", "ambos": ["G"]}),
        )
        .await
        .expect(200);
        let path = format!("{}merge/", at(CUSTOMERS, &a));
        let wrong =
            json!({"other": b["id"], "fields": {"custom.nada": "other", "custom.fica": "both"}});
        let refused = t.owner.post(&path, wrong).await.expect(400).json;
        assert!(
            refused["fields"]["custom.nada"].is_array()
                && refused["fields"]["custom.fica"].is_array(),
            "{refused}"
        );
        let told =
            json!({"other": b["id"], "fields": {"custom.troca": "other", "custom.ambos": "both"}});
        let one = t.owner.post(&path, told).await.expect(200);
        let kept = json!({"fica": "a", "enche": "b", "troca": "b", "ambos": ["P", "G"]});
        assert_eq!(one.json["custom_fields"], kept);
        t.undo(super::set_of(&one)).await.expect(200);
        assert_eq!(
            t.told(CUSTOMERS, &a).await,
            json!({"fica": "a", "troca": "a", "ambos": ["P"]})
        );
        assert_eq!(t.told(CUSTOMERS, &b).await["enche"], "b");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_bring_them_in_and_take_them_out() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.field(
            "lead",
            "Área útil",
            "DECIMAL",
            json!({"required_roles": ["MANAGER"]}),
        )
        .await;
        t.field("lead", "Tamanho", "CHOICE", sizes()).await;
        t.field("lead", "Início", "DATE", json!({"key": "comeca"}))
            .await;
        t.field("lead", "Vários", "MULTI_CHOICE", sizes()).await;
        t.field("lead", "Aceita", "BOOLEAN", json!({})).await;
        let file = "Origem;AREA UTIL;tamanho;comeca;custom.varios;Aceita;Nada\r\n\
            site;1.234,5;Pequeno;27/11/2026;Grande, Pequeno;sim;x\r\n\
            site;abc;Médio;31/02/2026;Grande;talvez;x\r\n\
            site;;P;;;;\r\n";
        let job = t.manager.send_sheet("lead", file).await.expect(201).json;
        let job = t.manager.until_done(&job, "dry-run").await;
        assert_eq!(
            job["mapping"],
            json!([
                "source",
                "custom.area_util",
                "custom.tamanho",
                "custom.comeca",
                "custom.varios",
                "custom.aceita",
                ""
            ]),
            "{job}"
        );
        // The third lacks what is asked of who imports.
        assert_eq!(job["counts"], json!({"NEW": 1, "ERROR": 2}), "{job}");
        let wrong = t
            .manager
            .get(&format!("/api/imports/{}/rows/?verdict=ERROR", job["id"]))
            .await
            .expect(200)
            .json;
        let notes = &wrong[0]["notes"]["custom_fields"];
        for key in ["comeca", "aceita"] {
            assert!(notes[key].is_array(), "{wrong}");
        }
        assert!(
            wrong[1]["notes"]["custom_fields"]["area_util"].is_array(),
            "{wrong}"
        );
        let before = ids(&t.owner.get(LEADS).await.expect(200).json).len();
        t.manager.until_done(&job, "commit").await;
        let lead = t
            .owner
            .get(&format!("{LEADS}?sort=-id&limit=1"))
            .await
            .expect(200)
            .json[0]
            .clone();
        let kept = json!({"area_util": "1234.50", "tamanho": "P", "comeca": "2026-11-27", "varios": ["P", "G"], "aceita": true});
        assert_eq!(lead["custom_fields"], kept);
        let request = t.manager.request("GET".parse().unwrap(), "/api/leads/export/?columns=custom.area_util,custom.tamanho,custom.comeca,custom.varios,custom.aceita");
        let file = t
            .manager
            .send(request.header("accept-language", "pt-BR"))
            .await
            .expect(200)
            .text;
        assert!(
            file.contains("Área útil;Tamanho;Início;Vários;Aceita")
                && file.contains("1234,50;Pequeno;2026-11-27")
                && file.contains("Sim"),
            "{file}"
        );
        let all = t.manager.get("/api/leads/export/").await.expect(200).text;
        assert!(
            all.contains("Tamanho") && !all.contains("Campos personalizados"),
            "{all}"
        );
        refused_on(
            &t.manager
                .get("/api/leads/export/?columns=custom.nada")
                .await,
            "columns",
            "columns",
        );
        t.owner.until_done(&job, "undo").await;
        assert_eq!(
            ids(&t.owner.get(LEADS).await.expect(200).json).len(),
            before
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_tells_of_a_field_that_is_gone() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t
            .field("lead", "Cor", "TEXT", json!({"on_card": true}))
            .await;
        let tree = json!({"all": [{"field": "custom.cor", "op": "is", "value": "azul"}, {"field": "source", "op": "is", "value": "site"}]});
        let body = json!({"kind": "lead", "name": "Azuis", "visibility": "TENANT", "filter": tree, "columns": ["custom.cor", "source"]});
        let view = t.make("/api/views/", body).await;
        t.lead(json!({"name": "Maria Azul", "custom_fields": {"cor": "azul"}}))
            .await;
        t.lead(json!({"name": "Joana Feira", "source": "feira", "custom_fields": {"cor": "azul"}}))
            .await;
        t.lead(json!({"name": "Rita Verde", "custom_fields": {"cor": "verde-mar"}}))
            .await;
        let page = t
            .owner
            .get(&format!("/leads/?view={}", view["id"]))
            .await
            .expect(200)
            .text;
        assert!(
            page.contains("Maria Azul")
                && !page.contains("Rita Verde")
                && !page.contains("Joana Feira"),
            "{page}"
        );
        let board = t.owner.get("/leads/board/").await.expect(200).text;
        assert!(board.contains("verde-mar"), "cards show it");
        t.owner
            .call("DELETE", &at(FIELDS, &field))
            .await
            .expect(204);
        // The API says so, the page too, and shows the rest.
        let answer = t
            .owner
            .get(&format!("{LEADS}?filter={}", urlencode(&tree)))
            .await;
        refused_on(&answer, "filter", "gone");
        assert!(
            answer.json["filter"][0]
                .as_str()
                .unwrap()
                .contains("not there (any more)"),
            "{}",
            answer.text
        );
        for path in ["/leads/", "/leads/board/"] {
            let page = t
                .owner
                .get(&format!("{path}?view={}", view["id"]))
                .await
                .expect(200)
                .text;
            assert!(page.contains("data-field-gone"), "{page}");
            assert!(
                page.contains("Maria Azul")
                    && page.contains("Rita Verde")
                    && !page.contains("Joana Feira"),
                "{page}"
            );
        }
        t.owner
            .get(&format!("/views/{}/edit/", view["id"]))
            .await
            .expect(200);
    }
}
