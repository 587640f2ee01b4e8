//! Custom fields: set up, written, asked for, found, merged, brought in and taken out, and taken back.

mod ways;

use super::{
    ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, at, ids, refused_on, start, undo_path,
};
use serde_json::{Value, json};
use sindico_testkit::{Answer, TestDatabase};

const FIELDS: &str = "/api/custom-fields/";

impl Tenant {
    /// Makes a custom field.
    async fn field(&self, kind: &str, label: &str, ty: &str, more: Value) -> Value {
        let body = json!({"kind": kind, "label": label, "type": ty});
        self.make(FIELDS, super::merged(body, more)).await
    }

    /// Changes a record's custom fields.
    async fn tell(&self, path: &str, record: &Value, values: Value) -> Answer {
        let body = json!({ "custom_fields": values });
        self.owner.patch(&at(path, record), body).await
    }

    /// A record's custom fields.
    async fn told(&self, path: &str, record: &Value) -> Value {
        self.read(path, record).await["custom_fields"].clone()
    }
}

fn sizes() -> Value {
    json!({"options": [{"value": "P", "label": "Pequeno"}, {"value": "G", "label": "Grande"}]})
}

fn set_of(answer: &Answer) -> i64 {
    answer.header("x-change-set").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_made_changed_and_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let body =
            json!({"kind": "lead", "label": "Área (m²)", "type": "DECIMAL", "on_card": true});
        let request = |body: Value| {
            let request = t.manager.request("POST".parse().unwrap(), FIELDS);
            request.header("idempotency-key", "once").json(&body)
        };
        let made = t.manager.send(request(body.clone())).await.expect(201);
        let again = t.manager.send(request(body)).await.expect(201);
        assert_eq!(made.json, again.json);
        let made = made.json;
        assert_eq!(
            (&made["key"], &made["version"]),
            (&json!("area_m2"), &json!(1))
        );
        let list = t.member.get(FIELDS).await.expect(200).json;
        assert_eq!(ids(&list).len(), 1);
        for (method, path) in [
            ("POST", FIELDS.to_owned()),
            ("PATCH", at(FIELDS, &made)),
            ("DELETE", at(FIELDS, &made)),
        ] {
            t.member.call(method, &path).await.expect(403);
        }
        let path = at(FIELDS, &made);
        let etag = t
            .owner
            .get(&path)
            .await
            .expect(200)
            .header("etag")
            .to_owned();
        let changed = t
            .owner
            .patch(&path, json!({"label": "Área", "required": true}))
            .await
            .expect(200);
        assert_eq!(
            (&changed.json["label"], &changed.json["version"]),
            (&json!("Área"), &json!(2))
        );
        let stale = t
            .owner
            .request("PATCH".parse().unwrap(), &path)
            .header("if-match", &etag);
        t.owner
            .send(stale.json(&json!({"help": "x"})))
            .await
            .expect(412);
        for (body, field) in [
            (json!({"key": "b"}), "key"),
            (json!({"type": "TEXT"}), "type"),
            (json!({"kind": "customer"}), "kind"),
            (json!({"label": ""}), "label"),
            (json!({"options": ["a"]}), "options"),
            (json!({"searchable": true}), "searchable"),
        ] {
            refused_on(&t.owner.patch(&path, body).await, field, field);
        }
        let history = t
            .member
            .get("/api/custom-fields/history/")
            .await
            .expect(200)
            .json;
        assert_eq!(history[0]["before"]["label"], "Área (m²)");
        t.undo(set_of(&changed)).await.expect(200);
        let now = t.owner.get(&path).await.expect(200).json;
        assert_eq!(
            (&now["label"], &now["required"]),
            (&json!("Área (m²)"), &json!(false))
        );
        // Pipelines tell theirs alone.
        let others = t
            .owner
            .get("/api/pipelines/history/")
            .await
            .expect(200)
            .json;
        assert!(
            others
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["what"] != "custom_field")
        );
        t.owner.get("/api/custom-fields/999/").await.expect(404);
        t.owner
            .patch("/api/custom-fields/999/", json!({"label": ""}))
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_each_type_are_kept_as_they_are_read() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let types = [
            ("TEXT", json!("azul")),
            ("LONG_TEXT", json!("a\nb")),
            ("INTEGER", json!(42)),
            ("DECIMAL", json!("1299.90")),
            ("DATE", json!("2026-11-27")),
            ("BOOLEAN", json!(false)),
            ("CHOICE", json!("G")),
            ("MULTI_CHOICE", json!(["P", "G"])),
            ("URL", json!("https://example.com/")),
            ("EMAIL", json!("ana@example.com")),
            ("PHONE", json!("(11) 98765-4321")),
        ];
        for (path, kind) in [
            (LEADS, "lead"),
            (CUSTOMERS, "customer"),
            (OPPORTUNITIES, "opportunity"),
            (ACTIVITIES, "activity"),
        ] {
            let mut values = json!({});
            for (ty, value) in &types {
                let more = if ty.contains("CHOICE") {
                    sizes()
                } else {
                    json!({})
                };
                let field = t.field(kind, ty, ty, more).await;
                values[field["key"].as_str().unwrap()] = value.clone();
            }
            let record = match kind {
                "lead" => t.lead(json!({ "custom_fields": values })).await,
                "customer" => {
                    t.make(
                        path,
                        json!({"name": "A", "email": "a@a.example", "custom_fields": values}),
                    )
                    .await
                }
                "opportunity" => t.sale(json!({ "custom_fields": values })).await,
                _ => {
                    let lead = t.lead(json!({})).await;
                    t.make(
                        path,
                        json!({"title": "A", "lead": lead["id"], "custom_fields": values}),
                    )
                    .await
                }
            };
            assert_eq!(record["custom_fields"], values, "{kind}");
            assert_eq!(t.told(path, &record).await, values);
            let list = t
                .owner
                .get(&format!("{path}?sort=-created_at&limit=1"))
                .await
                .expect(200)
                .json;
            assert_eq!(list[0]["custom_fields"], values);
            // By key, null empties; what is not known is ignored.
            let part = json!({"text": null, "integer": "7", "nada": 1});
            let patched = t.tell(path, &record, part).await.expect(200).json;
            assert_eq!(patched["custom_fields"]["integer"], 7);
            assert!(
                patched["custom_fields"].get("text").is_none()
                    && patched["custom_fields"].get("nada").is_none()
            );
            assert_eq!(patched["custom_fields"]["choice"], "G");
            // All that is wrong at once, beside the record's own fields.
            let wrong = json!({"tags": 1, "custom_fields": {"integer": "x", "date": "27/11/2026", "choice": "M"}});
            let refused = t
                .owner
                .patch(&at(path, &record), wrong)
                .await
                .expect(400)
                .json;
            for key in ["integer", "date", "choice"] {
                assert!(refused["custom_fields"][key].is_array(), "{refused}");
            }
            assert!(
                kind == "activity" || refused["tags"].is_array(),
                "{refused}"
            );
            // A PUT has all that it does not name emptied.
            let mut whole = patched.clone();
            whole["custom_fields"] = json!({"boolean": true});
            let put = t
                .owner
                .put(&at(path, &record), whole)
                .await
                .expect(200)
                .json;
            assert_eq!(put["custom_fields"], json!({"boolean": true}));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_field_held_comes_back_with_it() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let gone = t
            .field("lead", "Cor", "TEXT", json!({"searchable": true}))
            .await;
        t.field("lead", "Tamanho", "CHOICE", sizes()).await;
        let lead = t
            .lead(json!({"custom_fields": {"cor": "azulado", "tamanho": "P"}}))
            .await;
        let deleted = t.owner.call("DELETE", &at(FIELDS, &gone)).await.expect(204);
        assert_eq!(t.told(LEADS, &lead).await, json!({"tamanho": "P"}));
        // Whatever is written meanwhile leaves it alone, and none of it can be told.
        let told = t
            .tell(LEADS, &lead, json!({"tamanho": "G", "cor": "verde"}))
            .await
            .expect(200)
            .json;
        assert_eq!(told["custom_fields"], json!({"tamanho": "G"}));
        t.owner
            .put(
                &at(LEADS, &lead),
                json!({"source": "x", "custom_fields": {}}),
            )
            .await
            .expect(200);
        refused_on(
            &t.owner
                .post(
                    FIELDS,
                    json!({"kind": "lead", "label": "Outra", "type": "TEXT", "key": "cor"}),
                )
                .await,
            "key",
            "taken",
        );
        // One of the same label gets another key.
        let other = t.field("lead", "Cor", "TEXT", json!({})).await;
        assert_eq!(other["key"], "cor_2");
        // Two fields of one label can't both be there.
        let stuck = t.undo(set_of(&deleted)).await.expect(409);
        assert!(
            stuck.json["detail"]
                .as_str()
                .unwrap()
                .contains("does not fit"),
            "{}",
            stuck.text
        );
        t.owner
            .call("DELETE", &at(FIELDS, &other))
            .await
            .expect(204);
        t.undo(set_of(&deleted)).await.expect(200);
        assert_eq!(t.told(LEADS, &lead).await, json!({"cor": "azulado"}));
        // To undo the creation is to delete, and that can be undone as well.
        let history = t
            .owner
            .get("/api/custom-fields/history/")
            .await
            .expect(200)
            .json;
        let made =
            history.as_array().unwrap().iter().find(|one| {
                one["action"] == "custom_field.create" && one["after"]["key"] == "tamanho"
            });
        let undone = t
            .undo(made.unwrap()["change_set"].as_i64().unwrap())
            .await
            .expect(200)
            .json;
        assert!(
            t.tell(LEADS, &lead, json!({"tamanho": "P"}))
                .await
                .expect(200)
                .json["custom_fields"]
                .get("tamanho")
                .is_none()
        );
        t.undo(undone["change_set"].as_i64().unwrap())
            .await
            .expect(200);
        t.tell(LEADS, &lead, json!({"tamanho": "P"}))
            .await
            .expect(200);
        assert_eq!(t.told(LEADS, &lead).await["tamanho"], "P");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_at_the_limit_are_one_too_many() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for n in 1..50 {
            t.field("activity", &format!("Campo {n}"), "TEXT", json!({}))
                .await;
        }
        let make = |label: &'static str| {
            t.owner.post(
                FIELDS,
                json!({"kind": "activity", "label": label, "type": "TEXT"}),
            )
        };
        let (a, b, c) = tokio::join!(make("A"), make("B"), make("C"));
        let mut states = [a.status, b.status, c.status];
        states.sort_unstable();
        assert_eq!(states, [201, 400, 400]);
        let list = t
            .owner
            .get("/api/custom-fields/?kind=activity")
            .await
            .expect(200)
            .json;
        assert_eq!(ids(&list).len(), 50);
        t.field("lead", "Ainda", "TEXT", json!({})).await;
        // Two of one label at once are one.
        let twin = || {
            t.owner.post(
                FIELDS,
                json!({"kind": "customer", "label": "Gêmeo", "type": "TEXT"}),
            )
        };
        let (a, b) = tokio::join!(twin(), twin());
        assert_eq!(a.status.min(b.status), 201);
        refused_on(if a.status == 400 { &a } else { &b }, "label", "twins");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_put_in_order_and_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut made = Vec::new();
        for label in ["A", "B", "C"] {
            made.push(
                t.field("customer", label, "TEXT", json!({})).await["id"]
                    .as_i64()
                    .unwrap(),
            );
        }
        let path = "/api/custom-fields/order/";
        let turned: Vec<i64> = made.iter().rev().copied().collect();
        let ordered = t
            .manager
            .post(path, json!({"kind": "customer", "ids": turned}))
            .await
            .expect(200);
        assert_eq!(ids(&ordered.json), turned);
        for wrong in [
            json!([made[0]]),
            json!([made[0], made[0], made[1]]),
            json!("x"),
        ] {
            refused_on(
                &t.owner
                    .post(path, json!({"kind": "customer", "ids": wrong}))
                    .await,
                "ids",
                "ids",
            );
        }
        t.member
            .post(path, json!({"kind": "customer", "ids": made}))
            .await
            .expect(403);
        t.undo(set_of(&ordered)).await.expect(200);
        assert_eq!(ids(&t.owner.get(FIELDS).await.expect(200).json), made);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_required_is_asked_of_whom_it_is_required() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let before = t.lead(json!({})).await;
        t.field("lead", "Sempre", "TEXT", json!({"required": true}))
            .await;
        t.field(
            "lead",
            "Gerente",
            "TEXT",
            json!({"required_roles": ["MANAGER"]}),
        )
        .await;
        let refused = t
            .owner
            .post(LEADS, json!({"source": "x"}))
            .await
            .expect(400)
            .json;
        assert_eq!(
            refused["custom_fields"],
            json!({"sempre": ["This field is required."]})
        );
        let body = json!({"source": "x", "custom_fields": {"sempre": "a"}});
        let lead = t.make(LEADS, body.clone()).await;
        let refused = t.manager.post(LEADS, body).await.expect(400).json;
        assert!(
            refused["custom_fields"]["gerente"].is_array()
                && refused["custom_fields"].get("sempre").is_none()
        );
        // It may not be lost, on any way; what never had it may go on without it.
        t.tell(LEADS, &lead, json!({"sempre": null}))
            .await
            .expect(400);
        t.owner
            .patch(&at(LEADS, &before), json!({"notes": "x"}))
            .await
            .expect(200);
        let bulk = json!({"ids": [lead["id"]], "action": "edit", "values": {"custom_fields": {"sempre": ""}}});
        let preview = t
            .owner
            .post("/api/leads/bulk/", bulk)
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&preview["refused"], &preview["changes"]),
            (&json!(1), &json!(0))
        );
        assert!(preview["refusals"][0]["errors"]["custom_fields"]["sempre"].is_array());
        // A form's visitors are asked for what it asks.
        let form = t
            .owner
            .post("/api/lead-forms/", json!({"title": "Site"}))
            .await
            .expect(201)
            .json;
        let typed = json!({"name": "Visita", "email": "visita@example.com"});
        t.owner
            .post(&format!("/f/{}/", form["key"].as_str().unwrap()), typed)
            .await
            .expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_in_use_is_retired_and_stays() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t.field("lead", "Tamanho", "CHOICE", sizes()).await;
        let several = t.field("lead", "Vários", "MULTI_CHOICE", sizes()).await;
        let lead = t
            .lead(json!({"custom_fields": {"tamanho": "P", "varios": ["P"]}}))
            .await;
        let other = t.lead(json!({})).await;
        for one in [&field, &several] {
            let left = json!({"options": [{"value": "G", "label": "Grande"}]});
            refused_on(
                &t.owner.patch(&at(FIELDS, one), left).await,
                "options",
                "in use",
            );
            let retired = json!({"options": [{"value": "P", "label": "Pequeno", "retired": true}, {"value": "G", "label": "Grande"}]});
            t.owner.patch(&at(FIELDS, one), retired).await.expect(200);
        }
        assert_eq!(
            t.told(LEADS, &lead).await,
            json!({"tamanho": "P", "varios": ["P"]})
        );
        t.tell(LEADS, &lead, json!({"tamanho": "P", "varios": ["P", "G"]}))
            .await
            .expect(200);
        let refused = t
            .tell(LEADS, &other, json!({"tamanho": "P", "varios": ["P"]}))
            .await
            .expect(400)
            .json;
        assert!(
            refused["custom_fields"]["tamanho"].is_array()
                && refused["custom_fields"]["varios"].is_array()
        );
        // What nobody has may go.
        t.tell(LEADS, &lead, json!({"tamanho": "G", "varios": ["G"]}))
            .await
            .expect(200);
        t.owner
            .patch(
                &at(FIELDS, &field),
                json!({"options": [{"value": "G", "label": "Grande"}]}),
            )
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_has_each_field_and_takes_it_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.field("lead", "Cor", "TEXT", json!({})).await;
        t.field("lead", "Peso", "DECIMAL", json!({})).await;
        let lead = t.lead(json!({"custom_fields": {"cor": "azul"}})).await;
        let made = t.latest(LEADS, &lead).await;
        let first = t
            .owner
            .get(&format!("{}timeline/", at(LEADS, &lead)))
            .await
            .expect(200)
            .json;
        assert_eq!(first[0]["after"]["custom.cor"], "azul");
        t.tell(LEADS, &lead, json!({"cor": "verde", "peso": "2"}))
            .await
            .expect(200);
        let set = t.latest(LEADS, &lead).await;
        let changes = t
            .owner
            .get(&format!("/api/changes/{set}/"))
            .await
            .expect(200)
            .json;
        assert_eq!(
            changes[0]["before"],
            json!({"custom.cor": "azul", "custom.peso": null})
        );
        assert_eq!(
            changes[0]["after"],
            json!({"custom.cor": "verde", "custom.peso": "2.00"})
        );
        // Only what was changed again is in the way.
        t.tell(LEADS, &lead, json!({"peso": "3"})).await.expect(200);
        let later = t.latest(LEADS, &lead).await;
        let stuck = t.undo(set).await.expect(409).json;
        assert_eq!(stuck["conflicts"][0]["field"], "custom.peso");
        t.undo(later).await.expect(200);
        t.undo(set).await.expect(200);
        assert_eq!(t.told(LEADS, &lead).await, json!({"cor": "azul"}));
        // As it stood after that change.
        let changes = t
            .owner
            .get(&format!("/api/changes/{set}/"))
            .await
            .expect(200)
            .json;
        let page = t
            .owner
            .get(&format!("/leads/{}/?at={}", lead["id"], changes[0]["id"]))
            .await
            .expect(200);
        assert!(
            page.text.contains("verde") && page.text.contains("Peso"),
            "{}",
            page.text
        );
        t.undo(made).await.expect(409);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_know_them_by_their_types() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (label, ty) in [
            ("Texto", "TEXT"),
            ("Inteiro", "INTEGER"),
            ("Decimal", "DECIMAL"),
            ("Dia", "DATE"),
            ("Sim", "BOOLEAN"),
            ("Um", "CHOICE"),
            ("Fone", "PHONE"),
            ("Varios", "MULTI_CHOICE"),
        ] {
            let more = if ty.contains("CHOICE") {
                sizes()
            } else {
                json!({})
            };
            t.field("lead", label, ty, more).await;
        }
        let a = t.lead(json!({"custom_fields": {"texto": "Ação", "inteiro": 5, "decimal": "10.50", "dia": "2026-11-01", "sim": true, "um": "P", "fone": "(11) 98765-4321", "varios": ["P", "G"]}})).await;
        let b = t.lead(json!({"custom_fields": {"texto": "b%_", "inteiro": 40, "decimal": "9", "dia": "2026-12-24", "sim": false, "um": "G", "varios": ["G"]}})).await;
        let c = t.lead(json!({})).await;
        let [a, b, c] = [a, b, c].map(|lead| lead["id"].as_i64().unwrap());
        for (field, op, value, found) in [
            ("texto", "is", json!("Ação"), vec![a]),
            ("texto", "contains", json!("acao"), vec![a]),
            ("texto", "starts_with", json!("b%_"), vec![b]),
            ("texto", "is_empty", Value::Null, vec![c]),
            ("texto", "is_not", json!("b%_"), vec![a, c]),
            ("inteiro", "gt", json!(5), vec![b]),
            ("inteiro", "in", json!([5, 40]), vec![a, b]),
            ("decimal", "gte", json!("9.5"), vec![a]),
            ("decimal", "is", json!("9"), vec![b]),
            ("decimal", "between", json!(["9", "10.5"]), vec![a, b]),
            ("dia", "lt", json!("2026-12-01"), vec![a]),
            ("dia", "is_set", Value::Null, vec![a, b]),
            ("sim", "is", json!(false), vec![b]),
            ("sim", "is", json!(true), vec![a]),
            ("sim", "is_empty", Value::Null, vec![c]),
            ("um", "in", json!(["P"]), vec![a]),
            ("um", "not_in", json!(["P"]), vec![b, c]),
            ("fone", "is", json!("11987654321"), vec![a]),
            ("varios", "has_all", json!(["P", "G"]), vec![a]),
            ("varios", "has_any", json!(["P", "G"]), vec![a, b]),
            ("varios", "has_none", json!(["P"]), vec![b, c]),
        ] {
            let tree = json!({"field": format!("custom.{field}"), "op": op, "value": value});
            let path = format!("{LEADS}?sort=id&filter={}", urlencode(&tree));
            let answer = t.owner.get(&path).await.expect(200);
            assert_eq!(ids(&answer.json), found, "{} {tree}", t.model);
        }
        for (field, op, value) in [
            ("nada", "is_set", Value::Null),
            ("inteiro", "contains", json!("1")),
            ("um", "is", json!("M")),
            ("x'; DROP TABLE lead", "is_set", Value::Null),
        ] {
            let tree = json!({"field": format!("custom.{field}"), "op": op, "value": value});
            let answer = t
                .owner
                .get(&format!("{LEADS}?filter={}", urlencode(&tree)))
                .await;
            refused_on(&answer, "filter", field);
        }
        // The same in metrics, of a kind of its own.
        let tree = json!({"field": "custom.inteiro", "op": "gt", "value": 5});
        let numbers = t
            .owner
            .get(&format!("/api/sales/metrics/?leads={}", urlencode(&tree)))
            .await
            .expect(200);
        assert_eq!(numbers.json["leads"]["total"], 1, "{}", numbers.text);
        // No list has more to ask for it.
        let path = format!("{LEADS}?filter={}", urlencode(&tree));
        let mut least = u64::MAX;
        for _ in 0..20 {
            let before = sindico_store::executed_on_tenants();
            t.owner.get(&path).await.expect(200);
            least = least.min(sindico_store::executed_on_tenants() - before);
        }
        assert_eq!(least, 1);
    }
}

fn urlencode(tree: &Value) -> String {
    let text = tree.to_string();
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_follow_what_is_searchable() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t
            .field("customer", "Apelido", "TEXT", json!({"searchable": true}))
            .await;
        let plain = t.field("customer", "Nota interna", "TEXT", json!({})).await;
        let body = json!({"name": "Ana", "email": "ana@a.example", "custom_fields": {"apelido": "Zecão da Sé", "nota_interna": "sigilosa"}});
        let ana = t.make(CUSTOMERS, body).await;
        let found = |q: &'static str| async move {
            let list = t
                .owner
                .get(&format!("{CUSTOMERS}?q={q}"))
                .await
                .expect(200)
                .json;
            let all = t
                .owner
                .get(&format!("/api/search/?q={q}"))
                .await
                .expect(200)
                .json;
            let hits = all["results"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|_| all["approximate"] == false)
                .count();
            (ids(&list).len(), hits)
        };
        assert_eq!(found("zecao").await, (1, 1));
        assert_eq!(found("sigilosa").await, (0, 0));
        let version = t.read(CUSTOMERS, &ana).await["version"].clone();
        // Changed definitions have what is there already made anew.
        t.owner
            .patch(&at(FIELDS, &field), json!({"searchable": false}))
            .await
            .expect(200);
        t.owner
            .patch(&at(FIELDS, &plain), json!({"searchable": true}))
            .await
            .expect(200);
        until(|| async { found("zecao").await == (0, 0) && found("sigilosa").await == (1, 1) })
            .await;
        assert_eq!(t.read(CUSTOMERS, &ana).await["version"], version);
        let gone = t
            .owner
            .call("DELETE", &at(FIELDS, &plain))
            .await
            .expect(204);
        until(|| async { found("sigilosa").await == (0, 0) }).await;
        t.undo(set_of(&gone)).await.expect(200);
        until(|| async { found("sigilosa").await == (1, 1) }).await;
    }
}

async fn until<F: Future<Output = bool>>(done: impl Fn() -> F) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !done().await {
        assert!(std::time::Instant::now() < end, "it never came about");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_texts_of_many_are_made_anew_in_pieces() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t.field("lead", "Código", "TEXT", json!({})).await;
        t.lead(json!({})).await;
        let sql = "INSERT INTO lead (company_id, source, search_text, custom)
            SELECT $1, 'x', '', jsonb_build_object('codigo', 'cod' || n) FROM generate_series(1, 1200) n";
        t.sql(sql).await;
        t.owner
            .patch(&at(FIELDS, &field), json!({"searchable": true}))
            .await
            .expect(200);
        let inside = TestDatabase::superuser(&t.database).await;
        let sql = "SELECT count(*) FROM lead WHERE company_id = $1 AND search_text LIKE '%cod%'";
        until(|| async {
            let rows = inside.query(sql, &[&t.company]).await.unwrap();
            rows[0].get::<_, i64>(0) == 1200
        })
        .await;
        let found = t
            .owner
            .get(&format!("{LEADS}?q=cod1199"))
            .await
            .expect(200)
            .json;
        assert_eq!(ids(&found).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_company_has_none_of_it() {
    let (app, tenants) = start().await;
    let [a, b] = tenants.as_slice() else { panic!() };
    let field = a.field("lead", "Só meu", "TEXT", json!({})).await;
    b.owner.get(&at(FIELDS, &field)).await.expect(404);
    let lead = b.lead(json!({"custom_fields": {"so_meu": "x"}})).await;
    assert_eq!(lead["custom_fields"], json!({}));
    // Two companies of one schema: each has its own of one key.
    let staff = app.staff().await;
    let third = app.ready(&staff, "outra", "SHARED_SCHEMA").await;
    let owner = app
        .member(&third, sindico_domain::access::Role::Owner)
        .await;
    let mine = json!({"kind": "lead", "label": "Cor", "type": "INTEGER"});
    b.field("lead", "Cor", "TEXT", json!({})).await;
    owner.post(FIELDS, mine).await.expect(201);
    let lead = owner
        .post(LEADS, json!({"source": "x", "custom_fields": {"cor": 7}}))
        .await
        .expect(201)
        .json;
    assert_eq!(lead["custom_fields"], json!({"cor": 7}));
    b.owner
        .post(&undo_path(999_999), json!({}))
        .await
        .expect(404);
}
