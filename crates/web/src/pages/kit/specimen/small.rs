//! Buttons, badges, notices, menus, and what stands where there is nothing.

use super::t;
use crate::pages::kit::{
    MenuItem, Stat, Tone, avatar, avatar_small, badge, badge_icon, button, card, chart,
    danger_card, dialog, empty_state, kbd, link_button, menu, more_menu, notice, person, progress,
    stats, toast,
};
use crate::pages::language::Language;
use maud::{Markup, html};

const TONES: [(Tone, &str); 6] = [
    (Tone::Neutral, "Neutral"),
    (Tone::Accent, "Accent"),
    (Tone::Ok, "Ok"),
    (Tone::Warn, "Warn"),
    (Tone::Danger, "Danger"),
    (Tone::Info, "Info"),
];

pub(super) fn all(language: Language) -> Markup {
    html! {
        (numbers(language))
        div class="grid" {
            (card(&t(language, "Botões", "Buttons"), None, buttons(language)))
            (card(&t(language, "Selos e marcas", "Badges and marks"), None, badges(language)))
            (card(&t(language, "Menus e diálogos", "Menus and dialogs"), None, menus(language)))
        }
        (card(&t(language, "Avisos", "Notices"), None, html! { div class="stack-tight" {
            @for (tone, name) in TONES.iter().skip(2) {
                (notice(*tone, name, Some(html! { (t(language, "O que houve, e o que fazer agora.", "What happened, and what to do now.")) " " a href="#small" { (t(language, "Ver", "See")) } })))
            }
        } }))
        div class="grid" {
            (card(&t(language, "Vazio", "Empty"), None, empty_state("users", &t(language, "Nenhum lead ainda", "No leads yet"),
                &t(language, "Leads são pessoas ou empresas que podem virar clientes.", "Leads are people or companies who may become customers."),
                Some(html! { (link_button(t(language, "Novo lead", "New lead"), "#").primary().icon("plus")) (link_button(t(language, "Importar", "Import"), "#").icon("upload")) }))))
            (danger_card(&t(language, "Zona de perigo", "Danger zone"), html! { div class="stack-tight" {
                p { (t(language, "Excluir apaga os dados depois de 30 dias.", "Deleting erases the data after 30 days.")) }
                div { (button(t(language, "Excluir empresa...", "Delete company...")).danger().icon("trash-2").plain()) }
            } }))
        }
        (toast(Tone::Ok, &t(language, "Lead salvo.", "Lead saved."), Some((&t(language, "Desfazer", "Undo"), "/undo/", "token"))))
    }
}

fn numbers(language: Language) -> Markup {
    let values = [3.0, 5.0, 4.0, 8.0, 7.0, 9.0, 12.0];
    let stat = |label: String, value: &str, note: String, tone| Stat {
        label,
        value: value.to_owned(),
        note: Some(note),
        tone,
        ..Stat::default()
    };
    stats(&[
        Stat {
            href: Some("#small".to_owned()),
            spark: Some(chart::sparkline(
                &t(language, "Leads por semana", "Leads a week"),
                &values,
            )),
            ..stat(
                t(language, "Leads novos", "New leads"),
                "48",
                t(language, "+12% no mês", "+12% this month"),
                Tone::Ok,
            )
        },
        stat(
            t(language, "Em negociação", "In negotiation"),
            "R$\u{a0}384,2\u{a0}mil",
            t(language, "23 oportunidades", "23 opportunities"),
            Tone::Neutral,
        ),
        stat(
            t(language, "Ganho no mês", "Won this month"),
            "R$\u{a0}91,7\u{a0}mil",
            t(language, "61% da meta", "61% of the goal"),
            Tone::Warn,
        ),
        stat(
            t(language, "Tarefas atrasadas", "Overdue tasks"),
            "7",
            t(language, "3 são suas", "3 are yours"),
            Tone::Danger,
        ),
    ])
}

fn buttons(language: Language) -> Markup {
    html! {
        div class="stack-tight" id="small" {
            div class="row" {
                (button(t(language, "Salvar", "Save")).primary().plain())
                (button(t(language, "Cancelar", "Cancel")).plain())
                (button(t(language, "Mais", "More")).quiet().plain())
                (button(t(language, "Excluir", "Delete")).danger().plain())
            }
            div class="row" {
                (button(t(language, "Novo", "New")).primary().icon("plus").plain().key("n"))
                (button(t(language, "Salvando", "Saving")).primary().icon("save").busy(true).plain())
                (button(t(language, "Parado", "Disabled")).disabled(true).plain())
                (button(t(language, "Editar", "Edit")).icon_only("pencil").plain())
            }
            div class="row" {
                (button(t(language, "Pequeno", "Small")).small().plain())
                (button(t(language, "Baixar", "Download")).small().icon("download").plain())
                (link_button(t(language, "Um link", "A link"), "#small").small().quiet().icon("external-link"))
            }
        }
    }
}

fn badges(language: Language) -> Markup {
    html! {
        div class="stack-tight" {
            div class="row" { @for (tone, name) in TONES { (badge(tone, name)) } }
            div class="row" { (badge_icon(Tone::Ok, "circle-check", "READY")) (badge_icon(Tone::Info, "loader-circle", "PROVISIONING")) (badge_icon(Tone::Danger, "circle-x", "FAILED")) }
            div class="row" { (kbd("Ctrl K")) (kbd("g")) (kbd("l")) (kbd("?")) }
            div class="row" { (person("Ana Conceição")) (avatar("Bruno de Souza")) (avatar_small("Caio Mota")) (avatar_small("Élida Ferraz")) }
            (progress(&t(language, "Lugares", "Seats"), 7, 10, &t(language, "7 de 10", "7 of 10"), Tone::Accent))
            (progress(&t(language, "Espaço", "Storage"), 96, 100, "96%", Tone::Danger))
        }
    }
}

fn menus(language: Language) -> Markup {
    let items = [
        MenuItem::Title(t(language, "Este lead", "This lead")),
        MenuItem::Link {
            href: "#small".to_owned(),
            label: t(language, "Abrir", "Open"),
            icon: Some("eye"),
            key: Some("o"),
        },
        MenuItem::Link {
            href: "#forms".to_owned(),
            label: t(language, "Editar", "Edit"),
            icon: Some("pencil"),
            key: Some("e"),
        },
        MenuItem::Line,
        MenuItem::Post {
            action: "/delete/".to_owned(),
            label: t(language, "Excluir", "Delete"),
            icon: Some("trash-2"),
            csrf: "token".to_owned(),
            values: vec![],
            danger: true,
        },
    ];
    let title = t(language, "Converter o lead", "Convert the lead");
    html! {
        div class="row" {
            (menu(html! { summary class="button" { (t(language, "Ações", "Actions")) (crate::pages::kit::icon("chevron-down")) } }, &items))
            (more_menu(language, "Ana", &items))
            (link_button(title.clone(), "#small").opens("specimen-dialog"))
        }
        (dialog(language, "specimen-dialog", &title, html! {
            p { (t(language, "Um cliente com o mesmo CNPJ já existe e será usado.", "A customer with the same CNPJ is there already and will be used.")) }
        }))
    }
}
