//! What clients send, for the documentation; the rules that read it are `domain::tenant`.

use jiff::Timestamp;
use sindico_domain::tenant::{ContractStatus, IsolationModel, Plan, ProvisioningStatus};
use utoipa::ToSchema;

/// A tenant to be created.
#[derive(ToSchema)]
#[schema(example = json!({"name": "Padaria Acme Ltda.", "tenant_code": "acme", "subdomain": "acme"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct TenantInput {
    /// At most 150 characters.
    #[schema(max_length = 150)]
    name: String,
    /// A slug; unique; never changes.
    #[schema(max_length = 63, pattern = "^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    tenant_code: String,
    /// A DNS label; unique; not reserved.
    #[schema(max_length = 63)]
    subdomain: String,
    /// True by default.
    is_active: Option<bool>,
    contract: Option<ContractInput>,
    provisioning: Option<ProvisioningInput>,
}

/// What to change of a tenant; at least one field.
#[derive(ToSchema)]
#[schema(example = json!({"contract": {"plan": "PRO", "seats": 10}}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct TenantPatch {
    /// At most 150 characters.
    #[schema(max_length = 150)]
    name: Option<String>,
    /// A DNS label; unique; not reserved.
    subdomain: Option<String>,
    /// An inactive company is as if it did not exist.
    is_active: Option<bool>,
    contract: Option<ContractInput>,
    provisioning: Option<ProvisioningInput>,
}

/// The contract, as sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct ContractInput {
    /// STARTER by default.
    plan: Option<Plan>,
    /// TRIAL by default.
    status: Option<ContractStatus>,
    /// 3 by default.
    #[schema(minimum = 1)]
    seats: Option<i32>,
    /// `"0.00"` by default.
    #[schema(example = "1299.90")]
    monthly_fee: Option<String>,
    /// Today by default.
    #[schema(format = Date)]
    start_date: Option<String>,
    /// Not before `start_date`.
    #[schema(format = Date)]
    end_date: Option<String>,
    /// True by default.
    auto_renew: Option<bool>,
    notes: Option<String>,
}

/// The place, as sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct ProvisioningInput {
    /// DATABASE_PER_TENANT by default.
    isolation_model: Option<IsolationModel>,
    /// At creation only; PENDING by default.
    status: Option<ProvisioningStatus>,
    /// Unique.
    database_alias: Option<String>,
    database_name: Option<String>,
    /// A host, an address, or the directory of a Unix socket.
    database_host: Option<String>,
    #[schema(minimum = 1, maximum = 65535)]
    database_port: Option<i32>,
    database_user: Option<String>,
    /// A reference such as `env:NAME`, never a password.
    database_password_secret: Option<String>,
    portal_url: Option<String>,
}

/// An operator's own word on the state.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct StateReport {
    status: ProvisioningStatus,
    portal_url: Option<String>,
    /// Kept only with FAILED.
    last_error: Option<String>,
}

/// What to execute with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct ExecuteInput {
    /// The portal's address, in place of the one from the template.
    portal_url: Option<String>,
}

/// A recorded change.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents an answer")]
pub struct AuditEvent {
    id: i64,
    at: Timestamp,
    actor_id: Option<i64>,
    /// A user name, `system`, or `shell:<login>`.
    actor: String,
    address: Option<String>,
    request_id: String,
    /// `noun.verb`.
    action: String,
    company_id: Option<i64>,
    subject: String,
    #[schema(value_type = Option<Object>)]
    before: Option<serde_json::Value>,
    #[schema(value_type = Option<Object>)]
    after: Option<serde_json::Value>,
    /// For whom and why, when it was done during a visit of support.
    support: Option<sindico_domain::access::Support>,
}
