//! What a person asks for.

use crate::FieldErrors;
use crate::crm::draft::id;
use crate::input::{Fields, choice, date, text};
use crate::words::words;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value};

/// Within how many days of its arrival a request is to be answered (LGPD, article 19, II).
pub const DUE_DAYS: i32 = 15;

/// How many customers, and how many leads, one request may be about.
pub const MOST_RECORDS: usize = 50;

words! {
    /// What a person asks for.
    RequestKind { /// A copy of all that is kept of them (article 18, II and V).
        Export = "EXPORT", /// That nothing is kept of them (article 18, IV and VI).
        Erasure = "ERASURE" }
}

words! {
    /// How far a request has come.
    RequestState { /// It is to be answered.
        Open = "OPEN", /// What was asked for was done.
        Done = "DONE", /// It was not, for a reason that the law knows.
        Refused = "REFUSED" }
}

/// A request, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub kind: RequestKind,
    /// Customers who are that person.
    pub customers: Vec<i64>,
    /// Leads who are.
    pub leads: Vec<i64>,
    /// When it arrived.
    pub received_on: Date,
    /// How it arrived, from whom.
    pub note: String,
}

impl Request {
    /// Reads `{kind, customers?, leads?, received_on?, note?}`; it arrived today unless it is said.
    ///
    /// # Errors
    /// All fields that are wrong, and a request about nobody.
    pub fn parse(body: &Map<String, Value>, today: Date) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let kind = f.require("kind", choice::<RequestKind>);
        let customers = f.read("customers", ids).unwrap_or_default();
        let leads = f.read("leads", ids).unwrap_or_default();
        let received_on = f.read("received_on", date).unwrap_or(today);
        if received_on > today {
            f.error("received_on", "It can't have arrived after today.");
        }
        let note = f.read("note", text(0..=1_000)).unwrap_or_default();
        let mut errors = f.finish();
        if errors.is_empty() && customers.is_empty() && leads.is_empty() {
            errors.add(
                "non_field_errors",
                "Name at least one record of the person, in `customers` or in `leads`.",
            );
        }
        errors.check(Self {
            kind: kind.unwrap_or(RequestKind::Export),
            customers,
            leads,
            received_on,
            note,
        })
    }

    /// The last day on which it is answered in time.
    pub fn due_on(&self) -> Date {
        self.received_on.saturating_add(DUE_DAYS.days())
    }
}

/// Reads why a request is refused: `{reason}`.
///
/// # Errors
/// A reason that is missing: the person has to be told one (article 18, § 4).
pub fn refusal(body: &Map<String, Value>) -> Result<String, FieldErrors> {
    let mut f = Fields::new(body);
    let reason = f.require("reason", text(1..=1_000));
    f.finish().check(reason.unwrap_or_default())
}

fn ids(value: &Value) -> Result<Vec<i64>, String> {
    let one = std::slice::from_ref(value);
    let list = match value {
        Value::Array(list) => list.as_slice(),
        // As a form sends it.
        Value::String(word) if word.is_empty() => &[],
        _ => one,
    };
    if list.len() > MOST_RECORDS {
        return Err(format!("At most {MOST_RECORDS} records at a time."));
    }
    let mut ids: Vec<i64> = list.iter().map(id).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(body: Value) -> Result<Request, FieldErrors> {
        let today = jiff::civil::date(2026, 11, 27);
        Request::parse(body.as_object().unwrap(), today)
    }

    #[test]
    fn a_request_is_about_somebody_and_due_in_fifteen_days() {
        let told =
            json!({"kind": "ERASURE", "customers": [9, 7, 7], "leads": "3", "note": " by mail "});
        let request = parse(told).unwrap();
        assert_eq!(
            (request.customers.as_slice(), request.leads.as_slice()),
            (&[7, 9][..], &[3][..])
        );
        assert_eq!(request.note, "by mail");
        assert_eq!(request.due_on(), jiff::civil::date(2026, 12, 12));
        for (body, field) in [
            (json!({"kind": "EXPORT"}), "non_field_errors"),
            (json!({"customers": [7]}), "kind"),
            (json!({"kind": "FORGET", "customers": [7]}), "kind"),
            (json!({"kind": "EXPORT", "customers": ["x"]}), "customers"),
            (json!({"kind": "EXPORT", "leads": [0]}), "leads"),
            (
                json!({"kind": "EXPORT", "leads": [1], "received_on": "2026-11-28"}),
                "received_on",
            ),
        ] {
            assert!(parse(body.clone()).unwrap_err().has(field), "{body}");
        }
        let many: Vec<i64> = (1..=51).collect();
        assert!(
            parse(json!({"kind": "EXPORT", "leads": many}))
                .unwrap_err()
                .has("leads")
        );
        assert!(refusal(&Map::new()).unwrap_err().has("reason"));
    }
}
