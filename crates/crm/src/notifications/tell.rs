//! Telling: in the transaction of what is told, once for each cause, as its reader wants it.

use crate::work::{By, Change};
use jiff::Timestamp;
use serde_json::{Value, json};
use sindico_db::{Result, TenantTransaction};
use sindico_domain::access::Actor;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::Kind;
use sindico_domain::notification::Topic;
use std::collections::BTreeMap;

sindico_db::statements! { "tell":
    // The pieces of an import are one cause: their records are counted together, and it is news again.
    // What is told by e-mail as well is one mail a person and transaction, and none for what was told of before.
    TELL = "WITH told AS (
        INSERT INTO notification
            (user_id, topic, cause, record_kind, record_id, count, change_set, data, portal, mailed, created_at)
        SELECT n.user_id, n.topic, n.cause, n.record_kind, n.record_id, n.count, n.change_set, n.data,
            coalesce(p.portal, true), coalesce(p.mail, n.mail), $2
        FROM jsonb_to_recordset($1) AS n (user_id bigint, topic text, cause text, record_kind text, record_id bigint,
            count bigint, change_set bigint, data jsonb, mail boolean)
        LEFT JOIN notification_preference p ON p.user_id = n.user_id AND p.topic = n.topic
        WHERE coalesce(p.portal, true) OR coalesce(p.mail, n.mail)
        ORDER BY n.user_id, n.cause
        ON CONFLICT (company_id, user_id, cause) DO UPDATE
            SET count = notification.count + excluded.count, record_id = NULL, read_at = NULL
            WHERE excluded.topic = 'ASSIGNED'
        RETURNING id, user_id, mailed AND xmax = 0 AS mailed)
        INSERT INTO mail (user_id, notifications, due_at, created_at)
        SELECT user_id, array_agg(id ORDER BY id), $2, $2 FROM told WHERE mailed GROUP BY user_id";
    TAKE_BACK = "DELETE FROM notification WHERE change_set = $1 AND read_at IS NULL";
}

/// What one person is to be told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) user: i64,
    pub(crate) topic: Topic,
    /// Of what it comes; with the person it is told once.
    pub(crate) cause: String,
    pub(crate) kind: Option<Kind>,
    pub(crate) record: Option<i64>,
    pub(crate) count: i64,
    pub(crate) data: Value,
}

/// Tells people, unless they were told of the same before, or do not want to be.
pub(crate) async fn tell(
    tx: &TenantTransaction,
    all: &[Told],
    change_set: Option<i64>,
    now: Timestamp,
) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let rows = all.iter().map(|told| {
        json!({
            "user_id": told.user, "topic": told.topic, "cause": told.cause, "record_kind": told.kind,
            "record_id": told.record, "count": told.count, "change_set": change_set, "data": told.data,
            "mail": told.topic.mailed_by_default(),
        })
    });
    let rows = Value::Array(rows.collect());
    tx.execute(&TELL, &[&rows, &now]).await?;
    Ok(())
}

/// Tells of a write what [`assigned`] found, and forgets what the one that it undoes has told and nobody has read.
pub(crate) async fn of_write(
    tx: &TenantTransaction,
    mut all: Vec<Told>,
    (action, change_set, undoes): (&str, i64, Option<i64>),
    by: By<'_>,
) -> Result<()> {
    if let Some(undone) = undoes {
        tx.execute(&TAKE_BACK, &[&undone]).await?;
    }
    for told in &mut all {
        told.cause = match action {
            // All pieces of it together.
            "import" => format!("{}:{}", told.cause, by.actor.request_id),
            _ => format!("{}:{change_set}", told.cause),
        };
    }
    tell(tx, &all, Some(change_set), by.now).await
}

/// Whom a write gave records to who did not do it themself: one for each person and kind, however many records.
pub(crate) fn assigned(changes: &[Change], action: &str, by: &Actor) -> Vec<Told> {
    // Nobody is told of made-up records.
    if action.starts_with("sample") {
        return Vec::new();
    }
    let mut all: BTreeMap<(i64, Kind), (i64, i64)> = BTreeMap::new();
    for change in changes {
        let field = Sight::owner(change.kind);
        let now = change.after[field]["id"].as_i64();
        let before = change.before[field]["id"].as_i64();
        let Some(user) = now else { continue };
        if now != before && now != by.user_id {
            let one = all.entry((user, change.kind)).or_insert((change.record, 0));
            one.1 += 1;
        }
    }
    let topic = match action {
        "lead.form" => Topic::LeadArrived,
        _ => Topic::Assigned,
    };
    let told = |((user, kind), (record, count)): ((i64, Kind), (i64, i64))| Told {
        user,
        topic,
        cause: format!("assigned:{kind}"),
        kind: Some(kind),
        record: (count == 1).then_some(record),
        count,
        data: match by.user_id {
            Some(_) => json!({ "by": by.name }),
            None => json!({}),
        },
    };
    all.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::Op;
    use proptest::prelude::*;

    fn by(user: Option<i64>) -> Actor {
        Actor {
            user_id: user,
            ..Actor::system("x")
        }
    }

    /// A record that went from one to another.
    fn change((kind, record): (Kind, i64), from: Option<i64>, to: i64) -> Change {
        let field = Sight::owner(kind);
        let person = |id: i64| json!({"id": id, "username": "x"});
        Change {
            kind,
            record,
            op: Op::Update,
            title: String::new(),
            before: json!({ field: from.map(person) }),
            after: json!({ field: person(to) }),
        }
    }

    proptest! {
        /// Whoever was given something by somebody else is told once a kind, with the right number; nobody else is.
        #[test]
        fn everybody_is_told_once_a_kind(
            given in proptest::collection::vec((1i64..5, proptest::option::of(1i64..5), any::<bool>()), 0..60),
            actor in proptest::option::of(1i64..5),
        ) {
            let changes: Vec<Change> = given.iter().zip(1..).map(|((user, before, lead), record)| {
                let kind = if *lead { Kind::Lead } else { Kind::Activity };
                change((kind, record), *before, *user)
            }).collect();
            let told = assigned(&changes, "lead.update", &by(actor));
            for user in 1..5 {
                for kind in [Kind::Lead, Kind::Activity] {
                    let count = given.iter().filter(|(to, before, lead)| {
                        *to == user && *before != Some(user) && *lead == (kind == Kind::Lead)
                    }).count();
                    let count = if actor == Some(user) { 0 } else { i64::try_from(count).unwrap() };
                    let found: Vec<_> = told.iter().filter(|one| one.user == user && one.kind == Some(kind)).collect();
                    prop_assert_eq!(found.len(), usize::from(count > 0));
                    prop_assert!(found.iter().all(|one| one.count == count && one.record.is_some() == (count == 1)));
                }
            }
        }
    }

    #[test]
    fn samples_are_no_news_and_forms_are_of_their_own() {
        let changes = [change((Kind::Lead, 1), None, 7)];
        assert!(assigned(&changes, "sample", &by(None)).is_empty());
        let told = assigned(&changes, "lead.form", &by(None));
        assert_eq!(
            (told[0].topic, told[0].record),
            (Topic::LeadArrived, Some(1))
        );
    }
}
