//! What no call can do: take a seat too many, lock the last owner out, reach over a wall.

use super::{PATH, find, named, one, owner, start};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sindico_testkit::{Client, TestApp};

/// Active owners in the list.
async fn owners(caller: &Client) -> usize {
    let list = caller.get(PATH).await.expect(200).json;
    let all = list["results"].as_array().unwrap().iter();
    all.filter(|m| m["role"] == "OWNER" && m["is_active"] == true)
        .count()
}

async fn seats(app: &TestApp, tenant: &Value, seats: i32) {
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let body = json!({"contract": {"seats": seats}});
    app.staff().await.patch(&path, body).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_seat_too_many() {
    let (app, tenant, ana) = start().await;
    seats(&app, &tenant, 6).await;
    let names: Vec<String> = (0..20).map(|i| format!("user{i}")).collect();
    for name in &names {
        app.user(name, false, false).await;
    }
    let calls = names
        .iter()
        .map(|name| ana.post(PATH, json!({"username": name})));
    let answers = join_all(calls).await;
    let added = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(added, 5);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        named(answer, &["non_field_errors"]);
    }
    let list = ana.get(PATH).await.expect(200).json;
    let list = list["results"].as_array().unwrap();
    assert_eq!(list.iter().filter(|m| m["is_active"] == true).count(), 6);

    // Only what takes one more seat is refused.
    let inactive = names
        .iter()
        .find(|name| list.iter().all(|m| m["username"] != **name));
    let body = json!({"username": inactive, "is_active": false});
    let waiting = ana.post(PATH, body).await.expect(201).json;
    named(
        ana.patch(&one(&waiting), json!({"is_active": true})).await,
        &["non_field_errors"],
    );
    named(
        ana.post(PATH, json!({"username": inactive})).await,
        &["non_field_errors"],
    );
    ana.patch(&one(&waiting), json!({"role": "MANAGER"}))
        .await
        .expect(200);
    let seated = list.iter().find(|m| m["role"] == "MEMBER").unwrap();
    ana.patch(&one(seated), json!({"role": "MANAGER", "is_active": true}))
        .await
        .expect(200);
    // A contract with fewer seats sends nobody away.
    seats(&app, &tenant, 1).await;
    ana.patch(&one(seated), json!({"role": "MEMBER"}))
        .await
        .expect(200);
    ana.call("DELETE", &one(seated)).await.expect(204);
    named(
        ana.patch(&one(seated), json!({"is_active": true})).await,
        &["non_field_errors"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_locks_the_last_owner_out() {
    let (app, tenant, ana) = start().await;
    let code = tenant["tenant_code"].as_str().unwrap();
    let root = app.superuser().await.tenant(code);
    let me = find(&ana, "ana").await;
    // Neither themself nor a superuser: with another owner the caller's own rule holds still.
    for with_another in [false, true] {
        if with_another {
            owner(&app, &tenant, "bia").await;
        }
        let callers = if with_another {
            vec![&ana]
        } else {
            vec![&ana, &root]
        };
        for caller in callers {
            for role in ["MEMBER", "MANAGER"] {
                let body = json!({"username": "ana", "role": role});
                named(caller.post(PATH, body).await, &["role"]);
                named(
                    caller.patch(&one(&me), json!({"role": role})).await,
                    &["role"],
                );
            }
            let body = json!({"username": "ana", "is_active": false});
            named(caller.post(PATH, body).await, &["is_active"]);
            let body = json!({"role": "MEMBER", "is_active": false});
            named(caller.patch(&one(&me), body).await, &["is_active", "role"]);
            named(caller.call("DELETE", &one(&me)).await, &["detail"]);
        }
    }
    assert_eq!(find(&ana, "ana").await, me);
    // An owner whose account is not active is nobody to rely on.
    let sql = app.database.sql().await;
    let off = "UPDATE app_user SET is_active = false WHERE username = 'bia'";
    sql.execute(off, &[]).await.unwrap();
    named(root.call("DELETE", &one(&me)).await, &["detail"]);
    named(
        root.patch(&one(&me), json!({"role": "MEMBER"})).await,
        &["role"],
    );
    sql.execute("UPDATE app_user SET is_active = true", &[])
        .await
        .unwrap();
    root.call("DELETE", &one(&me)).await.expect(204);
    ana.get(PATH).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_demote_each_other_leave_one() {
    let (app, tenant, ana) = start().await;
    let bia = owner(&app, &tenant, "bia").await;
    let code = tenant["tenant_code"].as_str().unwrap();
    let root = app.superuser().await.tenant(code);
    let (a, b) = (find(&root, "ana").await, find(&root, "bia").await);
    for round in 0..12 {
        let (path_a, path_b) = (one(&a), one(&b));
        let down = json!({"role": "MEMBER"});
        let (one, two) = match round % 3 {
            0 => tokio::join!(ana.patch(&path_b, down.clone()), bia.patch(&path_a, down)),
            1 => tokio::join!(ana.call("DELETE", &path_b), bia.call("DELETE", &path_a)),
            _ => tokio::join!(
                ana.post(PATH, json!({"username": "bia", "role": "MANAGER"})),
                bia.post(PATH, json!({"username": "ana", "is_active": false}))
            ),
        };
        let done = [&one, &two]
            .into_iter()
            .filter(|answer| answer.status < 300)
            .count();
        assert_eq!(done, 1, "{} {}", one.text, two.text);
        for answer in [one, two].into_iter().filter(|answer| answer.status >= 300) {
            // The last owner is refused, or whoever is no owner, or no member, any more.
            assert!([400, 403, 404].contains(&answer.status), "{}", answer.text);
        }
        assert_eq!(owners(&root).await, 1);
        for name in ["ana", "bia"] {
            let body = json!({"username": name, "role": "OWNER"});
            root.post(PATH, body).await.expect(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn walls_stand_between_tenants() {
    let (app, _, ana) = start().await;
    let staff = app.staff().await;
    let zeta = app.ready(&staff, "zeta", "DATABASE_PER_TENANT").await;
    let zoe = owner(&app, &zeta, "zoe").await;
    app.user("bia", false, false).await;
    let theirs = zoe
        .post(PATH, json!({"username": "bia"}))
        .await
        .expect(201)
        .json;
    let code = zeta["tenant_code"].as_str().unwrap();
    let root = app.superuser().await.tenant(code);
    let mine = find(&ana, "ana").await;

    for caller in [
        &ana,
        &app.superuser().await.tenant(ana_code(&ana).await.as_str()),
    ] {
        for id in [
            theirs["id"].to_string().as_str(),
            "0",
            "-1",
            "x",
            "9223372036854775808",
            "1e1",
        ] {
            let path = format!("{PATH}{id}/");
            caller
                .patch(&path, json!({"role": "OWNER"}))
                .await
                .expect(404);
            caller.call("DELETE", &path).await.expect(404);
        }
    }
    root.patch(&one(&mine), json!({"role": "MEMBER"}))
        .await
        .expect(404);
    root.call("DELETE", &one(&mine)).await.expect(404);
    // Another's tenant is not there, whatever is asked of it.
    let outside = ana.tenant(code);
    outside.get(PATH).await.expect(404);
    outside
        .post(PATH, json!({"username": "ana", "role": "OWNER"}))
        .await
        .expect(404);
    outside
        .patch(&one(&theirs), json!({"role": "OWNER"}))
        .await
        .expect(404);
    outside.call("DELETE", &one(&theirs)).await.expect(404);

    assert_eq!(find(&zoe, "bia").await, theirs);
    assert_eq!(find(&ana, "ana").await, mine);
    let list = ana.get(PATH).await.expect(200).json;
    assert_eq!(list["results"].as_array().unwrap().len(), 1, "{list}");
}

/// The code of the caller's tenant.
async fn ana_code(caller: &Client) -> String {
    let list = caller.get(PATH).await.expect(200).json;
    list["tenant_code"].as_str().unwrap().to_owned()
}
