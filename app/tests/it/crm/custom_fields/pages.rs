//! Pages of custom fields, as a browser without scripts uses them.

use super::super::view_pages::{hidden, location, send};
use super::{CUSTOMERS, FIELDS, LEADS, OPPORTUNITIES, at, ids, sizes, start};
use serde_json::{Value, json};

const SETTINGS: &str = "/settings/custom-fields/";

#[tokio::test(flavor = "multi_thread")]
async fn a_field_is_set_up_on_its_pages() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let page = t.member.get(SETTINGS).await.expect(200);
        assert!(!page.text.contains("custom-fields/new/"), "{}", page.text);
        t.member
            .get("/settings/custom-fields/new/")
            .await
            .expect(403);
        let new = "/settings/custom-fields/new/";
        let page = t
            .manager
            .get(&format!("{new}?kind=customer"))
            .await
            .expect(200);
        let key = hidden(&page, "idempotency_key");
        let wrong = [
            ("label", ""),
            ("kind", "customer"),
            ("type", "CHOICE"),
            ("idempotency_key", &key),
        ];
        let page = send(&t.manager, new, &wrong).await.expect(400);
        assert!(page.text.contains("field-error"), "{}", page.text);
        let form = [
            ("label", "Porte"),
            ("kind", "customer"),
            ("type", "CHOICE"),
            ("options", "Pequeno\nMédio\n"),
            ("role.MEMBER", "1"),
            ("on_card", "on"),
            ("help", "O tamanho"),
            ("idempotency_key", key.as_str()),
        ];
        for _ in 0..2 {
            // Sent twice, it is made once.
            assert_eq!(
                location(&send(&t.manager, new, &form).await),
                "/settings/custom-fields/?kind=customer"
            );
        }
        let all = t.owner.get(FIELDS).await.expect(200).json;
        assert_eq!(ids(&all).len(), 1);
        assert_eq!(
            all[0]["options"][1],
            json!({"value": "medio", "label": "Médio", "retired": false})
        );
        assert_eq!(
            (&all[0]["required_roles"], &all[0]["on_card"]),
            (&json!(["MEMBER"]), &json!(true))
        );
        let path = format!("{SETTINGS}{}/", all[0]["id"]);
        let page = t.manager.get(&path).await.expect(200);
        let version = hidden(&page, "version");
        let form = [
            ("version", version.as_str()),
            ("label", "Porte da empresa"),
            ("option.0.value", "pequeno"),
            ("option.0.label", "Pequena"),
            ("option.0.state", "retired"),
            ("option.1.value", "medio"),
            ("option.1.label", "Médio"),
            ("option.1.state", "dropped"),
            ("options", "Grande"),
        ];
        location(&send(&t.manager, &path, &form).await);
        let now = &t.owner.get(FIELDS).await.expect(200).json[0];
        let options = json!([{"value": "pequeno", "label": "Pequena", "retired": true}, {"value": "grande", "label": "Grande", "retired": false}]);
        assert_eq!(
            (&now["label"], &now["options"], &now["on_card"]),
            (&json!("Porte da empresa"), &options, &json!(false))
        );
        // From an old form nothing is written over.
        let page = send(&t.manager, &path, &form).await;
        assert_eq!(page.status, 412);
        t.field("customer", "Outro", "TEXT", json!({})).await;
        location(&send(&t.manager, &format!("{path}move/"), &[("place", "1")]).await);
        let order = t.owner.get(FIELDS).await.expect(200).json;
        assert_eq!(order[1]["key"], "porte");
        let version = order[1]["version"].to_string();
        let delete = format!("{path}delete/");
        send(&t.manager, &delete, &[("version", version.as_str())])
            .await
            .expect(403);
        location(&send(&t.owner, &delete, &[("version", version.as_str())]).await);
        let page = t.owner.get(SETTINGS).await.expect(200);
        let undo = page
            .text
            .split("action=\"/changes/")
            .nth(1)
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .to_owned();
        location(
            &send(
                &t.owner,
                &format!("/changes/{undo}/undo/"),
                &[("next", SETTINGS)],
            )
            .await,
        );
        assert_eq!(ids(&t.owner.get(FIELDS).await.expect(200).json).len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_and_pages_of_records_have_them() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.field(
            "customer",
            "Área",
            "DECIMAL",
            json!({"required": true, "help": "Em metros"}),
        )
        .await;
        t.field("customer", "Ativo", "BOOLEAN", json!({})).await;
        t.field("customer", "Tamanho", "CHOICE", sizes()).await;
        t.field("customer", "Linhas", "MULTI_CHOICE", sizes()).await;
        t.field("customer", "Site", "URL", json!({})).await;
        let page = t.owner.get("/customers/new/").await.expect(200);
        for part in [
            "name=\"custom_fields.area\"",
            "Em metros",
            "name=\"custom_fields.linhas.G\"",
            "name=\"custom_fields.ativo\"",
        ] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        let mut form = vec![
            ("name", "Ana"),
            ("email", "ana@f.example"),
            ("custom_fields.area", "abc"),
            ("custom_fields.ativo", "true"),
            ("custom_fields.tamanho", "G"),
            ("custom_fields.linhas.", ""),
            ("custom_fields.linhas.P", "1"),
            ("custom_fields.linhas.G", "1"),
            ("custom_fields.site", "x"),
        ];
        let page = send(&t.owner, "/customers/new/", &form).await.expect(400);
        // What was typed stands there still, and each wrong field is named by its label.
        assert!(
            page.text.contains("value=\"abc\"") && page.text.contains("#f-custom_fields.area"),
            "{}",
            page.text
        );
        assert!(page.text.contains("#f-custom_fields.site"), "{}", page.text);
        form[2] = ("custom_fields.area", "1.234,50");
        form[8] = ("custom_fields.site", "https://example.com/");
        let to = location(&send(&t.owner, "/customers/new/", &form).await);
        let customer = t
            .owner
            .get(&format!("{CUSTOMERS}?q=Ana"))
            .await
            .expect(200)
            .json[0]
            .clone();
        let kept = json!({"area": "1234.50", "ativo": true, "tamanho": "G", "linhas": ["P", "G"], "site": "https://example.com/"});
        assert_eq!(customer["custom_fields"], kept);
        let page = t.owner.get(&to).await.expect(200);
        for part in [
            "1.234,50",
            "Pequeno; Grande",
            "href=\"https://example.com/\"",
            "Tamanho",
        ] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        // A form shows what is there, and empties what is emptied.
        let edit = format!("{to}edit/");
        let page = t.owner.get(&edit).await.expect(200);
        assert!(page.text.contains("value=\"1.234,50\""), "{}", page.text);
        let version = hidden(&page, "version");
        let form = [
            ("version", version.as_str()),
            ("custom_fields.tamanho", ""),
            ("custom_fields.linhas.", ""),
            ("custom_fields.area", "2"),
        ];
        location(&send(&t.owner, &edit, &form).await);
        let now = t.told(CUSTOMERS, &customer).await;
        assert_eq!(
            now,
            json!({"area": "2.00", "ativo": true, "site": "https://example.com/"})
        );
        let form = [("custom_fields.area", "")];
        let page = send(&t.owner, &edit, &form).await.expect(400);
        assert!(page.text.contains("#f-custom_fields.area"), "{}", page.text);
        // A list has them as columns, its filter knows them.
        let list = t
            .owner
            .get("/customers/?columns=custom.area,email")
            .await
            .expect(200);
        assert!(
            list.text.contains(">Área<") || list.text.contains("Área"),
            "{}",
            list.text
        );
        let filter = "/customers/adjust/?match=all&f.0.field=custom.area&f.0.op=gte&f.0.value=1,5&c.custom.area=1&do=apply";
        let list = t
            .owner
            .get(&location(&t.owner.get(filter).await))
            .await
            .expect(200);
        assert!(
            list.text.contains("Ana") && list.text.contains("2,00"),
            "{}",
            list.text
        );
        let page = t
            .owner
            .get("/customers/adjust/?match=all&do=add&new=custom.linhas")
            .await
            .expect(200);
        assert!(page.text.contains("f.0.op"), "{}", page.text);
        let pick =
            "/customers/adjust/?match=all&f.0.field=custom.tamanho&f.0.op=in&f.0.pick.G=1&do=apply";
        let list = t
            .owner
            .get(&location(&t.owner.get(pick).await))
            .await
            .expect(200);
        assert!(
            !list.text.contains(">Ana<") && list.text.contains("Grande"),
            "{}",
            list.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_bulk_edits_and_merges_ask_for_them() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.field("opportunity", "Visita", "DATE", json!({})).await;
        t.field("lead", "Cor", "TEXT", json!({})).await;
        t.field("customer", "Cor", "TEXT", json!({})).await;
        // The form of a stage names them, and keeps what it asks for.
        let stage = "/settings/pipelines/1/stages/2/";
        let page = t.owner.get(stage).await.expect(200);
        assert!(
            page.text.contains("name=\"asks.custom.visita\""),
            "{}",
            page.text
        );
        let version = hidden(&page, "version");
        let form = [
            ("version", version.as_str()),
            ("name", "Proposta"),
            ("asks.custom.visita", "1"),
            ("asks.amount", "1"),
        ];
        location(&send(&t.owner, stage, &form).await);
        let pipelines = t.owner.get("/api/pipelines/").await.expect(200).json;
        let asks = pipelines[0]["stages"][1]["required_fields"]
            .as_array()
            .unwrap()
            .clone();
        assert!(
            asks.contains(&json!("custom.visita")) && asks.contains(&json!("amount")),
            "{asks:?}"
        );
        let sale = t.sale(json!({"amount": "5"})).await;
        let path = format!("/opportunities/{}/move/", sale["id"]);
        let asked = send(&t.owner, &path, &[("stage", "PROPOSAL")]).await;
        assert_eq!(asked.status, 422, "{}", asked.text);
        assert!(
            asked.text.contains("custom_fields.visita"),
            "{}",
            asked.text
        );
        location(
            &send(
                &t.owner,
                &path,
                &[
                    ("stage", "PROPOSAL"),
                    ("custom_fields.visita", "2026-12-01"),
                ],
            )
            .await,
        );
        let now = t.read(OPPORTUNITIES, &sale).await;
        assert_eq!(
            (&now["stage"], &now["custom_fields"]["visita"]),
            (&json!("PROPOSAL"), &json!("2026-12-01"))
        );
        // Many at once.
        let lead = t.lead(json!({})).await;
        let all = ("filter", r#"{"all": []}"#);
        let page = send(&t.owner, "/leads/bulk/", &[all]).await.expect(200);
        assert!(page.text.contains("set.custom_fields.cor"), "{}", page.text);
        let form = [
            all,
            ("action", "edit"),
            ("set.custom_fields.cor", "on"),
            ("custom_fields.cor", "azul"),
        ];
        let page = send(&t.owner, "/leads/bulk/", &form).await.expect(200);
        assert!(
            page.text.contains("Cor") && page.text.contains("azul"),
            "{}",
            page.text
        );
        let (values, token, key) = (
            hidden(&page, "values"),
            hidden(&page, "token"),
            hidden(&page, "idempotency_key"),
        );
        let form = [
            all,
            ("action", "edit"),
            ("values", values.as_str()),
            ("token", token.as_str()),
            ("idempotency_key", key.as_str()),
        ];
        location(&send(&t.owner, "/leads/bulk/", &form).await);
        assert_eq!(t.told(LEADS, &lead).await, json!({"cor": "azul"}));
        // Two that are one.
        let (a, b) = (t.customer().await, t.customer().await);
        t.tell(CUSTOMERS, &a, json!({"cor": "azul"}))
            .await
            .expect(200);
        t.tell(CUSTOMERS, &b, json!({"cor": "verde"}))
            .await
            .expect(200);
        let merge = format!("/customers/{}/merge/", a["id"]);
        let page = t
            .owner
            .get(&format!("{merge}?other={}", b["id"]))
            .await
            .expect(200);
        let names = page.text.split("name=\"").skip(1);
        let mut names = names.map(|part| part.split('"').next().unwrap().to_owned());
        let name = names.find(|name| name.ends_with("custom.cor")).unwrap();
        let other = b["id"].to_string();
        let form = [("other", other.as_str()), (name.as_str(), "other")];
        location(&send(&t.owner, &merge, &form).await);
        assert_eq!(t.told(CUSTOMERS, &a).await, json!({"cor": "verde"}));
        let _: Value = t.read(CUSTOMERS, &a).await;
        t.owner.get(&at(CUSTOMERS, &b)).await.expect(404);
    }
}
