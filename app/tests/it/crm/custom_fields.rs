//! Custom fields: set up, written, asked for, found, merged, brought in and taken out, and taken back.

mod found;
mod pages;
mod setup;
mod ways;

use super::{ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, at, ids, refused_on, start};
use serde_json::{Value, json};
use sindico_testkit::Answer;

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

fn urlencode(tree: &Value) -> String {
    let text = tree.to_string();
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn until<F: Future<Output = bool>>(done: impl Fn() -> F) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !done().await {
        assert!(std::time::Instant::now() < end, "it never came about");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
