//! Sales goals: one a month for each member, and one for all.

use super::{GOALS, at, has, merged, refused_on, start, user_id};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_goal_for_each_month_and_assignee() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (member, manager) = (user_id(&t.member).await, user_id(&t.manager).await);
        let november = json!({"year": 2026, "month": 11, "amount": "5000"});
        let created = t.owner.post(GOALS, november.clone()).await.expect(201);
        let all = &created.json;
        has(
            all,
            &[
                "id",
                "year",
                "month",
                "assignee",
                "amount",
                "notes",
                "created_at",
                "updated_at",
            ],
        );
        assert_eq!(
            (&all["amount"], &all["assignee"]),
            (&json!("5000.00"), &json!(null))
        );
        assert_eq!(created.header("location"), at(GOALS, all));
        let mine = t
            .make(GOALS, merged(november.clone(), json!({"assignee": member})))
            .await;
        refused_on(
            &t.owner.post(GOALS, november.clone()).await,
            "month",
            "for all",
        );
        refused_on(
            &t.owner
                .post(GOALS, merged(november.clone(), json!({"assignee": member})))
                .await,
            "month",
            "for one",
        );
        let other = t
            .make(
                GOALS,
                merged(november.clone(), json!({"assignee": manager})),
            )
            .await;
        let december = t
            .make(GOALS, merged(november.clone(), json!({"month": 12})))
            .await;
        refused_on(
            &t.owner
                .patch(&at(GOALS, &december), json!({"month": 11}))
                .await,
            "month",
            "PATCH",
        );
        refused_on(
            &t.owner
                .patch(&at(GOALS, &other), json!({"assignee": member}))
                .await,
            "month",
            "PATCH of the assignee",
        );
        assert_eq!(
            t.owner.get(GOALS).await.expect(200).json,
            json!([december, other, mine, all]),
            "the latest first"
        );
        // In the bin it is in nobody's way, and can't come back while another has its place.
        t.delete(GOALS, &mine).await;
        let again = t
            .make(GOALS, merged(november.clone(), json!({"assignee": member})))
            .await;
        let restore = format!("{}restore/", at(GOALS, &mine));
        refused_on(&t.owner.post(&restore, json!({})).await, "month", "restore");
        t.delete(GOALS, &again).await;
        t.owner.post(&restore, json!({})).await.expect(200);
        for (change, field) in [
            (json!({"month": 0}), "month"),
            (json!({"month": 13}), "month"),
            (json!({"year": 1999}), "year"),
            (json!({"amount": "-0.01"}), "amount"),
            (json!({"amount": null}), "amount"),
            (json!({"assignee": 999_999_999}), "assignee"),
        ] {
            let body = merged(
                json!({"year": 2027, "month": 1, "amount": "1"}),
                change.clone(),
            );
            refused_on(&t.owner.post(GOALS, body).await, field, &change.to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_goals_made_at_once_one_is_refused() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let body = json!({"year": 2026, "month": 11, "amount": "5000"});
        let tries = (0..4).map(|_| t.owner.post(GOALS, body.clone()));
        let answers = futures_util::future::join_all(tries).await;
        let (made, lost): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 201);
        assert_eq!(made.len(), 1, "{answers:?}");
        lost.iter()
            .for_each(|answer| refused_on(answer, "month", "twice"));
    }
}
