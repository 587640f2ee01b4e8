//! On which ground something is done with a person's data.

use crate::FieldErrors;
use crate::input::{Fields, choice, text};
use crate::words::words;
use serde_json::{Map, Value};

words! {
    /// A ground of the law (LGPD, article 7).
    Basis { /// The person said yes (I).
        Consent = "CONSENT", /// A law or an authority asks for it (II).
        LegalObligation = "LEGAL_OBLIGATION", /// A contract with the person, or what leads to one (V).
        Contract = "CONTRACT", /// Rights in a lawsuit or an arbitration (VI).
        LegalClaims = "LEGAL_CLAIMS", /// What the company, or somebody else, may well want (IX).
        LegitimateInterest = "LEGITIMATE_INTEREST", /// That debts are paid (X).
        CreditProtection = "CREDIT_PROTECTION" }
}

words! {
    /// Whether it holds.
    ConsentState { /// It does.
        Granted = "GRANTED", /// It was taken back, or is there no more.
        Revoked = "REVOKED" }
}

/// What is told of a ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentDraft {
    /// What for.
    pub purpose: String,
    /// The ground.
    pub basis: Basis,
    /// Whether it holds from now on.
    pub state: ConsentState,
    /// Where it was said.
    pub source: String,
    /// What shows it.
    pub evidence: String,
}

impl ConsentDraft {
    /// Reads `{purpose, basis?, state?, source?, evidence?}`; a consent that is given, unless it is said.
    ///
    /// # Errors
    /// All fields that are wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let purpose = f.require("purpose", text(1..=100));
        let basis = f.read("basis", choice::<Basis>);
        let state = f.read("state", choice::<ConsentState>);
        let source = f.read("source", text(0..=100));
        let evidence = f.read("evidence", text(0..=1_000));
        f.finish().check(Self {
            purpose: purpose.unwrap_or_default(),
            basis: basis.unwrap_or(Basis::Consent),
            state: state.unwrap_or(ConsentState::Granted),
            source: source.unwrap_or_default(),
            evidence: evidence.unwrap_or_default(),
        })
    }
}
