//! What stands around the console's pages.

use crate::pages::document::{Frame, place};
use crate::pages::kit::{Command, NavGroup};
use crate::pages::page::Page;
use crate::pages::words::common::PRODUCT;
use crate::pages::words::navigation as w;

/// The console's frame.
pub(in crate::pages) fn frame(page: &Page) -> Frame {
    let tenants = vec![
        place(
            page,
            "overview",
            "/platform/",
            w::OVERVIEW,
            "gauge",
            Some("g h"),
        ),
        place(
            page,
            "tenants",
            "/platform/tenants/",
            w::TENANTS,
            "building-2",
            Some("g t"),
        ),
        place(
            page,
            "operations",
            "/platform/operations/",
            w::OPERATIONS,
            "list-checks",
            Some("g o"),
        ),
        place(
            page,
            "users",
            "/platform/users/",
            w::USERS,
            "users-round",
            Some("g u"),
        ),
    ];
    let bottom = tenants.clone();
    let platform = vec![
        place(
            page,
            "servers",
            "/platform/servers/",
            w::SERVERS,
            "server",
            Some("g s"),
        ),
        place(
            page,
            "fleet",
            "/platform/fleet/",
            w::FLEET,
            "layers",
            Some("g f"),
        ),
        place(
            page,
            "audit",
            "/platform/audit/",
            w::AUDIT,
            "shield",
            Some("g a"),
        ),
        place(
            page,
            "settings",
            "/platform/settings/",
            w::CONSOLE_SETTINGS,
            "settings",
            Some("g e"),
        ),
    ];
    let group = |title, items| NavGroup { title, items };
    Frame {
        place: page.t(PRODUCT).to_owned(),
        place_detail: page.t(w::CONSOLE).to_owned(),
        home: "/platform/",
        nav: vec![
            group(None, tenants),
            group(Some(page.t(w::PLATFORM).to_owned()), platform),
        ],
        bottom,
        search: "/platform/search/",
        commands: vec![
            command(
                page,
                "/platform/tenants/new/",
                w::NEW_TENANT,
                "plus",
                Some("n t"),
            ),
            command(page, "/api/docs/", w::API_DOCS, "file-text", None),
        ],
    }
}

fn command(
    page: &Page,
    href: &str,
    word: crate::pages::language::Word,
    icon: &'static str,
    shortcut: Option<&'static str>,
) -> Command {
    Command {
        label: page.t(word).to_owned(),
        href: href.to_owned(),
        icon,
        shortcut,
        ..Command::default()
    }
}
