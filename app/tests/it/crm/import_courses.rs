//! Two programs at one import: the lease of the first has run out while it was held up, and a second goes on.

use super::attachments::data;
use super::start;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use sindico_crm::By;
use sindico_crm::imports::{self, Course, Desk, State, Vocabulary};
use sindico_domain::access::Actor;
use sindico_domain::crm::custom::Writer;
use std::collections::HashMap;

/// Why a row is refused is written to that row alone, whoever has gone on meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_of_its_row_alone() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let file = "ano;mês;valor\n2026;1;10\n2026;1;20\n2026;2;30\n";
        let sent = t.owner.send_sheet("sales_goal", file.as_bytes()).await;
        let job = sent.expect(201).json;
        t.owner.until_done(&job, "dry-run").await;
        let (data, actor) = (data(&app, t), Actor::system("t"));
        let by = By {
            actor: &actor,
            now: Timestamp::UNIX_EPOCH,
            writer: Writer::Exempt,
        };
        let (words, members) = (Vocabulary::default(), HashMap::new());
        let desk = Desk {
            words: &words,
            members: &members,
            zone: &TimeZone::UTC,
        };
        // Nobody is asked to work on it but this test.
        let id = job["id"].as_i64().unwrap();
        let asked = imports::ask(&data, by, id, State::Committing).await;
        let job = asked.unwrap().unwrap();
        let (mut first, mut second) = (Course::default(), Course::default());
        let counts = async || json!(imports::find(&data, id).await.unwrap().unwrap().counts);
        // Three rows are refused, one is written, two are refused, one is.
        for _ in 0..4 {
            let more = imports::step(&data, by, &desk, &job, &mut first).await;
            assert!(more.unwrap());
        }
        assert_eq!(counts().await["CREATED"], 1, "{}", t.model);
        // Two are refused, one is, and is told so.
        for _ in 0..3 {
            let more = imports::step(&data, by, &desk, &job, &mut second).await;
            assert!(more.unwrap());
        }
        assert_eq!(counts().await["FAILED"], 1, "{}", t.model);
        while imports::step(&data, by, &desk, &job, &mut first)
            .await
            .unwrap()
        {}
        let told = counts().await;
        assert_eq!((&told["CREATED"], &told["FAILED"]), (&json!(2), &json!(1)));
    }
}
