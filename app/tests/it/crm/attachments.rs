//! Files at records: attached, told of, kept once, taken back.

mod hostile;
mod people;

use super::{ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, at, ids, refused_on, start};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use sindico_crm::attachments::{self as files, Ages};
use sindico_db::TenantConnection;
use sindico_domain::access::sight::Sight;
use sindico_testkit::{Answer, Client, TestApp, TestDatabase};

const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// A form with these files.
fn form(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    body
}

async fn send(caller: &Client, path: &str, body: Vec<u8>) -> Answer {
    let request = caller.request(Method::POST, path);
    let request = request.header("content-type", "multipart/form-data; boundary=x");
    caller.send(request.body(body)).await
}

/// Attaches files to a record.
pub(super) async fn attach(caller: &Client, record: &str, files: &[(&str, &[u8])]) -> Answer {
    send(caller, &format!("{record}attachments/"), form(files)).await
}

async fn listed(caller: &Client, record: &str) -> Vec<i64> {
    let list = caller
        .get(&format!("{record}attachments/"))
        .await
        .expect(200);
    ids(&list.json)
}

fn file(id: impl std::fmt::Display, tail: &str) -> String {
    format!("/api/attachments/{id}/{tail}")
}

fn change_set(answer: &Answer) -> i64 {
    answer.header("x-change-set").parse().unwrap()
}

/// The bytes of an answer, and its headers.
async fn bytes(
    caller: &Client,
    path: &str,
    headers: &[(&str, &str)],
) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let mut request = caller.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

pub(super) fn data(app: &TestApp, t: &Tenant) -> TenantConnection {
    let company = app.directory.by_id(t.company).unwrap().unwrap();
    app.pools
        .tenant(company.route.clone().unwrap(), Sight::whole())
}

/// How many rows a tenant has there.
async fn rows(t: &Tenant, what: &str) -> i64 {
    let inside = TestDatabase::superuser(&t.database).await;
    let sql = format!("SELECT count(*) FROM {what} AND company_id = $1");
    inside.query_one(&sql, &[&t.company]).await.unwrap().get(0)
}

const WHOLE: &str = "file_content WHERE sha256 IS NOT NULL";
const COMING: &str = "file_content WHERE sha256 IS NULL";
const CHUNKS: &str = "file_chunk WHERE true";

/// Bytes that nothing presses, the same in each run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7u64;
    let mut noise = PNG.to_vec();
    while noise.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.push((state >> 56) as u8);
    }
    noise
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_attached_seen_renamed_and_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let lead = t.lead(json!({})).await;
        let sale = t.sale(json!({})).await;
        let todo = t
            .make(ACTIVITIES, json!({"title": "x", "lead": lead["id"]}))
            .await;
        for (path, record) in [
            (CUSTOMERS, &customer),
            (LEADS, &lead),
            (OPPORTUNITIES, &sale),
            (ACTIVITIES, &todo),
        ] {
            let record = at(path, record);
            let made = attach(
                &t.owner,
                &record,
                &[("foto.png", PNG), ("tabela.csv", b"a;b\r\n1;2\r\n")],
            )
            .await
            .expect(201);
            assert_eq!(made.json[0]["name"], "foto.png");
            assert_eq!(made.json[0]["media_type"], "image/png");
            assert_eq!(made.json[0]["size"], PNG.len());
            assert_eq!(made.json[0]["preview"], true);
            assert_eq!(made.json[1]["media_type"], "text/csv");
            let (first, second) = (
                made.json[0]["id"].as_i64().unwrap(),
                made.json[1]["id"].as_i64().unwrap(),
            );
            assert_eq!(listed(&t.owner, &record).await, [first, second]);

            let (status, headers, sent) = bytes(&t.owner, &file(first, "content/"), &[]).await;
            assert_eq!((status, sent.as_slice()), (200, PNG));
            let header = |name: &str| headers[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), "image/png");
            assert_eq!(
                header("content-disposition"),
                "attachment; filename=\"foto.png\"; filename*=UTF-8''foto.png"
            );
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert!(header("content-security-policy").contains("sandbox"));
            assert_eq!(header("content-length"), PNG.len().to_string());
            let (_, headers, sent) = bytes(&t.owner, &file(second, "preview/"), &[]).await;
            assert_eq!(sent, b"a;b\r\n1;2\r\n");
            assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
            assert!(
                headers["content-disposition"]
                    .to_str()
                    .unwrap()
                    .starts_with("inline; ")
            );

            // The record tells of both, and takes both back.
            let timeline = t
                .owner
                .get(&format!("{record}timeline/"))
                .await
                .expect(200)
                .json;
            assert_eq!(timeline[0]["action"], "attachment.add");
            assert_eq!(timeline[0]["after"]["attachment"]["name"], "tabela.csv");
            assert_eq!(timeline[0]["before"]["attachment"], Value::Null);
            let undone = t.undo(change_set(&made)).await.expect(200);
            assert!(listed(&t.owner, &record).await.is_empty());
            t.owner.get(&file(first, "")).await.expect(404);
            t.owner.get(&file(first, "content/")).await.expect(404);
            // And once more has them again.
            t.undo(undone.json["change_set"].as_i64().unwrap())
                .await
                .expect(200);
            assert_eq!(listed(&t.owner, &record).await, [first, second]);

            let version = t
                .owner
                .get(&file(second, ""))
                .await
                .expect(200)
                .header("etag")
                .to_owned();
            let renamed = t
                .owner
                .patch(&file(second, ""), json!({"name": "preços.txt"}))
                .await
                .expect(200);
            assert_eq!(
                (&renamed.json["name"], &renamed.json["media_type"]),
                (&json!("preços.txt"), &json!("text/plain"))
            );
            let stale = t
                .owner
                .with("if-match", &version)
                .call("DELETE", &file(second, ""))
                .await;
            assert_eq!(stale.status, 412);
            t.undo(change_set(&renamed)).await.expect(200);
            let back = t.owner.get(&file(second, "")).await.expect(200).json;
            assert_eq!(
                (&back["name"], &back["media_type"]),
                (&json!("tabela.csv"), &json!("text/csv"))
            );
            for wrong in ["a.exe", "a.pdf", "a/b.csv", "", "x\u{202e}y.csv"] {
                let answer = t
                    .owner
                    .patch(&file(second, ""), json!({"name": wrong}))
                    .await;
                refused_on(&answer, "name", wrong);
            }

            let removed = t.owner.call("DELETE", &file(first, "")).await.expect(204);
            assert_eq!(listed(&t.owner, &record).await, [second]);
            t.undo(change_set(&removed)).await.expect(200);
            assert_eq!(listed(&t.owner, &record).await, [first, second]);
            // What stands on it is in the way.
            let stuck = t.undo(change_set(&removed)).await.expect(409);
            assert!(stuck.text.contains("undone before"), "{}", stuck.text);
            t.owner
                .patch(&file(first, ""), json!({"name": "outra.png"}))
                .await
                .expect(200);
            let stuck = t.undo(change_set(&made)).await.expect(409);
            assert_eq!(
                stuck.json["conflicts"][0]["field"], "attachment",
                "{}",
                stuck.text
            );
            assert_eq!(listed(&t.owner, &record).await, [first, second]);

            // In the bin its files are nobody's; back, they are there.
            t.owner.call("DELETE", &record).await.expect(204);
            t.owner.get(&file(first, "content/")).await.expect(404);
            t.owner
                .get(&format!("{record}attachments/"))
                .await
                .expect(404);
            attach(&t.owner, &record, &[("a.png", PNG)])
                .await
                .expect(404);
            t.owner
                .post(&format!("{record}restore/"), json!({}))
                .await
                .expect(200);
            assert_eq!(listed(&t.owner, &record).await, [first, second]);
        }
        let goal = json!({"year": 2026, "month": 11, "amount": "1"});
        let goal = at(super::GOALS, &t.make(super::GOALS, goal).await);
        t.owner
            .get(&format!("{goal}attachments/"))
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_back_as_it_was_and_in_parts() {
    let (_app, tenants) = start().await;
    let large = noise(3 * files::PIECE + 12_345);
    for t in &tenants {
        let customer = at(CUSTOMERS, &t.customer().await);
        // The body is the file itself.
        let request = t.owner.request(
            Method::POST,
            &format!("{customer}attachments/?name=p%C3%A3o.png"),
        );
        let made = t
            .owner
            .send(
                request
                    .header("content-type", "image/png")
                    .body(large.clone()),
            )
            .await
            .expect(201);
        let id = &made.json[0]["id"];
        let path = file(id, "content/");
        let (status, headers, sent) = bytes(&t.owner, &path, &[]).await;
        assert_eq!(status, 200);
        assert!(sent == large, "it is not what was sent");
        assert_eq!(
            headers["content-disposition"],
            "attachment; filename=\"p_o.png\"; filename*=UTF-8''p%C3%A3o.png"
        );
        let tag = headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(
            tag,
            format!("\"{}\"", made.json[0]["sha256"].as_str().unwrap())
        );
        let (status, _, sent) = bytes(&t.owner, &path, &[("if-none-match", &tag)]).await;
        assert_eq!((status, sent.len()), (304, 0));
        let edge = files::PIECE;
        for (from, to) in [
            (0, 0),
            (edge - 2, edge + 2),
            (10, 2 * edge + 5),
            (large.len() - 3, large.len() - 1),
        ] {
            let range = format!("bytes={from}-{to}");
            let (status, headers, sent) =
                bytes(&t.owner, &path, &[("range", &range), ("if-range", &tag)]).await;
            assert_eq!(status, 206, "{range}");
            assert_eq!(
                headers["content-range"],
                format!("bytes {from}-{to}/{}", large.len())
            );
            assert!(sent == large[from..=to], "{range}");
        }
        let (status, _, sent) = bytes(
            &t.owner,
            &path,
            &[("range", "bytes=0-9"), ("if-range", "\"other\"")],
        )
        .await;
        assert_eq!((status, sent.len()), (200, large.len()));
        let (status, headers, _) = bytes(&t.owner, &path, &[("range", "bytes=99999999-")]).await;
        assert_eq!(
            (status, headers["content-range"].to_str().unwrap()),
            (416, format!("bytes */{}", large.len()).as_str())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_is_kept_once() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let (one, two) = (
            at(CUSTOMERS, &t.customer().await),
            at(LEADS, &t.lead(json!({})).await),
        );
        let large = noise(files::PIECE + 1);
        // Twelve at once, of three callers.
        let callers = [&t.owner, &t.manager, &t.owner];
        let sent = join_all((0..12).map(|n| {
            let (caller, record) = (callers[n % 3], if n % 2 == 0 { &one } else { &two });
            let large = &large;
            async move { attach(caller, record, &[("a.png", large)]).await }
        }))
        .await;
        for answer in &sent {
            assert_eq!(answer.status, 201, "{}", answer.text);
        }
        assert_eq!(
            (
                rows(t, WHOLE).await,
                rows(t, COMING).await,
                rows(t, CHUNKS).await
            ),
            (1, 0, 2)
        );
        assert_eq!(
            (
                listed(&t.owner, &one).await.len(),
                listed(&t.owner, &two).await.len()
            ),
            (6, 6)
        );
        // It goes with the last that has it.
        let all: Vec<i64> = [listed(&t.owner, &one).await, listed(&t.owner, &two).await].concat();
        let now = Ages {
            stopped: 0.0,
            removed: 0.0,
        };
        for (n, id) in all.iter().enumerate() {
            t.owner.call("DELETE", &file(id, "")).await.expect(204);
            files::sweep(&data(&app, t), now).await.unwrap();
            let left = i64::from(n + 1 < all.len());
            assert_eq!(rows(t, WHOLE).await, left, "{n}");
        }
        assert_eq!(rows(t, CHUNKS).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_follow_a_merge_and_come_back_with_it() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (stays, goes) = (t.customer().await, t.customer().await);
        let (a, b) = (at(CUSTOMERS, &stays), at(CUSTOMERS, &goes));
        let mine = attach(&t.owner, &a, &[("a.png", PNG)])
            .await
            .expect(201)
            .json[0]["id"]
            .as_i64()
            .unwrap();
        let others = attach(&t.owner, &b, &[("b.png", PNG), ("c.txt", b"c")])
            .await
            .expect(201);
        let others = ids(&others.json);
        let merged = t
            .owner
            .post(&format!("{a}merge/"), json!({"other": goes["id"]}))
            .await
            .expect(200);
        assert_eq!(listed(&t.owner, &a).await, [mine, others[0], others[1]]);
        t.undo(change_set(&merged)).await.expect(200);
        assert_eq!(listed(&t.owner, &a).await, [mine]);
        assert_eq!(listed(&t.owner, &b).await, others);
    }
}
