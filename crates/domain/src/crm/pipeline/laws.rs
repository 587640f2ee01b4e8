//! What holds for every pipeline, however it was set up, and for every sale in it.

use super::*;
use crate::crm::{Datum, Kind, Record, settle};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

fn body(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn sale(pipeline: i64, stage: &str) -> Record {
    let mut sale = Record::new(Kind::Opportunity, Timestamp::UNIX_EPOCH);
    sale.set("pipeline", Datum::Int(pipeline));
    sale.set_text("stage", stage);
    sale
}

/// A pipeline of so many open stages, some of them archived (never the first).
fn pipelines() -> impl Strategy<Value = Pipelines> {
    (
        any::<bool>(),
        proptest::collection::vec(any::<bool>(), 1..8),
    )
        .prop_map(|(strict, archived)| {
            let stages: Vec<Value> = (0..archived.len())
                .map(|n| json!({"name": format!("Etapa {n}"), "archived": n > 0 && archived[n]}))
                .collect();
            let told = body(json!({"name": "Outro", "strict": strict, "stages": stages}));
            let mut made = new_pipeline(&told, Pipelines::contract()).unwrap();
            made.id = 2;
            let mut all = Pipelines::contract().clone();
            all.all.push(made);
            all
        })
}

proptest! {
    /// A sale goes only where its pipeline says, is closed exactly while it is in WON or LOST, and has its time
    /// in the stage from the move that brought it there.
    #[test]
    fn every_move_is_the_pipelines(all in pipelines(), picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let pipeline = all.find(2).unwrap();
        let mut clock = Timestamp::UNIX_EPOCH;
        let mut now = sale(2, "DISCOVERY");
        settle(None, &mut now, clock, &all).unwrap();
        prop_assert_eq!(now.text("stage"), &pipeline.first().code);
        let mut since = clock;
        for pick in picks {
            clock += SignedDuration::from_secs(60);
            let from = now.text("stage").to_owned();
            let to = pick.get(&pipeline.stages).clone();
            let mut after = now.clone();
            after.set_text("stage", to.code.as_str());
            let next: Vec<&str> = pipeline.next(&from).iter().map(|stage| stage.code.as_str()).collect();
            let allowed = next.contains(&to.code.as_str());
            let settled = settle(Some(&now), &mut after, clock, &all);
            prop_assert_eq!(settled.is_ok(), allowed || from == to.code, "{} {}", from, to.code);
            if settled.is_ok() {
                prop_assert!(from == to.code || !to.archived);
                if from != to.code {
                    since = clock;
                }
                now = after;
            }
            prop_assert_eq!(now.instant("closed_at").is_some(), is_final(now.text("stage")));
            prop_assert_eq!(now.instant("stage_since"), Some(since));
            // Strict: on and on, and then it is over.
            if pipeline.strict {
                let at = |code: &str| pipeline.stages.iter().position(|stage| stage.code == code);
                prop_assert!(at(now.text("stage")) >= at(&from));
                prop_assert!(!is_final(&from) || now.text("stage") == from);
            }
        }
    }

    /// Whatever is done to a pipeline, it is refused or leaves one in which sales can begin and end.
    #[test]
    fn no_change_leaves_half_a_pipeline(ways in proptest::collection::vec((any::<prop::sample::Index>(), 0..20i64, any::<bool>(), 0..5u8), 0..30)) {
        let mut all = Pipelines::contract().clone();
        for (pick, position, flag, way) in ways {
            let mut after = all.first().clone();
            let code = pick.get(&after.stages).code.clone();
            let told = match way {
                0 => json!({"name": format!("Nova {position}"), "archived": flag}),
                1 => json!({"archived": flag}),
                2 => json!({"position": position + 1}),
                3 => json!({"name": format!("Nome {position}"), "probability": position}),
                _ => json!({"required_fields": ["amount", "owner"], "rots_after_days": position + 1}),
            };
            let draft = StageDraft::parse(&body(told), false).unwrap();
            let done = match way {
                0 => draft.add(&mut after, &all),
                _ => draft.change(&mut after, &code),
            };
            if done.is_err() || after.valid(&all).is_err() {
                continue;
            }
            let mut codes: Vec<&str> = after.stages.iter().map(|stage| stage.code.as_str()).collect();
            prop_assert_eq!(&codes[codes.len() - 2..], &[WON, LOST]);
            prop_assert!(!after.first().archived && !after.first().is_final());
            codes.sort_unstable();
            codes.dedup();
            prop_assert_eq!(codes.len(), after.stages.len());
            all.all[0] = after;
        }
    }

    /// A code of any name is one, and nobody has it.
    #[test]
    fn any_name_has_a_code(names in proptest::collection::vec(".{1,20}", 1..12)) {
        let all = Pipelines::contract();
        let mut pipeline = all.first().clone();
        for name in names {
            let Ok(draft) = StageDraft::parse(&body(json!({"name": name})), true) else { continue };
            if draft.add(&mut pipeline, all).is_ok() {
                for stage in &pipeline.stages {
                    prop_assert!(code(&json!(stage.code)).is_ok(), "{}", stage.code);
                    prop_assert_eq!(pipeline.stages.iter().filter(|other| other.code == stage.code).count(), 1);
                }
            }
        }
    }
}

#[test]
fn a_gate_asks_for_what_is_missing_and_for_nothing_else() {
    let mut all = Pipelines::contract().clone();
    let told = json!({"required_fields": ["amount", "owner", "next_step"]});
    let gate = StageDraft::parse(&body(told), false).unwrap();
    gate.change(&mut all.all[0], "PROPOSAL").unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let before = sale(FIRST, "DISCOVERY");
    let mut after = sale(FIRST, "PROPOSAL");
    after.set_text("next_step", "  ");
    let refused = settle(Some(&before), &mut after, now, &all).unwrap_err();
    assert!(
        ["amount", "owner", "next_step"]
            .iter()
            .all(|field| refused.has(field))
    );
    after.set("amount", Datum::Money(Decimal::new(1, 2)));
    after.set_text("next_step", "Ligar");
    let refused = settle(Some(&before), &mut after.clone(), now, &all).unwrap_err();
    assert!(refused.has("owner") && !refused.has("amount") && !refused.has("next_step"));
    // One that was there before the gate may be changed, but not lose what it had.
    let mut changed = after.clone();
    changed.set_text("notes", "x");
    settle(Some(&after), &mut changed, now, &all).unwrap();
    changed.set("amount", Datum::Money(Decimal::ZERO));
    assert!(
        settle(Some(&after), &mut changed, now, &all)
            .unwrap_err()
            .has("amount")
    );
}

#[test]
fn a_reason_is_one_of_the_companys() {
    let mut all = Pipelines::contract().clone();
    let now = Timestamp::UNIX_EPOCH;
    let before = sale(FIRST, "PROPOSAL");
    let lose = |reason: &str, all: &Pipelines| {
        let mut after = sale(FIRST, LOST);
        after.set_text("loss_reason", reason);
        settle(Some(&before), &mut after, now, all)
    };
    // The contract's clients send the stage alone.
    lose("", &all).unwrap();
    let gate = json!({"required_fields": ["loss_reason"]});
    let gate = StageDraft::parse(&body(gate), false).unwrap();
    gate.change(&mut all.all[0], LOST).unwrap();
    assert!(lose("", &all).unwrap_err().has("loss_reason"));
    lose("qualquer", &all).unwrap();
    let reason = ReasonDraft::parse(&body(json!({"name": "Preço"}))).unwrap();
    let reason = reason.made(1, &[]).unwrap();
    all.reasons.push(reason);
    assert!(lose("qualquer", &all).unwrap_err().has("loss_reason"));
    lose("Preço", &all).unwrap();
    let again = ReasonDraft::parse(&body(json!({"name": "preco"}))).unwrap();
    assert!(again.made(0, &all.reasons).unwrap_err().has("name"));
}

#[test]
fn into_another_pipeline_a_sale_comes_open() {
    let told = body(
        json!({"name": "Renovação", "strict": true, "stages": [{"name": "Aviso"}, {"name": "Acordo"}]}),
    );
    let mut other = new_pipeline(&told, Pipelines::contract()).unwrap();
    other.id = 2;
    let mut all = Pipelines::contract().clone();
    all.all.push(other);
    let now = Timestamp::UNIX_EPOCH;
    let go = |from: &str, to: &str| {
        let mut after = sale(2, to);
        settle(Some(&sale(FIRST, from)), &mut after, now, &all)
            .map(|()| after.text("stage").to_owned())
    };
    assert_eq!(go("PROPOSAL", "PROPOSAL").unwrap(), "AVISO");
    assert_eq!(go("PROPOSAL", "ACORDO").unwrap(), "ACORDO");
    assert_eq!(go("WON", "WON").unwrap(), "WON");
    assert!(go("PROPOSAL", "WON").unwrap_err().has("stage"));
    assert!(go("WON", "AVISO").unwrap_err().has("stage"));
    assert!(go("PROPOSAL", "NEGOTIATION").unwrap_err().has("stage"));
    let mut nowhere = sale(9, "PROPOSAL");
    assert!(
        settle(None, &mut nowhere, now, &all)
            .unwrap_err()
            .has("pipeline")
    );
}

#[test]
fn what_can_not_be_is_refused_by_its_field() {
    let all = Pipelines::contract();
    for (told, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "x", "code": "x y"}), "code"),
        (json!({"name": "x", "probability": 101}), "probability"),
        (json!({"name": "x", "color": "PINK"}), "color"),
        (
            json!({"name": "x", "rots_after_days": 0}),
            "rots_after_days",
        ),
        (
            json!({"name": "x", "required_fields": ["title"]}),
            "required_fields",
        ),
        (
            json!({"name": "x", "required_fields": ["nope"]}),
            "required_fields",
        ),
        (json!({"name": "x", "forecast": "MAYBE"}), "forecast"),
    ] {
        assert!(
            StageDraft::parse(&body(told.clone()), true)
                .unwrap_err()
                .has(field),
            "{told}"
        );
    }
    for (code, told, field) in [
        ("WON", json!({"archived": true}), "archived"),
        ("WON", json!({"probability": 5}), "probability"),
        ("LOST", json!({"rots_after_days": 5}), "rots_after_days"),
        (
            "WON",
            json!({"required_fields": ["loss_reason"]}),
            "required_fields",
        ),
        ("PROPOSAL", json!({"name": "discovery"}), "name"),
        ("PROPOSAL", json!({"code": "OTHER"}), "code"),
    ] {
        let mut pipeline = all.first().clone();
        let draft = StageDraft::parse(&body(told.clone()), false).unwrap();
        let done = draft
            .change(&mut pipeline, code)
            .and_then(|()| pipeline.valid(all));
        assert!(done.unwrap_err().has(field), "{told}");
    }
    let taken = StageDraft::parse(&body(json!({"name": "x", "code": "PROPOSAL"})), true).unwrap();
    assert!(
        taken
            .add(&mut all.first().clone(), all)
            .unwrap_err()
            .has("code")
    );
}
