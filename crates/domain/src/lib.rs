//! The rules: tenants, contracts, names, hosts, input. No I/O, no SQL, no HTTP.
