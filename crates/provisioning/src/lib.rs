//! The operations engine: durable, leased, fenced provisioning of tenants.
