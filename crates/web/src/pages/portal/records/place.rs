//! Where the pages of records are.

use sindico_domain::crm::Kind;

/// The address under which a kind's records are.
pub fn base(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => "/customers/",
        Kind::Lead => "/leads/",
        Kind::Opportunity => "/opportunities/",
        Kind::Activity => "/activities/",
        Kind::SalesGoal => "/goals/",
    }
}

/// The list of a kind's records: of sales it stands behind their board.
pub fn list(kind: Kind) -> &'static str {
    match kind {
        Kind::Opportunity => "/opportunities/list/",
        kind => base(kind),
    }
}

/// The board of a kind's records, if it has one.
pub fn board(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Lead => Some("/leads/board/"),
        Kind::Opportunity => Some("/opportunities/"),
        Kind::SalesGoal => Some("/goals/board/"),
        _ => None,
    }
}

/// A record's page.
pub fn of(kind: Kind, id: i64) -> String {
    format!("{}{id}/", base(kind))
}

/// The page of one of its acts.
pub fn act(kind: Kind, id: i64, act: &str) -> String {
    format!("{}{id}/{act}/", base(kind))
}

/// Those that may be there twice.
pub fn duplicates(kind: Kind) -> String {
    format!("{}duplicates/", base(kind))
}

/// Those of which it was said that they are not one.
pub fn dismissed(kind: Kind) -> String {
    format!("{}duplicates/dismissed/", base(kind))
}

/// Where that is taken back, of these.
pub fn take_back(kind: Kind, ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("{}undo/?ids={}", dismissed(kind), ids.join(","))
}

/// The icon of a kind.
pub fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => "users-round",
        Kind::Lead => "target",
        Kind::Opportunity => "handshake",
        Kind::Activity => "list-checks",
        Kind::SalesGoal => "trophy",
    }
}

/// An address of ours that a form or a browser told: nothing that leads elsewhere.
pub fn ours(path: &str) -> Option<&str> {
    let fits = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    fits.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_are_led_to() {
        assert_eq!(ours("/leads/?q=a"), Some("/leads/?q=a"));
        for foreign in ["", "//evil", "https://evil", "/\\evil", "/a\nb"] {
            assert_eq!(ours(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn a_list_and_a_board_are_two_pages() {
        for &kind in Kind::ALL {
            assert_ne!(Some(list(kind)), board(kind));
            assert!(of(kind, 7).starts_with(base(kind)));
        }
    }
}
