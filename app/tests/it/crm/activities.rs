//! Activities: what they are about, when they are due, who does them, and what can be done with them.

use super::{
    ACTIVITIES, Tenant, at, has, ids, merged, refused, refused_on, start, start_at, user_id,
};
use serde_json::{Value, json};

async fn task(t: &Tenant, more: Value) -> Value {
    let lead = t.lead(json!({})).await;
    t.make(
        ACTIVITIES,
        merged(json!({"title": "Ligar", "lead": lead["id"]}), more),
    )
    .await
}

async fn act(t: &Tenant, activity: &Value, action: &str) -> Value {
    let path = format!("{}{action}/", at(ACTIVITIES, activity));
    t.owner.post(&path, json!({})).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_has_the_contracts_fields_and_what_is_due_first_comes_first() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let made = task(t, json!({"assigned_to": user_id(&t.member).await})).await;
        has(
            &made,
            &[
                "id",
                "kind",
                "title",
                "description",
                "status",
                "priority",
                "due_at",
                "reminder_at",
                "reminder_sent",
                "sla_hours",
                "sla_due_at",
                "completed_at",
                "lead",
                "opportunity",
                "assigned_to",
                "assigned_to_username",
                "created_by",
                "created_by_username",
                "is_overdue",
                "is_sla_breached",
                "created_at",
                "updated_at",
            ],
        );
        assert_eq!(
            (&made["kind"], &made["status"], &made["priority"]),
            (&json!("TASK"), &json!("PENDING"), &json!("MEDIUM"))
        );
        assert_eq!(made["created_by"], user_id(&t.owner).await);
        assert!(
            made["created_by_username"]
                .as_str()
                .unwrap()
                .starts_with("owner-")
        );
        assert!(
            made["assigned_to_username"]
                .as_str()
                .unwrap()
                .starts_with("member-")
        );
        assert_eq!(
            (&made["is_overdue"], &made["is_sla_breached"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(t.read(ACTIVITIES, &made).await, made);
        let late = task(t, json!({"due_at": "2026-12-02T10:00:00Z"})).await;
        let soon = task(t, json!({"due_at": "2026-12-01T10:00:00Z"})).await;
        let list = t.member.get(ACTIVITIES).await.expect(200).json;
        assert_eq!(list, json!([soon, late, made]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_about_a_lead_or_an_opportunity() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let answer = t.owner.post(ACTIVITIES, json!({"title": "x"})).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.json["lead"].is_array() && answer.json["opportunity"].is_array(),
            "{}",
            answer.text
        );
        let (lead, sale) = (t.lead(json!({})).await, t.sale(json!({})).await);
        for body in [
            json!({"title": "x", "lead": lead["id"]}),
            json!({"title": "x", "opportunity": sale["id"]}),
            json!({"title": "x", "lead": lead["id"], "opportunity": sale["id"]}),
        ] {
            let made = t.make(ACTIVITIES, body).await;
            let path = at(ACTIVITIES, &made);
            let nothing = json!({"lead": null, "opportunity": null});
            t.owner.patch(&path, nothing.clone()).await.expect(400);
            t.owner
                .put(&path, merged(nothing, json!({"title": "x"})))
                .await
                .expect(400);
            assert_eq!(t.read(ACTIVITIES, &made).await, made);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_does_not_come_after_it_is_due() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({})).await;
        let body = json!({"title": "x", "lead": lead["id"], "due_at": "2026-12-01T10:00:00Z", "reminder_at": "2026-12-01T10:00:00.001Z"});
        refused_on(&t.owner.post(ACTIVITIES, body).await, "reminder_at", "POST");
        // The same instant, written for another place.
        let made = task(
            t,
            json!({"due_at": "2026-12-01T10:00:00Z", "reminder_at": "2026-12-01T07:00:00-03:00"}),
        )
        .await;
        assert_eq!(made["reminder_at"], "2026-12-01T10:00:00Z");
        let path = at(ACTIVITIES, &made);
        refused_on(
            &t.owner
                .patch(&path, json!({"due_at": "2026-12-01T09:59:59Z"}))
                .await,
            "reminder_at",
            "PATCH",
        );
        refused_on(
            &t.owner
                .put(
                    &path,
                    merged(made.clone(), json!({"reminder_at": "2026-12-02T00:00:00Z"})),
                )
                .await,
            "reminder_at",
            "PUT",
        );
        task(t, json!({"reminder_at": "2026-12-01T10:00:00Z"})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_set_when_it_must_be_done_and_nothing_else_moves_that() {
    let (_app, tenants) = start_at(|| "2020-01-01T00:00:00Z".parse().unwrap()).await;
    for t in &tenants {
        let made = task(t, json!({"sla_hours": 5, "due_at": "2020-01-01T00:00:00Z"})).await;
        assert_eq!(made["sla_due_at"], "2020-01-01T05:00:00Z");
        assert_eq!(
            (&made["is_overdue"], &made["is_sla_breached"]),
            (&json!(true), &json!(true))
        );
        let path = at(ACTIVITIES, &made);
        let same = t
            .owner
            .patch(
                &path,
                json!({"sla_hours": 5, "sla_due_at": "2099-01-01T00:00:00Z"}),
            )
            .await
            .expect(200);
        assert_eq!(same.json, made, "what changes nothing is no change");
        let other = t
            .owner
            .patch(&path, json!({"title": "Outro"}))
            .await
            .expect(200)
            .json;
        assert_eq!(other["sla_due_at"], made["sla_due_at"]);
        let longer = t
            .owner
            .patch(&path, json!({"sla_hours": 8760}))
            .await
            .expect(200)
            .json;
        assert_ne!(longer["sla_due_at"], made["sla_due_at"]);
        assert_eq!(
            longer["is_sla_breached"], false,
            "a year after its creation is not over"
        );
        let none = t
            .owner
            .patch(&path, json!({"sla_hours": null}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&none["sla_due_at"], &none["is_sla_breached"]),
            (&json!(null), &json!(false))
        );
        for hours in [json!(0), json!(8761), json!("x"), json!(1.5)] {
            refused_on(
                &t.owner.patch(&path, json!({"sla_hours": hours})).await,
                "sla_hours",
                "hours",
            );
        }
        // Done in time, by the server's clock.
        let made = task(t, json!({"sla_hours": 1})).await;
        let done = act(t, &made, "complete").await;
        assert_eq!(
            (&done["completed_at"], &done["is_sla_breached"]),
            (&json!("2020-01-01T00:00:00Z"), &json!(false))
        );
        assert_eq!(done["is_overdue"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_completed_reopened_and_reminded_of() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let made = task(t, json!({"reminder_at": "2026-11-23T11:00:00Z", "reminder_sent": true, "completed_at": "2026-01-01T00:00:00Z"})).await;
        assert_eq!(
            (&made["reminder_sent"], &made["completed_at"]),
            (&json!(false), &json!(null)),
            "the rules write these"
        );
        let reminded = act(t, &made, "mark-reminded").await;
        assert_eq!(reminded["reminder_sent"], true);
        let later = t
            .owner
            .patch(
                &at(ACTIVITIES, &made),
                json!({"reminder_at": "2026-11-23T11:30:00Z"}),
            )
            .await
            .expect(200);
        assert_eq!(
            later.json["reminder_sent"], false,
            "another reminder is to be given again"
        );
        let path = format!("{}complete/", at(ACTIVITIES, &made));
        let done = t
            .owner
            .post(&path, json!({"outcome": "Comprou", "duration_minutes": 12}))
            .await
            .expect(200);
        assert_eq!(
            (
                &done.json["status"],
                &done.json["outcome"],
                &done.json["duration_minutes"]
            ),
            (&json!("DONE"), &json!("Comprou"), &json!(12))
        );
        assert_eq!(done.json["completed_at"], "2026-11-23T12:00:00Z");
        let again = t.owner.post(&path, json!({})).await.expect(200);
        assert_eq!(
            (again.json, again.headers["etag"].clone()),
            (done.json.clone(), done.headers["etag"].clone())
        );
        let open = act(t, &made, "reopen").await;
        assert_eq!(
            (&open["status"], &open["completed_at"]),
            (&json!("PENDING"), &json!(null))
        );
        t.owner
            .patch(&at(ACTIVITIES, &made), json!({"status": "CANCELED"}))
            .await
            .expect(200);
        refused(&t.owner.post(&path, json!({})).await, "a canceled one");
        assert_eq!(act(t, &made, "reopen").await["status"], "PENDING");
        // By PATCH the same rules hold.
        let done = t
            .owner
            .patch(&at(ACTIVITIES, &made), json!({"status": "DONE"}))
            .await
            .expect(200)
            .json;
        assert_eq!(done["completed_at"], "2026-11-23T12:00:00Z");
        let bare = task(t, json!({})).await;
        refused(
            &t.owner
                .post(
                    &format!("{}mark-reminded/", at(ACTIVITIES, &bare)),
                    json!({}),
                )
                .await,
            "no reminder",
        );
        t.member.post(&path, json!({})).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_are_those_pending_due_and_not_given_yet() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let member = user_id(&t.member).await;
        let second = task(t, json!({"reminder_at": "2026-11-23T12:00:00Z"})).await;
        let first = task(
            t,
            json!({"reminder_at": "2026-11-23T11:59:59Z", "assigned_to": member}),
        )
        .await;
        let third = task(t, json!({"reminder_at": "2026-11-23T12:00:00Z"})).await;
        task(t, json!({"reminder_at": "2026-11-23T12:00:00.001Z"})).await;
        task(t, json!({})).await;
        task(
            t,
            json!({"reminder_at": "2026-11-23T11:00:00Z", "status": "DONE"}),
        )
        .await;
        let given = task(t, json!({"reminder_at": "2026-11-23T11:00:00Z"})).await;
        act(t, &given, "mark-reminded").await;
        let gone = task(t, json!({"reminder_at": "2026-11-23T11:00:00Z"})).await;
        t.delete(ACTIVITIES, &gone).await;
        let path = format!("{ACTIVITIES}reminders/");
        let due = t.member.get(&path).await.expect(200).json;
        assert_eq!(due, json!([first, second, third]));
        assert_eq!(
            super::walk(&t.member, &format!("{path}?limit=1")).await,
            ids(&due)
        );
        let mine = t
            .member
            .get(&format!("{path}?assigned_to={member}"))
            .await
            .expect(200)
            .json;
        assert_eq!(mine, json!([first]));
        refused_on(
            &t.member.get(&format!("{path}?assigned_to=me")).await,
            "assigned_to",
            "no id",
        );
    }
}
