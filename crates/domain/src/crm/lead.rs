//! Leads: who may become a customer.

use super::field::{Default, Field, FieldType, SortKey};
use super::kind::Kind;
use super::record::Record;
use crate::FieldErrors;
use crate::words::words;

words! {
    /// Where a lead stands.
    LeadStatus { /// Nobody has looked yet.
        New = "NEW", /// Worth the effort.
        Qualified = "QUALIFIED", /// Not worth it; final.
        Disqualified = "DISQUALIFIED", /// Has become an opportunity; final.
        Converted = "CONVERTED" }
}

impl LeadStatus {
    /// What may come next (contract section 6).
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::New => &[Self::Qualified, Self::Disqualified],
            Self::Qualified => &[Self::Converted, Self::Disqualified],
            Self::Disqualified | Self::Converted => &[],
        }
    }

    /// Why a lead can't go from here to there; `None` when it can.
    pub fn refusal(self, to: Self) -> Option<String> {
        let next = self.next();
        if next.contains(&to) {
            return None;
        }
        let words: Vec<&str> = next.iter().map(|status| status.as_str()).collect();
        Some(match words.is_empty() {
            true => format!("A lead that is {self} stays so: it can't become {to}."),
            false => format!(
                "A lead that is {self} can become {}, not {to}.",
                words.join(" or ")
            ),
        })
    }
}

pub(super) const FIELDS: &[Field] = &[
    Field::new("source", FieldType::Text(100), "Where it came from.")
        .required()
        .filtered(),
    Field::new(
        "customer",
        FieldType::Ref(Kind::Customer),
        "The customer, if it is one already.",
    )
    .filtered(),
    Field::new(
        "status",
        FieldType::Choice(&["NEW", "QUALIFIED", "DISQUALIFIED", "CONVERTED"]),
        "NEW becomes QUALIFIED or DISQUALIFIED, QUALIFIED becomes CONVERTED or DISQUALIFIED.",
    )
    .or(Default::Word("NEW"))
    .filtered(),
    Field::new(
        "notes",
        FieldType::Text(10_000),
        "Whatever else is to be known.",
    )
    .personal(),
    Field::new("name", FieldType::Text(255), "The person's.").personal(),
    Field::new("company", FieldType::Text(255), "The company's name.").personal(),
    Field::new("email", FieldType::Email, "An e-mail address.")
        .filtered()
        .personal(),
    Field::new("phone", FieldType::Phone, "As it was written.").personal(),
    Field::new(
        "document",
        FieldType::TaxId,
        "CPF or CNPJ, as it was written; check digits are verified.",
    )
    .personal(),
    Field::new(
        "score",
        FieldType::Integer(0, 100),
        "How promising it is, 0 to 100.",
    )
    .filtered(),
    Field::new("budget", FieldType::Money, "What it can spend."),
    Field::new("owner", FieldType::User, "The member who works on it.").filtered(),
    Field::new(
        "disqualification_reason",
        FieldType::Text(500),
        "Why it was not worth it.",
    ),
    Field::new("tags", FieldType::Tags, "Short words to find it by.").filtered(),
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
        name: "score",
        expression: "(CASE WHEN score IS NULL THEN -1 ELSE score END)",
        sql_type: "bigint",
    },
];

pub(super) fn settle(before: Option<&Record>, after: &mut Record, errors: &mut FieldErrors) {
    let (Some(from), Some(to)) = (
        before.and_then(|before| before.word::<LeadStatus>("status")),
        after.word::<LeadStatus>("status"),
    ) else {
        return;
    };
    if from != to
        && let Some(refusal) = from.refusal(to)
    {
        errors.add("status", refusal);
    }
}

#[cfg(test)]
mod tests {
    use super::super::pipeline::Pipelines;
    use super::super::{Kind, Record, settle};
    use super::LeadStatus::{self, Converted, Disqualified, New, Qualified};
    use jiff::Timestamp;
    use proptest::prelude::*;

    /// The contract's table, word for word.
    const MOVES: [(LeadStatus, LeadStatus); 4] = [
        (New, Qualified),
        (New, Disqualified),
        (Qualified, Converted),
        (Qualified, Disqualified),
    ];

    fn lead(status: LeadStatus) -> Record {
        let mut lead = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
        lead.set_text("source", "site");
        lead.set_text("status", status.as_str());
        lead
    }

    #[test]
    fn the_table_is_the_contracts() {
        for &from in LeadStatus::ALL {
            for &to in LeadStatus::ALL {
                let allowed = MOVES.contains(&(from, to));
                assert_eq!(from.refusal(to).is_none(), allowed, "{from} {to}");
                let settled = settle(
                    Some(&lead(from)),
                    &mut lead(to),
                    Timestamp::UNIX_EPOCH,
                    Pipelines::contract(),
                );
                assert_eq!(settled.is_ok(), allowed || from == to, "{from} {to}");
                assert!(settled.is_ok() || settled.unwrap_err().has("status"));
            }
        }
    }

    proptest! {
        /// However a lead is written, it goes by the table, and nothing leads out of a final status.
        #[test]
        fn every_way_goes_by_the_table(ways in proptest::collection::vec((prop::sample::select(LeadStatus::ALL), "[a-z]{0,3}"), 1..30)) {
            let mut now = lead(New);
            for (to, name) in ways {
                let from: LeadStatus = now.word("status").unwrap();
                let mut after = now.clone();
                after.set_text("status", to.as_str());
                after.set_text("name", name);
                if settle(Some(&now), &mut after, Timestamp::UNIX_EPOCH, Pipelines::contract()).is_ok() {
                    prop_assert!(from == to || MOVES.contains(&(from, to)), "{from} {to}");
                    now = after;
                }
                let at: LeadStatus = now.word("status").unwrap();
                prop_assert!(!matches!(from, Converted | Disqualified) || at == from);
            }
        }
    }
}
