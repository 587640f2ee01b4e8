//! Leads: their shape, their order, and the moves of their status on every path.

use super::{LEADS, at, has, ids, merged, refused, refused_on, start};
use serde_json::json;
use sindico_domain::crm::LeadStatus;

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_has_the_contracts_fields_and_the_newest_comes_first() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let created = t
            .owner
            .post(LEADS, json!({"source": "Indicação"}))
            .await
            .expect(201);
        let lead = &created.json;
        has(
            lead,
            &[
                "id",
                "source",
                "customer",
                "status",
                "notes",
                "created_at",
                "updated_at",
            ],
        );
        assert_eq!(
            (&lead["status"], &lead["source"]),
            (&json!("NEW"), &json!("Indicação"))
        );
        assert_eq!(
            (&lead["customer"], &lead["notes"]),
            (&json!(null), &json!(""))
        );
        assert_eq!(created.header("location"), at(LEADS, lead));
        let read = t.member.get(&at(LEADS, lead)).await.expect(200);
        assert_eq!(
            (read.json.clone(), read.header("etag")),
            (lead.clone(), created.header("etag"))
        );

        let second = t.lead(json!({})).await;
        let third = t.lead(json!({})).await;
        let list = t.member.get(LEADS).await.expect(200).json;
        let expected = [&third, &second, lead].map(|lead| lead["id"].as_i64().unwrap());
        assert_eq!(ids(&list), expected);
        assert_eq!(list[2], *lead, "a list shows what a record shows");

        for (body, field) in [
            (json!({}), "source"),
            (json!({"source": " "}), "source"),
            (json!({"source": "x".repeat(101)}), "source"),
            (json!({"source": "x", "status": "OPEN"}), "status"),
            (json!({"source": "x", "score": 101}), "score"),
            (json!({"source": "x", "budget": "-1"}), "budget"),
            (
                json!({"source": "x", "document": "529.982.247-26"}),
                "document",
            ),
        ] {
            refused_on(
                &t.owner.post(LEADS, body.clone()).await,
                field,
                &body.to_string(),
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moves_of_a_status_hold_by_put_patch_and_action() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for &from in LeadStatus::ALL {
            for &to in LeadStatus::ALL {
                let what = format!("{} {from} -> {to}", t.model);
                let allowed = from == to || from.next().contains(&to);
                let body = json!({"source": "site", "status": to.as_str()});
                for method in ["PATCH", "PUT"] {
                    let lead = t.lead(json!({"status": from.as_str()})).await;
                    let path = at(LEADS, &lead);
                    let answer = match method {
                        "PUT" => t.owner.put(&path, body.clone()).await,
                        _ => t.owner.patch(&path, json!({"status": to.as_str()})).await,
                    };
                    if allowed {
                        assert_eq!(answer.expect(200).json["status"], to.as_str(), "{what}");
                    } else {
                        refused_on(&answer, "status", &what);
                        assert_eq!(t.read(LEADS, &lead).await, lead, "{what}");
                    }
                }
            }
            for (action, to) in [
                ("qualify", LeadStatus::Qualified),
                ("disqualify", LeadStatus::Disqualified),
                ("convert", LeadStatus::Converted),
            ] {
                let what = format!("{} {from} {action}", t.model);
                let customer = t.customer().await;
                let lead = json!({"status": from.as_str(), "customer": customer["id"]});
                let lead = t.lead(lead).await;
                let path = format!("{}{action}/", at(LEADS, &lead));
                let answer = t.owner.post(&path, json!({})).await;
                if !from.next().contains(&to) {
                    refused(&answer, &what);
                    assert_eq!(t.read(LEADS, &lead).await, lead, "{what}");
                } else if action == "convert" {
                    assert_eq!(answer.expect(201).json["lead"]["status"], to.as_str());
                } else {
                    assert_eq!(answer.expect(200).json["status"], to.as_str(), "{what}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_kept_and_a_put_needs_what_a_lead_must_have() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({"notes": "ligar", "name": "Ana"})).await;
        let path = at(LEADS, &lead);
        refused_on(
            &t.owner.put(&path, json!({"notes": "x"})).await,
            "source",
            "PUT",
        );
        let same = merged(
            lead.clone(),
            json!({"id": 7, "created_at": "x", "unknown": {}}),
        );
        let answer = t.owner.put(&path, same).await.expect(200);
        assert_eq!(
            answer.json, lead,
            "what was read may be sent back, and changes nothing"
        );
        let reason = json!({"disqualification_reason": "Sem verba"});
        let gone = t
            .owner
            .post(&format!("{path}disqualify/"), reason)
            .await
            .expect(200);
        assert_eq!(gone.json["disqualification_reason"], "Sem verba");
        assert_eq!(gone.json["status"], "DISQUALIFIED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_tells_its_activities_and_what_became_of_it() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let lead = t
            .lead(json!({"status": "QUALIFIED", "customer": customer["id"]}))
            .await;
        let mut calls = Vec::new();
        for title in ["Ligar", "Visitar", "Apagada"] {
            let body = json!({"title": title, "lead": lead["id"]});
            calls.push(t.make(super::ACTIVITIES, body).await);
        }
        t.delete(super::ACTIVITIES, &calls[2]).await;
        t.lead(json!({})).await;
        let path = at(LEADS, &lead);
        let made = t
            .owner
            .post(&format!("{path}convert/"), json!({}))
            .await
            .expect(201)
            .json;
        let history = t
            .member
            .get(&format!("{path}history/"))
            .await
            .expect(200)
            .json;
        assert_eq!(history["lead"], made["lead"]);
        assert_eq!(history["activities"], json!([calls[1], calls[0]]));
        assert_eq!(
            history["converted_opportunities"],
            json!([made["opportunity"]])
        );
        assert_eq!(history.as_object().unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_writes_a_lead_as_json_does() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let form = |method: reqwest::Method, path: String, fields: &[(&str, String)]| {
            let body: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
                .collect();
            let request = t
                .owner
                .request(method, &path)
                .header("content-type", "application/x-www-form-urlencoded");
            t.owner.send(request.body(body.join("&")))
        };
        let fields = [
            ("source", "feira livre".to_owned()),
            ("customer", customer["id"].to_string()),
            ("score", "7".to_owned()),
            ("tags", "vip,sp".to_owned()),
            ("budget", "10.5".to_owned()),
            ("name", String::new()),
        ];
        let lead = form(reqwest::Method::POST, LEADS.to_owned(), &fields)
            .await
            .expect(201)
            .json;
        let read = [
            &lead["source"],
            &lead["customer"],
            &lead["score"],
            &lead["tags"],
            &lead["budget"],
            &lead["name"],
        ];
        assert_eq!(
            read,
            [
                &json!("feira livre"),
                &customer["id"],
                &json!(7),
                &json!(["vip", "sp"]),
                &json!("10.50"),
                &json!("")
            ]
        );
        let nothing = [
            ("customer", String::new()),
            ("score", String::new()),
            ("tags", String::new()),
            ("budget", String::new()),
        ];
        let lead = form(reqwest::Method::PATCH, at(LEADS, &lead), &nothing)
            .await
            .expect(200)
            .json;
        let read = [
            &lead["source"],
            &lead["customer"],
            &lead["score"],
            &lead["tags"],
            &lead["budget"],
        ];
        assert_eq!(
            read,
            [
                &json!("feira livre"),
                &json!(null),
                &json!(null),
                &json!([]),
                &json!(null)
            ]
        );
    }
}
