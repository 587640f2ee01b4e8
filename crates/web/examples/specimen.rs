//! Writes the style guide as files, to be looked at without a server: `specimen <folder>`.

use maud::html;
use sindico_web::pages::kit::{
    Command, Document, NavGroup, NavItem, Shell, ShellUser, SupportBanner, Theme, specimen,
};
use sindico_web::pages::language::Language;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    for (language, name) in [(Language::Portuguese, "pt"), (Language::English, "en")] {
        for (theme, shade) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let document = Document {
                language,
                theme,
                title: "Specimen",
                csrf: Some("token"),
                live: None,
            };
            let body = shell(language).render(&specimen(language));
            std::fs::write(
                format!("{folder}/{name}-{shade}.html"),
                document.render(&body).0,
            )?;
        }
    }
    Ok(())
}

fn shell(language: Language) -> Shell {
    let item = |id: &str, label: &str, icon, key| NavItem {
        id: id.to_owned(),
        href: format!("/{id}/"),
        label: label.to_owned(),
        icon,
        current: id == "leads",
        count: (id == "activities").then(|| "7".to_owned()),
        key: Some(key),
    };
    let items = vec![
        item("home", "Início", "house", "g h"),
        item("leads", "Leads", "user-plus", "g l"),
        item("board", "Oportunidades", "columns-3", "g o"),
        item("customers", "Clientes", "building-2", "g c"),
        item("activities", "Atividades", "list-checks", "g a"),
    ];
    Shell {
        language,
        place: "Café Aurora".to_owned(),
        place_detail: "Síndico CRM".to_owned(),
        home: "/".to_owned(),
        bottom: items.clone(),
        commands: items
            .iter()
            .map(|item| Command {
                label: item.label.clone(),
                href: item.href.clone(),
                icon: item.icon,
                shortcut: item.key,
                ..Command::default()
            })
            .collect(),
        nav: vec![
            NavGroup { title: None, items },
            NavGroup {
                title: Some("Empresa".to_owned()),
                items: vec![
                    item("goals", "Metas", "target", "g m"),
                    item("members", "Pessoas", "users-round", "g p"),
                ],
            },
        ],
        user: ShellUser {
            name: "Ana Conceição".to_owned(),
            detail: "ana@aurora.example".to_owned(),
            items: vec![],
            sign_out: "/sign-out/".to_owned(),
        },
        search: Some("/search/".to_owned()),
        top_end: None,
        support: Some(SupportBanner {
            text: "Carla (suporte) está aqui como Ana até 15:00: chamado 123".to_owned(),
            end: Some("/support/end/".to_owned()),
        }),
        shortcuts: vec![],
        toasts: html! {},
        csrf: "token".to_owned(),
        wide: false,
    }
}
