//! Opportunities: sales that may come about.

use super::field::{Default, Field, FieldType, SortKey};
use super::kind::Kind;
use crate::words::words;

words! {
    /// The contract's stages: those that a company begins with ([`super::pipeline`]).
    Stage { /// Finding out what is needed.
        Discovery = "DISCOVERY", /// An offer is made.
        Proposal = "PROPOSAL", /// It is talked about.
        Negotiation = "NEGOTIATION", /// Sold; final.
        Won = "WON", /// Not sold; final.
        Lost = "LOST" }
}

impl Stage {
    /// What may come next (contract section 6).
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Discovery => &[Self::Proposal, Self::Lost],
            Self::Proposal => &[Self::Negotiation, Self::Lost],
            Self::Negotiation => &[Self::Won, Self::Lost],
            Self::Won | Self::Lost => &[],
        }
    }

    /// Whether the sale is over.
    pub fn is_final(self) -> bool {
        self.next().is_empty()
    }

    /// Why a sale can't go from here to there; `None` when it can.
    pub fn refusal(self, to: Self) -> Option<String> {
        let next = self.next();
        if next.contains(&to) {
            return None;
        }
        let words: Vec<&str> = next.iter().map(|stage| stage.as_str()).collect();
        Some(match words.is_empty() {
            true => format!("An opportunity that is {self} stays so: it can't become {to}."),
            false => format!(
                "An opportunity in {self} can go to {}, not to {to}.",
                words.join(" or ")
            ),
        })
    }
}

/// Past its day, and no activity was written down or done in as many days as the stage allows. The activities
/// are read under names of their own, so that `id` is the sale's.
const ROTTING: &str = "(coalesce(rots_at < now(), false) AND NOT EXISTS (
    SELECT FROM (SELECT opportunity_id AS about, created_at AS made, completed_at AS done FROM activity WHERE deleted_at IS NULL) a
    WHERE a.about = id AND greatest(a.made, a.done) > now() - (rots_at - stage_since)))";

pub(super) const FIELDS: &[Field] = &[
    Field::new("customer", FieldType::Ref(Kind::Customer), "Who buys.")
        .required()
        .filtered(),
    Field::new(
        "source_lead",
        FieldType::Ref(Kind::Lead),
        "The lead that it came from.",
    )
    .filtered(),
    Field::new("title", FieldType::Text(200), "What is to be sold.").required(),
    Field::new(
        "pipeline",
        FieldType::Pipeline,
        "The pipeline whose stages it goes through; the company's first one unless told.",
    )
    .or(Default::FirstPipeline)
    .filtered(),
    Field::new(
        "stage",
        FieldType::Stage,
        "The code of a stage of its pipeline. Unless the company has changed them: DISCOVERY, PROPOSAL, NEGOTIATION, WON, one after the other; LOST from any but WON.",
    )
    .or(Default::Word("DISCOVERY"))
    .filtered(),
    Field::new("amount", FieldType::Money, "What it brings.")
        .or(Default::Zero)
        .filtered(),
    Field::new(
        "expected_close_date",
        FieldType::Date,
        "When it should be sold.",
    )
    .filtered(),
    Field::new(
        "probability",
        FieldType::Integer(0, 100),
        "In per cent; null for that of its stage.",
    ),
    Field::new(
        "next_step",
        FieldType::Text(255),
        "What is to be done next.",
    ),
    Field::new("owner", FieldType::User, "The member who sells.").filtered(),
    Field::new("loss_reason", FieldType::Text(500), "Why it was lost."),
    Field::new(
        "notes",
        FieldType::Text(10_000),
        "Whatever else is to be known.",
    )
    .personal(),
    Field::new("tags", FieldType::Tags, "Short words to find it by.").filtered(),
    Field::new("closed_at", FieldType::Instant, "When it was won or lost.")
        .derived()
        .filtered(),
    Field::new(
        "stage_since",
        FieldType::Instant,
        "When it came into its stage.",
    )
    .derived(),
    Field::new(
        "rots_at",
        FieldType::Instant,
        "When it has stood in its stage for as many days as the stage allows.",
    )
    .computed("rots_at"),
    Field::new(
        "days_in_stage",
        FieldType::Integer(0, i64::MAX),
        "For how many days it has been in its stage.",
    )
    .computed("(floor(extract(epoch FROM greatest(now() - stage_since, interval '0')) / 86400)::bigint)"),
    Field::new(
        "rotting",
        FieldType::Flag,
        "Whether it has stood in its stage for longer than that allows, and nothing was done about it for as long.",
    )
    .computed(ROTTING),
    Field::new(
        "rank",
        FieldType::Text(200),
        "Its place in its column of the board: the smaller, the higher.",
    )
    .derived(),
    Field::custom(),
];

pub(super) const SORTS: &[SortKey] = &[
    SortKey {
        name: "id",
        expression: "id",
        sql_type: "bigint",
    },
    SortKey {
        name: "created_at",
        expression: "created_at",
        sql_type: "timestamptz",
    },
    SortKey {
        name: "amount",
        expression: "amount_cents",
        sql_type: "bigint",
    },
    SortKey {
        name: "expected_close_date",
        expression: "(CASE WHEN expected_close_date IS NULL THEN 'infinity'::date ELSE expected_close_date END)",
        sql_type: "date",
    },
    SortKey {
        name: "rank",
        expression: "rank",
        sql_type: "text COLLATE \"C\"",
    },
    SortKey {
        name: "closed_at",
        expression: "(CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END)",
        sql_type: "timestamptz",
    },
];

#[cfg(test)]
mod tests {
    use super::super::pipeline::Pipelines;
    use super::super::{Kind, Record, settle};
    use super::Stage::{self, Discovery, Lost, Negotiation, Proposal, Won};
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    /// The contract's table, word for word.
    const MOVES: [(Stage, Stage); 6] = [
        (Discovery, Proposal),
        (Discovery, Lost),
        (Proposal, Negotiation),
        (Proposal, Lost),
        (Negotiation, Won),
        (Negotiation, Lost),
    ];

    fn sale(stage: Stage) -> Record {
        let mut sale = Record::new(Kind::Opportunity, Timestamp::UNIX_EPOCH);
        sale.set_text("stage", stage.as_str());
        sale
    }

    #[test]
    fn the_table_is_the_contracts() {
        for &from in Stage::ALL {
            assert_eq!(from.is_final(), matches!(from, Won | Lost));
            for &to in Stage::ALL {
                let allowed = MOVES.contains(&(from, to));
                assert_eq!(from.refusal(to).is_none(), allowed, "{from} {to}");
                let settled = settle(
                    Some(&sale(from)),
                    &mut sale(to),
                    Timestamp::UNIX_EPOCH,
                    Pipelines::contract(),
                );
                assert_eq!(settled.is_ok(), allowed || from == to, "{from} {to}");
                assert!(settled.is_ok() || settled.unwrap_err().has("stage"));
            }
        }
    }

    proptest! {
        /// However a sale is written, it goes by the table; it is closed when it gets to a final stage,
        /// and then for good.
        #[test]
        fn every_way_goes_by_the_table(first in prop::sample::select(Stage::ALL), ways in proptest::collection::vec(prop::sample::select(Stage::ALL), 0..30)) {
            let mut clock = Timestamp::UNIX_EPOCH;
            let mut now = sale(first);
            settle(None, &mut now, clock, Pipelines::contract()).unwrap();
            let mut closed = first.is_final().then_some(clock);
            prop_assert_eq!(now.instant("closed_at"), closed);
            for to in ways {
                clock += SignedDuration::from_secs(1);
                let from: Stage = now.word("stage").unwrap();
                let mut after = now.clone();
                after.set_text("stage", to.as_str());
                if settle(Some(&now), &mut after, clock, Pipelines::contract()).is_ok() {
                    prop_assert!(from == to || MOVES.contains(&(from, to)), "{from} {to}");
                    if from != to && to.is_final() {
                        closed = Some(clock);
                    }
                    now = after;
                }
                prop_assert_eq!(now.instant("closed_at"), closed);
                prop_assert!(!from.is_final() || now.word("stage") == Some(from));
            }
        }
    }
}
