//! Constraint names, and the fields they mean: the only place that knows both. A check before
//! the write names all fields at once; this is what answers when two write at the same time.

use sindico_domain::FieldErrors;

/// What to tell the caller when this constraint refuses a row.
pub fn field_errors(constraint: &str) -> Option<FieldErrors> {
    let (field, message) = match constraint {
        "company_tenant_code_key" => ("tenant_code", TENANT_CODE_TAKEN),
        "company_subdomain_key" => ("subdomain", SUBDOMAIN_TAKEN),
        "tenant_provisioning_alias_key" => ("provisioning.database_alias", ALIAS_TAKEN),
        "tenant_provisioning_database_key" => ("provisioning.database_name", DATABASE_TAKEN),
        "tenant_provisioning_user_key" => ("provisioning.database_user", ROLE_TAKEN),
        "tenant_contract_dates" => (
            "contract.end_date",
            "Use a date that is not before start_date.",
        ),
        "app_user_username_key" => ("username", "A user with this name exists already."),
        "app_user_email_key" => ("email", "A user with this e-mail address exists already."),
        "tenant_domain_host_key" => ("host", HOST_TAKEN),
        "customer_email_key" => ("email", "Another customer has this e-mail address already."),
        "sales_goal_period_key" => (
            "month",
            "There is a goal for this month already, for the same member or for all.",
        ),
        "activity_is_about_something" => (
            "lead",
            "An activity is about a lead or an opportunity: name one of them.",
        ),
        "product_code_key" => ("code", "Another product has this code already."),
        "quote_number_key" => (
            "number",
            "Another quote has this number and revision by now.",
        ),
        "team_name_key" => ("name", "There is a team with this name already."),
        "opportunity_stage_there" => (
            "stage",
            "This stage is not there any more, or a sale is in it.",
        ),
        "pipeline_name_key" => ("name", "There is a pipeline with this name already."),
        "pipeline_stage_key" | "pipeline_stage_code_key" => {
            ("code", "Another stage has this code already.")
        }
        "loss_reason_name_key" => ("name", "There is a reason with this name already."),
        "saved_view_name_key" => ("name", "There is a view with this name already."),
        "saved_view_default_member_key"
        | "saved_view_default_manager_key"
        | "saved_view_default_owner_key" => (
            "default_for",
            "Another view is the one that this role begins with. Change that one first.",
        ),
        _ => return None,
    };
    Some(FieldErrors::one(field, message))
}

/// Of a custom domain's `host`.
pub const HOST_TAKEN: &str = "Another tenant has this domain.";
/// Of `tenant_code`.
pub const TENANT_CODE_TAKEN: &str = "A tenant with this code exists already.";
/// Of `subdomain`.
pub const SUBDOMAIN_TAKEN: &str = "Another tenant has this subdomain.";
/// Of `database_alias`.
pub const ALIAS_TAKEN: &str = "Another tenant has this alias.";
/// Of `database_name`.
pub const DATABASE_TAKEN: &str = "Another tenant has this database on this server.";
/// Of `database_user`.
pub const ROLE_TAKEN: &str = "Another tenant has this role on this server.";
