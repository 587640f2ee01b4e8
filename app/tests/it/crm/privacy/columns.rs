//! Every column that may hold something of a person is known to an erasure.

use super::super::start;
use sindico_domain::crm::Kind;
use sindico_domain::privacy::told_of;
use sindico_testkit::TestDatabase;
use std::collections::BTreeSet;

/// Columns that hold nothing of the people whom records are about.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    // Words of the program: kinds, states, names of fields, digests and keys.
    "attachment.kind", "attachment.media_type", "file_content.sha256", "quote.key_hash", "quote.language", "quote.status",
    "product_change.action", "product_change.request_id",
    "access_log.kind", "activity.kind", "activity.priority", "activity.status", "change.kind", "change.op",
    "custom_field.help", "custom_field.key", "custom_field.kind", "custom_field.label", "custom_field.options",
    "custom_field.required_roles", "custom_field.type", "change_set.action", "change_set.request_id", "consent.basis", "consent.kind", "consent.state", "customer.kind",
    "erasure.kind", "export_log.format", "export_log.kind", "export_log.request_id", "idempotency_key.fingerprint",
    "idempotency_key.key", "identity.tenant", "import_job.counts", "import_job.format", "import_job.kind",
    "import_job.mapping", "import_job.options", "import_job.request_id", "import_job.state", "import_job.trouble",
    "import_row.verdict", "lead.status", "lead_form.fields", "lead_form.key", "lead_form.required", "lead_form.secret",
    "lead_form_entry.nonce", "lead_form_entry.state", "lead_form_entry.suspicions", "opportunity.stage",
    "privacy_request.customers", "privacy_request.erased", "privacy_request.kind", "privacy_request.leads",
    "privacy_request.state", "retention_rule.kind", "saved_view.columns", "saved_view.default_for",
    "saved_view.density", "saved_view.kind", "saved_view.sort", "saved_view.visibility", "saved_view_change.action",
    "saved_view_change.request_id", "schema_migration.checksum", "schema_migration.name", "search_doc.kind",
    "setting_change.action", "setting_change.request_id", "setting_change.what", "setup_change.what",
    "team_change.action", "team_change.request_id", "webhook.events", "webhook.secret", "webhook.state",
    "webhook_delivery.event", "webhook_delivery.message", "webhook_delivery.state",
    // Words of the company's own people, and where they called from.
    "attachment.username", "product_change.address", "product_change.support", "product_change.username", "quote.username",
    "access_log.username", "activity.assigned_to_username", "activity.created_by_username", "change_set.address",
    "change_set.support", "change_set.username", "consent.username", "customer.owner_username", "export_log.address",
    "export_log.support", "export_log.username", "import_job.address", "import_job.support", "import_job.username",
    "lead.owner_username", "opportunity.owner_username", "privacy_request.done_by", "privacy_request.username",
    "sales_goal.assignee_username", "saved_view.owner_username", "saved_view_change.address",
    "saved_view_change.support", "saved_view_change.username", "setting_change.address", "setting_change.support",
    "setting_change.username", "team_change.address", "team_change.after", "team_change.before",
    "not_duplicate.username", "team_change.support", "team_change.username", "team_member.username", "webhook.username",
    // Words of what the company has set up, for all.
    "product.code", "product.description", "product.name", "product.unit", "product_change.after", "product_change.before",
    "consent.purpose", "import_job.headers", "lead_form.consent", "lead_form.intro", "lead_form.origins",
    "lead_form.redirect", "lead_form.source", "lead_form.tags", "lead_form.thanks", "lead_form.title",
    "lead_form_entry.consent", "loss_reason.name", "pipeline.name", "pipeline_stage.code", "pipeline_stage.color",
    "pipeline_stage.forecast", "pipeline_stage.name", "pipeline_stage.required_fields", "retention_rule.name",
    "sales_goal.notes", "sales_goal.search_text", "setup_change.after", "setup_change.before", "team.name",
    "webhook.name", "webhook.reason", "webhook.url",
    // What people were told of: ids, and titles that are read when they are shown.
    "notification.cause", "notification.data", "notification.record_kind", "notification.topic",
    "notification_preference.topic", "mail.notifications", "mail.state", "change_set.assigned", "not_duplicate.kind",
    // A mail server's, and what it says of the company's own people.
    "mail.answer", "mail_settings.from_address", "mail_settings.from_name", "mail_settings.host",
    "mail_settings.reply_to", "mail_settings.secret", "mail_settings.security", "mail_settings.username",
    // Ids alone.
    "webhook_delivery.body",
];

/// A table that somebody adds has to say what of a person it may hold.
#[tokio::test(flavor = "multi_thread")]
async fn every_column_is_known_to_an_erasure() {
    let (_app, tenants) = start().await;
    let inside = TestDatabase::superuser(&tenants[0].database).await;
    let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'bytea', 'ARRAY', 'json', 'character varying')
            AND is_generated = 'NEVER' ORDER BY 1";
    let mut known: BTreeSet<String> = BTreeSet::new();
    for kind in [
        Kind::Customer,
        Kind::Lead,
        Kind::Opportunity,
        Kind::Activity,
    ] {
        known.extend(
            told_of(kind)
                .into_iter()
                .map(|field| format!("{kind}.{field}")),
        );
        known.extend(
            ["search_text", "document_key", "phone_key", "name_key"]
                .map(|column| format!("{kind}.{column}")),
        );
    }
    known.extend(["title", "subtitle", "text"].map(|column| format!("search_doc.{column}")));
    known.extend(
        sindico_crm::privacy::TRACES
            .iter()
            .map(|&trace| trace.to_owned()),
    );
    known.extend(HARMLESS.iter().map(|&column| column.to_owned()));
    let all = inside.query(sql, &[]).await.unwrap();
    let unknown: Vec<String> = all
        .iter()
        .map(|row| row.get(0))
        .filter(|column| !known.contains(column))
        .collect();
    assert!(
        unknown.is_empty(),
        "say in crates/crm/src/privacy/erase.rs how these are erased, or here that they hold nothing: {unknown:#?}"
    );
}
