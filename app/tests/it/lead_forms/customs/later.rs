//! What becomes of a form's fields, and of what waits, when the company's fields change.

use super::super::{PATH, World, entries, send, world};
use super::{DEFINITIONS, MODELS, asking, field, guest, leads, sizes, told};
use serde_json::json;
use sindico_testkit::Answer;

fn set_of(answer: &Answer) -> i64 {
    answer.header("x-change-set").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_outlives_its_fields() {
    for model in MODELS {
        let World {
            app: _app,
            owner,
            visitor,
            ..
        } = world(model).await;
        let guest = guest(&visitor);
        let size = field(&owner, "Tamanho", "CHOICE", sizes()).await;
        let city = field(&owner, "Cidade", "TEXT", json!({})).await;
        let (made, path) = asking(
            &owner,
            &["custom.tamanho", "custom.cidade"],
            &["custom.tamanho"],
        )
        .await;
        let (_, other) = asking(&owner, &[], &[]).await;
        let own = format!("{PATH}{}/", made["id"]);
        // Of another kind, or not there: not to be asked for.
        field(&owner, "Só daqui", "TEXT", json!({"kind": "customer"})).await;
        for name in [
            "custom.so_daqui",
            "custom.nada",
            "custom.",
            "custom.TAMANHO",
            "custom_fields",
            "owner",
        ] {
            let refused = owner
                .patch(&own, json!({"fields": ["email", name]}))
                .await
                .expect(400);
            assert!(
                refused.json["fields"].is_array(),
                "{name}: {}",
                refused.text
            );
        }
        // What is deleted is not asked for, and what is sent for it all the same is not kept.
        let definition = format!("{DEFINITIONS}{}/", size["id"]);
        let gone = owner.call("DELETE", &definition).await.expect(204);
        let page = guest.get(&path).await.expect(200).text;
        assert!(
            !page.contains("Tamanho") && page.contains("Cidade"),
            "{page}"
        );
        guest
            .post(&path, told(json!({"tamanho": "G", "cidade": "Itu"})))
            .await
            .expect(201);
        assert_eq!(
            leads(&owner).await[0]["custom_fields"],
            json!({"cidade": "Itu"})
        );
        // Whoever reads the form and writes it back changes nothing by that.
        let read = owner.get(&own).await.expect(200).json;
        assert_eq!(
            read["fields"],
            json!(["email", "custom.tamanho", "custom.cidade"])
        );
        let back = json!({"fields": read["fields"], "required": read["required"]});
        assert_eq!(
            owner.patch(&own, back).await.expect(200).json["fields"],
            read["fields"]
        );
        // Nor is an edit from before lost.
        owner
            .patch(&own, json!({"fields": ["email"]}))
            .await
            .expect(200);
        let undone = owner
            .post(&format!("{own}undo/"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&undone["fields"], &undone["required"]),
            (&read["fields"], &json!(["custom.tamanho"]))
        );
        let undo = format!("/api/changes/{}/undo/", set_of(&gone));
        owner.post(&undo, json!({})).await.expect(200);
        assert!(guest.get(&path).await.expect(200).text.contains("Tamanho"));
        let refused = guest
            .post(&path, told(json!({"cidade": "Itu"})))
            .await
            .expect(400);
        assert!(
            refused.json["custom_fields"]["tamanho"].is_array(),
            "{}",
            refused.text
        );

        // What all leads must have by now, this form has to be told; one that does not ask for it is not stopped by it,
        // nor is anybody asked for what some roles must tell.
        let definition = format!("{DEFINITIONS}{}/", city["id"]);
        owner
            .patch(&definition, json!({"required_roles": ["OWNER"]}))
            .await
            .expect(200);
        guest
            .post(&path, told(json!({"tamanho": "P"})))
            .await
            .expect(201);
        owner
            .patch(&definition, json!({"required": true}))
            .await
            .expect(200);
        let refused = guest
            .post(&path, told(json!({"tamanho": "P"})))
            .await
            .expect(400);
        assert!(
            refused.json["custom_fields"]["cidade"].is_array(),
            "{}",
            refused.text
        );
        guest
            .post(&other, told(json!({"cidade": "Itu"})))
            .await
            .expect(201);
        assert_eq!(leads(&owner).await[0]["custom_fields"], json!({}));
        // An option that is retired is offered and taken no more.
        let retired = json!({"options": [{"value": "P", "label": "Pequeno", "retired": true}, {"value": "G", "label": "Grande"}]});
        let definition = format!("{DEFINITIONS}{}/", size["id"]);
        owner.patch(&definition, retired).await.expect(200);
        assert!(!guest.get(&path).await.expect(200).text.contains("Pequeno"));
        let refused = guest
            .post(&path, told(json!({"tamanho": "P", "cidade": "Itu"})))
            .await
            .expect(400);
        assert!(
            refused.json["custom_fields"]["tamanho"].is_array(),
            "{}",
            refused.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_keeps_its_fields() {
    for model in MODELS {
        let World {
            app: _app,
            owner,
            visitor,
            ..
        } = world(model).await;
        let size = field(&owner, "Tamanho", "CHOICE", sizes()).await;
        let gone = field(&owner, "Passado", "TEXT", json!({})).await;
        field(&owner, "Valor", "DECIMAL", json!({})).await;
        field(&owner, "Recado", "LONG_TEXT", json!({})).await;
        let names = [
            "custom.tamanho",
            "custom.passado",
            "custom.valor",
            "custom.recado",
        ];
        let (made, path) = asking(&owner, &names, &[]).await;
        let guest = guest(&visitor).without("origin");
        let typed = [
            ("name", "Ana"),
            ("email", "ana@example.com"),
            ("custom_fields.tamanho", "P"),
            ("custom_fields.passado", "ontem"),
            ("custom_fields.valor", "1.299,90"),
            ("custom_fields.recado", "http://a http://b https://c"),
        ];
        send(&guest, &path, &typed).await.expect(200);
        let entry = entries(&owner, &made).await.remove(0);
        assert_eq!(entry["suspicions"], json!(["UNKNOWN_ORIGIN", "LINKS"]));
        let waits = json!({"tamanho": "P", "passado": "ontem", "valor": "1299.90", "recado": "http://a http://b https://c"});
        assert_eq!(entry["sent"]["custom_fields"], waits);
        let page = owner
            .get(&format!("/settings/forms/{}/", made["id"]))
            .await
            .expect(200)
            .text;
        assert!(
            page.contains("Pequeno &lt;b&gt;") && page.contains("1.299,90"),
            "{page}"
        );
        // Whoever looks later takes what can be kept by then.
        let definition = format!("{DEFINITIONS}{}/", gone["id"]);
        owner.call("DELETE", &definition).await.expect(204);
        let retired = json!({"options": [{"value": "P", "label": "Pequeno", "retired": true}, {"value": "G", "label": "Grande"}]});
        let definition = format!("{DEFINITIONS}{}/", size["id"]);
        owner.patch(&definition, retired).await.expect(200);
        owner
            .patch(
                &format!("{PATH}{}/", made["id"]),
                json!({"fields": ["email"]}),
            )
            .await
            .expect(200);
        let accept = format!("/api/lead-form-entries/{}/accept/", entry["id"]);
        let accepted = owner.post(&accept, json!({})).await.expect(200).json;
        assert_eq!(
            (&accepted["state"], &accepted["sent"]),
            (&json!("LEAD"), &json!({}))
        );
        let kept =
            json!({"tamanho": "P", "valor": "1299.90", "recado": "http://a http://b https://c"});
        assert_eq!(leads(&owner).await[0]["custom_fields"], kept);
    }
}
