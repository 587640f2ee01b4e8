//! What stands around the portal's pages: places that the role may read, and what it may make.

use crate::gate::tenant::TenantContext;
use crate::pages::document::{Frame, place};
use crate::pages::kit::{Command, NavGroup};
use crate::pages::page::Page;
use crate::pages::words::{navigation as w, quotes, sheets};
use sindico_domain::access::capability::Method;
use sindico_domain::access::capability::Resource::{
    Activities, Customers, Imports, Leads, Metrics, Opportunities, Products, SalesGoals,
};

/// The portal's frame.
pub(in crate::pages) fn frame(page: &Page, tenant: &TenantContext) -> Frame {
    let reads = |resource| page.may(resource, Method::Get);
    let mut sell = vec![place(
        page,
        "today",
        "/today/",
        w::TODAY,
        "sun",
        Some("g d"),
    )];
    let places = [
        (Leads, "leads", "/leads/", w::LEADS, "target", "g l"),
        (
            Opportunities,
            "opportunities",
            "/opportunities/",
            w::OPPORTUNITIES,
            "handshake",
            "g o",
        ),
        (
            Customers,
            "customers",
            "/customers/",
            w::CUSTOMERS,
            "users-round",
            "g c",
        ),
        (
            Activities,
            "activities",
            "/activities/",
            w::ACTIVITIES,
            "list-checks",
            "g a",
        ),
    ];
    for (resource, id, href, word, icon, key) in places {
        if reads(resource) {
            sell.push(place(page, id, href, word, icon, Some(key)));
        }
    }
    let bottom = sell.iter().take(5).cloned().collect();
    let places = [
        (
            Opportunities,
            "quotes",
            "/quotes/",
            quotes::QUOTES,
            "file-text",
        ),
        (
            Products,
            "products",
            "/products/",
            quotes::PRODUCTS,
            "package",
        ),
    ];
    for (resource, id, href, word, icon) in places {
        if reads(resource) {
            sell.push(place(page, id, href, word, icon, None));
        }
    }
    let mut track = Vec::new();
    let places = [
        (
            Metrics,
            "metrics",
            "/metrics/",
            w::METRICS,
            "chart-column",
            "g m",
        ),
        (SalesGoals, "goals", "/goals/", w::GOALS, "trophy", "g g"),
    ];
    for (resource, id, href, word, icon, key) in places {
        if reads(resource) {
            track.push(place(page, id, href, word, icon, Some(key)));
        }
    }
    track.push(place(
        page,
        "changes",
        "/changes/",
        w::HISTORY,
        "history",
        Some("g h"),
    ));
    if page.may(Imports, Method::Get) {
        let word = sheets::IMPORTS;
        track.push(place(
            page,
            "imports",
            "/imports/",
            word,
            "upload",
            Some("g i"),
        ));
    }
    track.push(place(page, "bin", "/bin/", w::BIN, "trash-2", Some("g b")));
    track.push(place(
        page,
        "settings",
        "/settings/",
        w::SETTINGS,
        "settings",
        Some("g s"),
    ));
    let role = tenant.role.map_or(w::ROLE_SUPPORT, w::role);
    let group = |title, items| NavGroup {
        title: Some(page.t(title).to_owned()),
        items,
    };
    Frame {
        place: tenant.company.name.clone(),
        place_detail: page.t(role).to_owned(),
        home: "/today/",
        nav: vec![group(w::SELL, sell), group(w::LOOK_BACK, track)],
        bottom,
        search: "/search/",
        commands: commands(page),
    }
}

fn commands(page: &Page) -> Vec<Command> {
    let make = [
        (Customers, "/customers/new/", w::NEW_CUSTOMER, "n c"),
        (Leads, "/leads/new/", w::NEW_LEAD, "n l"),
        (
            Opportunities,
            "/opportunities/new/",
            w::NEW_OPPORTUNITY,
            "n o",
        ),
        (Activities, "/activities/new/", w::NEW_ACTIVITY, "n a"),
    ];
    let made = make
        .into_iter()
        .filter(|(resource, ..)| page.may(*resource, Method::Post));
    made.map(|(_, href, word, key)| Command {
        label: page.t(word).to_owned(),
        href: href.to_owned(),
        icon: "plus",
        shortcut: Some(key),
        ..Command::default()
    })
    .collect()
}
