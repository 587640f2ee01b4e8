//! The CRM's records and their rules (contract section 6).

pub mod customer;
