//! What is not taken, and what becomes of what breaks off or was removed.

use super::super::{CUSTOMERS, at, refused, refused_on, start, start_with};
use super::*;
use crate::begin;
use sindico_crm::attachments::Incoming;
use sindico_domain::attachment::{FileName, Limits};
use sindico_testkit::Options;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hostile_is_refused_and_leaves_nothing() {
    begin();
    let mut options = Options::local_postgres().await;
    options.files = Limits {
        file: 300_000,
        company: 700_000,
    };
    let (_app, tenants) = start_with(options).await;
    for t in &tenants {
        let record = at(CUSTOMERS, &t.customer().await);
        for (name, content) in [
            ("setup.exe", b"MZ\x90\0\x03\0".as_slice()),
            ("a.pdf", b"MZ\x90\0\x03\0"),
            ("a.pdf", PNG),
            ("a.html", b"<html><script>alert(1)</script>"),
            (
                "a.svg",
                b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            ),
            ("a.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
            ("a.png", b"GIF89a\x01\0\x01\0"),
            ("a.txt", b""),
            ("a.txt", b"a\0b"),
            ("nota\u{202e}fdp.exe", PNG),
        ] {
            // One that is fine beside it is not attached either.
            let answer = attach(&t.owner, &record, &[("ok.png", PNG), (name, content)]).await;
            refused_on(&answer, "file", name);
        }
        let answer = attach(&t.owner, &record, &[("a.png", &noise(300_001))]).await;
        assert_eq!(answer.status, 413, "{}", answer.text);
        let many: Vec<(&str, &[u8])> = vec![("a.png", PNG); 11];
        refused_on(&attach(&t.owner, &record, &many).await, "file", "eleven");
        refused_on(&attach(&t.owner, &record, &[]).await, "file", "none");
        refused_on(
            &attach(&t.owner, &record, &[("", b"")]).await,
            "file",
            "none chosen",
        );
        let path = format!("{record}attachments/");
        refused_on(
            &t.owner.post(&path, json!({"file": "x"})).await,
            "file",
            "JSON",
        );
        let whole = form(&[("a.png", PNG)]);
        for (what, body) in [
            ("cut off in a file", whole[..whole.len() - 20].to_vec()),
            ("no end", whole[..whole.len() - 6].to_vec()),
            ("no boundary", b"nothing".to_vec()),
        ] {
            refused(&send(&t.owner, &path, body).await, what);
        }
        let other = b"--x\r\nContent-Disposition: form-data; name=\"other\"; filename=\"a.png\"\r\n\r\nx\r\n--x--\r\n";
        refused_on(
            &send(&t.owner, &path, other.to_vec()).await,
            "other",
            "another field",
        );
        assert!(listed(&t.owner, &record).await.is_empty());
        assert_eq!(
            (
                rows(t, WHOLE).await,
                rows(t, COMING).await,
                rows(t, CHUNKS).await
            ),
            (0, 0, 0)
        );

        // Names lead nowhere and hide nothing.
        for (sent, kept) in [
            ("../../etc/passwd.png", "passwd.png"),
            ("C:\\\\fotos\\\\praia.png", "praia.png"),
            ("nota\u{202e}gnp.png", "notagnp.png"),
            ("zero\u{200b}.png", "zero.png"),
        ] {
            let made = attach(&t.owner, &record, &[(sent, PNG)]).await.expect(201);
            assert_eq!(made.json[0]["name"], kept);
        }
        // Room is counted, the same content once.
        let (a, b) = (noise(299_000), noise(299_999));
        attach(&t.owner, &record, &[("a.png", &a)])
            .await
            .expect(201);
        attach(&t.owner, &record, &[("b.png", &b)])
            .await
            .expect(201);
        attach(&t.owner, &record, &[("again.png", &b)])
            .await
            .expect(201);
        let full = attach(&t.owner, &record, &[("c.png", &noise(299_500))]).await;
        refused_on(&full, "file", "no room");
        assert!(
            full.text.contains("683.5 KiB") && full.text.contains("are left"),
            "{}",
            full.text
        );
        assert_eq!(rows(t, COMING).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stops_is_swept_and_never_shown() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let record = t.customer().await;
        let path = at(CUSTOMERS, &record);
        let data = data(&app, t);
        let begin = async || {
            let name = FileName::sent("a.png");
            let mut file = Incoming::begin(&data, name, Limits::default())
                .await
                .unwrap();
            file.take(&noise(files::PIECE + 10)).await.unwrap();
            file
        };
        drop(begin().await);
        assert_eq!((rows(t, COMING).await, rows(t, CHUNKS).await), (1, 1));
        assert!(listed(&t.owner, &path).await.is_empty());
        // Fresh, it is left alone; old, it goes, whoever sweeps.
        files::sweep(&data, Ages::default()).await.unwrap();
        assert_eq!(rows(t, COMING).await, 1);
        let now = Ages {
            stopped: 0.0,
            removed: 0.0,
        };
        let swept = join_all((0..4).map(|_| files::sweep(&data, now))).await;
        let swept: u64 = swept.into_iter().map(|swept| swept.unwrap().stopped).sum();
        assert_eq!(
            (swept, rows(t, COMING).await, rows(t, CHUNKS).await),
            (1, 0, 0)
        );
        // One that is swept while it still comes is refused, and attached by nobody.
        let mut late = begin().await;
        files::sweep(&data, now).await.unwrap();
        let told = late.take(&noise(files::PIECE)).await.unwrap_err();
        assert!(told.to_string().contains("took too long"), "{told}");
        let done = begin().await.close().await.unwrap();
        files::sweep(&data, now).await.unwrap();
        let actor = sindico_domain::access::Actor {
            user_id: None,
            name: "test".to_owned(),
            address: None,
            request_id: "test".to_owned(),
            support: None,
        };
        let by = sindico_crm::By {
            actor: &actor,
            now: "2026-11-23T12:00:00Z".parse().unwrap(),
            writer: sindico_domain::crm::custom::Writer::Exempt,
        };
        let of = (
            sindico_domain::crm::Kind::Customer,
            record["id"].as_i64().unwrap(),
        );
        let told = files::attach(&data, by, of, &[done], Limits::default())
            .await
            .unwrap_err();
        assert!(told.to_string().contains("took too long"), "{told}");
        assert!(listed(&t.owner, &path).await.is_empty());

        // Removed long ago, it is gone for good, and that is said.
        let made = attach(&t.owner, &path, &[("a.png", PNG)]).await.expect(201);
        let removed = t
            .owner
            .call("DELETE", &file(&made.json[0]["id"], ""))
            .await
            .expect(204);
        files::sweep(&data, Ages::default()).await.unwrap();
        assert_eq!(rows(t, WHOLE).await, 1);
        files::sweep(&data, now).await.unwrap();
        assert_eq!(rows(t, WHOLE).await, 0);
        let stuck = t.undo(change_set(&removed)).await.expect(409);
        assert_eq!(
            stuck.json["conflicts"][0]["detail"],
            "It is not there any more."
        );
    }
}
