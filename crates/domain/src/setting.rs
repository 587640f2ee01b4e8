//! What a company sets up beside its records, and what is written down of its changes.

use crate::words::words;

words! {
    /// Something that is set up.
    Setting { /// Where changes are told.
        Webhook = "webhook", /// A form on the web that makes leads.
        LeadForm = "lead_form", /// What a person asked for whose data are kept.
        PrivacyRequest = "privacy_request", /// For how long such data are kept.
        RetentionRule = "retention_rule", /// Who gets new leads.
        Assignment = "assignment_rules", /// The mail server.
        Mail = "mail_settings" }
}
