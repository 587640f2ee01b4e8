//! Which tenants a list shows, and in which order.

use super::{ContractStatus, IsolationModel, Plan, ProvisioningStatus};
use crate::words::words;

words! {
    /// The orders of the tenants list; a minus sign turns one round.
    TenantSort { /// By name.
        Name = "name", /// By name, last first.
        NameDesc = "-name", /// Oldest first.
        Created = "created_at", /// Newest first.
        CreatedDesc = "-created_at" }
}

/// The filters of the tenants list; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantFilter {
    /// Found in name, code or subdomain, whatever the accents and the case.
    pub q: Option<String>,
    /// Provisioning state.
    pub status: Option<ProvisioningStatus>,
    /// Isolation model.
    pub isolation_model: Option<IsolationModel>,
    /// Plan.
    pub plan: Option<Plan>,
    /// Contract state.
    pub contract_status: Option<ContractStatus>,
    /// Activity of the company.
    pub is_active: Option<bool>,
}
