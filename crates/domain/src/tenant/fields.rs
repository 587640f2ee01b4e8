//! How each field of a tenant is read, in one place for creation and change.

use super::Rules;
use crate::input::{Fields, Parsed, date, decimal, integer, nullable, parsed, text};
use crate::names::{Identifier, Subdomain, secret_reference};
use crate::template::web_address;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

pub(super) fn name(value: &Value) -> Parsed<String> {
    text(1..=150)(value)
}

pub(super) fn subdomain(rules: &Rules) -> impl Fn(&Value) -> Parsed<Subdomain> {
    move |value| {
        let subdomain: Subdomain = parsed(1..=63)(value)?;
        if rules.zones.is_reserved(&subdomain) {
            return Err("This subdomain is reserved. Choose another.".into());
        }
        Ok(subdomain)
    }
}

pub(super) fn seats(value: &Value) -> Parsed<i32> {
    integer(1..=i64::from(i32::MAX))(value).map(|n| n as i32)
}

pub(super) fn monthly_fee(value: &Value) -> Parsed<Decimal> {
    let fee = decimal(12, 2)(value)?;
    if fee.is_sign_negative() && !fee.is_zero() {
        return Err("Use 0 or more.".into());
    }
    Ok(fee.abs())
}

pub(super) fn start_date(value: &Value) -> Parsed<Date> {
    date(value)
}

pub(super) fn end_date(value: &Value) -> Parsed<Option<Date>> {
    nullable(date)(value)
}

pub(super) const END_BEFORE_START: &str = "Use a date that is not before start_date.";

pub(super) fn notes(value: &Value) -> Parsed<String> {
    text(0..=10_000)(value)
}

pub(super) fn identifier(value: &Value) -> Parsed<Identifier> {
    parsed(1..=63)(value)
}

pub(super) fn database_name(rules: &Rules, shared: bool) -> impl Fn(&Value) -> Parsed<Identifier> {
    move |value| {
        let name = identifier(value)?;
        let reserved = rules.reserved_databases.iter().any(|r| r == name.as_str());
        if reserved || (!shared && name.as_str() == rules.shared_database) {
            return Err("This database belongs to the platform. Choose another name.".into());
        }
        Ok(name)
    }
}

/// A host name, an address, or the directory of a Unix socket (whole socket path under 108
/// bytes, `sockaddr_un`).
pub(super) fn database_host(value: &Value) -> Parsed<String> {
    let host = text(1..=253)(value)?;
    if host.starts_with('/') {
        if host.chars().any(char::is_whitespace) || host.contains("..") {
            return Err("Expected the path of a socket directory.".into());
        }
        if host.len() + "/.s.PGSQL.65535".len() > 107 {
            return Err("The path of the socket is too long: use at most 92 characters.".into());
        }
        return Ok(host);
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !l.starts_with('-')
    };
    if host.trim_end_matches('.').split('.').all(label) {
        Ok(host.trim_end_matches('.').to_ascii_lowercase())
    } else {
        Err("Expected a host name, an address, or the path of a socket directory.".into())
    }
}

pub(super) fn database_port(value: &Value) -> Parsed<i32> {
    integer(1..=65_535)(value).map(|n| n as i32)
}

pub(super) fn password_secret(value: &Value) -> Parsed<String> {
    secret_reference(&text(0..=500)(value)?)
}

pub(super) fn portal_url(value: &Value) -> Parsed<String> {
    let url = text(0..=500)(value)?;
    if url.is_empty() {
        Ok(url)
    } else {
        web_address(&url)
    }
}

/// `last_error` as an operator writes it.
pub(super) fn last_error(value: &Value) -> Parsed<String> {
    text(0..=2_000)(value)
}

/// Notes an error when the last day is before the first.
pub(super) fn check_dates(fields: &mut Fields<'_>, start: Option<Date>, end: Option<Option<Date>>) {
    if let (Some(start), Some(Some(end))) = (start, end)
        && end < start
    {
        fields.error("end_date", END_BEFORE_START);
    }
}
