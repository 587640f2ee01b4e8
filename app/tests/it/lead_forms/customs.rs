//! Forms that ask for the company's own fields of leads.

mod later;

use super::{PATH, World, form, send, world};
use serde_json::{Value, json};
use sindico_testkit::Client;

const DEFINITIONS: &str = "/api/custom-fields/";
const SITE: &str = "https://site.example";
const MODELS: [&str; 2] = ["DATABASE_PER_TENANT", "SHARED_SCHEMA"];

/// Makes a custom field of leads.
async fn field(owner: &Client, label: &str, ty: &str, more: Value) -> Value {
    let mut body = json!({"kind": "lead", "label": label, "type": ty});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    owner.post(DEFINITIONS, body).await.expect(201).json
}

fn sizes() -> Value {
    json!({"options": [{"value": "P", "label": "Pequeno <b>"}, {"value": "G", "label": "Grande"}]})
}

/// A form that sites may send, with these fields beside the e-mail address.
async fn asking(owner: &Client, fields: &[&str], required: &[&str]) -> (Value, String) {
    let mut all = vec!["email"];
    all.extend(fields);
    let more = json!({"fields": all, "required": required, "origins": [SITE]});
    form(owner, more).await
}

/// Whoever comes from the company's own site, and reads Portuguese.
fn guest(visitor: &Client) -> Client {
    visitor
        .with("origin", SITE)
        .with("accept-language", "pt-BR")
}

/// What a person tells beside.
fn told(customs: Value) -> Value {
    json!({"name": "Ana", "email": "ana@example.com", "custom_fields": customs})
}

async fn leads(owner: &Client) -> Vec<Value> {
    let list = owner.get("/api/leads/?sort=-created_at").await.expect(200);
    list.json.as_array().unwrap().clone()
}

/// All types, by the keys that they get of their labels.
async fn of_all_types(owner: &Client) -> Vec<String> {
    let types = [
        "TEXT",
        "LONG_TEXT",
        "INTEGER",
        "DECIMAL",
        "DATE",
        "BOOLEAN",
        "CHOICE",
        "MULTI_CHOICE",
        "URL",
        "EMAIL",
        "PHONE",
    ];
    let mut names = Vec::new();
    for ty in types {
        let more = if ty.contains("CHOICE") {
            sizes()
        } else {
            json!({})
        };
        let made = field(owner, ty, ty, more).await;
        names.push(format!("custom.{}", made["key"].as_str().unwrap()));
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_asks_for_fields_of_every_type() {
    for model in MODELS {
        let World {
            app: _app,
            owner,
            visitor,
            ..
        } = world(model).await;
        let names = of_all_types(&owner).await;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (made, path) = asking(&owner, &names, &["custom.integer", "custom.multi_choice"]).await;
        assert_eq!(made["fields"].as_array().unwrap().len(), 12);
        let guest = guest(&visitor);
        let page = guest.get(&path).await.expect(200).text;
        for part in [
            "name=\"custom_fields.text\"",
            "maxlength=\"255\"",
            "<textarea id=\"f-custom_fields.long_text\"",
            "maxlength=\"5000\"",
            "for=\"f-custom_fields.integer\"",
            "type=\"date\"",
            "<option value=\"true\">Sim</option>",
            "<option value=\"P\">Pequeno &lt;b&gt;</option>",
            "name=\"custom_fields.multi_choice.G\"",
            "type=\"tel\"",
            "(obrigatório)",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains("Pequeno <b>"));
        // As people type it here.
        let typed = [
            ("name", "Ana"),
            ("email", "ana@example.com"),
            ("custom_fields.text", " azul "),
            ("custom_fields.long_text", "a\nb"),
            ("custom_fields.integer", "42"),
            ("custom_fields.decimal", "1.299,90"),
            ("custom_fields.date", "27/11/2026"),
            ("custom_fields.boolean", "false"),
            ("custom_fields.choice", "G"),
            ("custom_fields.multi_choice.", ""),
            ("custom_fields.multi_choice.G", "1"),
            ("custom_fields.multi_choice.P", "1"),
            ("custom_fields.url", "https://example.com/"),
            ("custom_fields.email", "bia@example.com"),
            ("custom_fields.phone", "(11) 98765-4321"),
        ];
        send(&guest, &path, &typed).await.expect(200);
        let kept = json!({"text": "azul", "long_text": "a\nb", "integer": 42, "decimal": "1299.90", "date": "2026-11-27",
            "boolean": false, "choice": "G", "multi_choice": ["P", "G"], "url": "https://example.com/",
            "email": "bia@example.com", "phone": "(11) 98765-4321"});
        let lead = leads(&owner).await.remove(0);
        assert_eq!(lead["custom_fields"], kept);
        // As programs send it; what they name besides is nobody's business.
        let mut more = kept.clone();
        more["nada"] = json!({"a": [1]});
        guest.post(&path, told(more)).await.expect(201);
        assert_eq!(leads(&owner).await[0]["custom_fields"], kept);
        // What is told is written down as any other write.
        let timeline = format!("/api/leads/{}/timeline/", lead["id"]);
        let timeline = owner.get(&timeline).await.expect(200).json;
        assert_eq!(timeline[0]["after"]["custom.decimal"], "1299.90");
        // Only what has to be told has to.
        let least = json!({"integer": "7", "multi_choice": ["P"]});
        guest.post(&path, told(least)).await.expect(201);
        let least = json!({"integer": 7, "multi_choice": ["P"]});
        assert_eq!(leads(&owner).await[0]["custom_fields"], least);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_told_beside_their_fields() {
    let World {
        app: _app,
        owner,
        visitor,
        ..
    } = world("DATABASE_PER_TENANT").await;
    let names = of_all_types(&owner).await;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (_, path) = asking(&owner, &names, &["custom.choice"]).await;
    let guest = guest(&visitor);
    let odd = json!({"text": "x".repeat(256), "long_text": "x".repeat(5_001), "integer": "muitos", "decimal": "1,5",
        "date": "2026-02-30", "boolean": "talvez", "choice": "M", "multi_choice": ["P", "M"], "url": "javascript:alert(1)",
        "email": "ninguém", "phone": "9".repeat(41)});
    let refused = guest.post(&path, told(odd.clone())).await.expect(400).json;
    let told_of: Vec<&String> = refused["custom_fields"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    let wrong: Vec<&String> = odd.as_object().unwrap().keys().collect();
    assert_eq!(told_of, wrong, "{refused}");
    // Shapes that are none.
    let deep = json!({"text": {"a": {"b": []}}, "integer": [1], "choice": {"P": 1}, "date": true, "boolean": [], "multi_choice": {"P": 1}});
    let refused = guest.post(&path, told(deep)).await.expect(400).json;
    assert_eq!(
        refused["custom_fields"].as_object().unwrap().len(),
        6,
        "{refused}"
    );
    for shape in [
        json!([]),
        json!("x"),
        json!(7),
        json!("{\"choice\": \"P\"}"),
    ] {
        let refused = guest.post(&path, told(shape)).await.expect(400).json;
        assert!(refused["custom_fields"].is_array(), "{refused}");
    }
    let null = guest
        .post(&path, told(json!({"choice": "P", "text": "a\u{0}b"})))
        .await
        .expect(400);
    assert!(
        null.json["custom_fields"]["text"].is_array(),
        "{}",
        null.text
    );
    assert!(leads(&owner).await.is_empty());

    // On the page: beside the field, with what was typed.
    let (_, path) = asking(&owner, &names, &["custom.choice", "custom.multi_choice"]).await;
    let typed = [
        ("name", ""),
        ("email", "ana@example.com"),
        ("custom_fields.text", "\"><script>x"),
        ("custom_fields.decimal", "um e meio"),
        ("custom_fields.date", "ontem"),
        ("custom_fields.boolean", "true"),
        ("custom_fields.choice", ""),
        ("custom_fields.multi_choice.", ""),
    ];
    let page = send(&guest, &path, &typed).await.expect(400).text;
    for part in [
        "value=\"&quot;&gt;&lt;script&gt;x\"",
        "value=\"um e meio\"",
        "<option value=\"true\" selected>",
        "id=\"f-custom_fields.decimal-error\"",
        "aria-describedby=\"f-custom_fields.date-error\"",
        "id=\"f-custom_fields.choice-error\"",
        "id=\"f-custom_fields.multi_choice-error\"",
        "id=\"f-name-error\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script"));
    let ticked = [
        ("name", "Ana"),
        ("email", "nobody"),
        ("custom_fields.multi_choice.P", "1"),
        ("custom_fields", "x"),
        ("custom_fields.", "x"),
        ("custom_fields..", "x"),
        ("custom_fields.multi_choice.Z", "1"),
    ];
    let page = send(&guest, &path, &ticked).await.expect(400).text;
    assert!(page.contains("Erro"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_set_up_on_its_page() {
    let World {
        app: _app,
        owner,
        visitor,
        ..
    } = world("DATABASE_PER_TENANT").await;
    field(&owner, "Tamanho <i>", "CHOICE", sizes()).await;
    field(&owner, "De cliente", "TEXT", json!({"kind": "customer"})).await;
    let page = owner.get("/settings/forms/").await.expect(200).text;
    assert!(
        page.contains("name=\"fields.custom.tamanho_i\"") && page.contains("Tamanho &lt;i&gt;"),
        "{page}"
    );
    assert!(!page.contains("De cliente"));
    let base = [
        ("title", "Fale"),
        ("source", "site"),
        ("active", "on"),
        ("fields.phone", ""),
        ("fields.notes", "optional"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let nobody = with(&[
        ("fields.email", ""),
        ("fields.custom.tamanho_i", "required"),
    ]);
    let page = send(&owner, "/settings/forms/", &nobody)
        .await
        .expect(400)
        .text;
    assert!(
        page.contains("<option value=\"required\" selected>"),
        "{page}"
    );
    let right = with(&[
        ("fields.email", "required"),
        ("fields.custom.tamanho_i", "required"),
        ("fields.custom.nada", ""),
    ]);
    let made = send(&owner, "/settings/forms/", &right).await.expect(303);
    let page = owner.get(made.header("location")).await.expect(200).text;
    assert_eq!(
        page.matches("<option value=\"required\" selected>").count(),
        2,
        "{page}"
    );
    let form = owner.get(PATH).await.expect(200).json[0].clone();
    assert_eq!(
        form["fields"],
        json!(["email", "notes", "custom.tamanho_i"])
    );
    assert_eq!(form["required"], json!(["custom.tamanho_i", "email"]));
    let public = visitor
        .get(&format!("/f/{}/", form["key"].as_str().unwrap()))
        .await
        .expect(200)
        .text;
    assert!(public.contains("Tamanho &lt;i&gt;"), "{public}");
}
