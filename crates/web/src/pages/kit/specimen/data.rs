//! Records, histories, steps, boards, charts.

use super::t;
use crate::pages::kit::chart::{Caption, Point, Series, bars, funnel, line};
use crate::pages::kit::{
    Board, BoardCard, BoardColumn, Change, Field, InlineEdit, Step, StepState, TimelineEntry, Tone,
    badge, button, card, description_list, steps, timeline, whatsapp_link,
};
use crate::pages::language::Language;
use maud::{Markup, html};

pub(super) fn all(language: Language) -> Markup {
    html! {
        div class="grid" id="data" {
            (card(&t(language, "Ficha", "Facts"), None, facts(language)))
            (card(&t(language, "Histórico", "History"), None, history(language)))
            (card(&t(language, "Provisionamento", "Provisioning"), None, provisioning(language)))
        }
        (charts(language))
        section id="board-section" { (board(language)) }
    }
}

fn facts(language: Language) -> Markup {
    let name = t(language, "Nome", "Name");
    let edit = |id: &'static str, open, field: Field| {
        InlineEdit {
            id,
            label: &name,
            shown: html! { "Ana Conceição" },
            href: "#forms",
            action: "/specimen/",
            csrf: "token",
            field: field.render(language),
            open,
        }
        .render(language)
    };
    let phone =
        whatsapp_link("+5511987654321").map(|href| html! { a href=(href) { "(11) 98765-4321" } });
    let wrong = t(language, "Muito longo.", "Too long.");
    description_list(
        language,
        &[
            (
                &name,
                Some(edit(
                    "fact-name",
                    false,
                    Field::text("name", name.clone())
                        .id("i-name")
                        .value("Ana Conceição"),
                )),
            ),
            (
                &t(language, "Empresa", "Company"),
                Some(edit(
                    "fact-company",
                    true,
                    Field::text("company", name.clone())
                        .id("i-company")
                        .value("Café Aurora")
                        .errors([wrong]),
                )),
            ),
            ("WhatsApp", phone),
            (
                &t(language, "Etapa", "Stage"),
                Some(badge(Tone::Info, &t(language, "Contatado", "Contacted"))),
            ),
            (&t(language, "Origem", "Source"), None),
        ],
    )
}

fn history(language: Language) -> Markup {
    let entry = |icon, tone, who: &str, what: String, when: String| TimelineEntry {
        icon,
        tone,
        who: who.to_owned(),
        what: html! { (what) },
        when: html! { time datetime="2026-11-23T17:30:00Z" { (when) } },
        changes: vec![],
        body: None,
        undo: None,
    };
    let change = |field: String, before: Option<&str>, after: Option<&str>| Change {
        field,
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    timeline(
        language,
        &[
            TimelineEntry {
                changes: vec![
                    change(
                        t(language, "Valor", "Value"),
                        Some("R$ 9.000,00"),
                        Some("R$ 12.000,00"),
                    ),
                    change(
                        t(language, "Previsão", "Expected"),
                        None,
                        Some("23/11/2026"),
                    ),
                ],
                undo: Some(
                    html! { form method="post" action="/undo/" { (button(t(language, "Desfazer", "Undo")).quiet().small().icon("undo-2")) } },
                ),
                ..entry(
                    "pencil",
                    Tone::Info,
                    "Ana Conceição",
                    t(language, "editou", "edited"),
                    t(language, "há 5 min", "5 min ago"),
                )
            },
            TimelineEntry {
                body: Some(
                    html! { (t(language, "Quer proposta até sexta.", "Wants an offer by Friday.")) },
                ),
                ..entry(
                    "phone",
                    Tone::Ok,
                    "Bruno de Souza",
                    t(language, "ligou", "called"),
                    t(language, "ontem", "yesterday"),
                )
            },
            entry(
                "plus",
                Tone::Neutral,
                "Síndico",
                t(language, "criou o lead", "made the lead"),
                "20/11/2026".to_owned(),
            ),
        ],
    )
}

fn provisioning(language: Language) -> Markup {
    let step = |title: String, state, time: Option<&str>| Step {
        title,
        state,
        time: time.map(str::to_owned),
        cause: None,
        hint: None,
    };
    steps(
        language,
        &[
            step(
                t(language, "Reservar o subdomínio", "Reserve the subdomain"),
                StepState::Done,
                Some("0,1 s"),
            ),
            step(
                t(language, "Criar o banco", "Make the database"),
                StepState::Skipped,
                None,
            ),
            Step {
                cause: Some(t(
                    language,
                    "O servidor recusou a conexão.",
                    "The server refused the connection.",
                )),
                hint: Some(t(
                    language,
                    "Confira a senha do servidor e tente de novo.",
                    "Check the server's password and retry.",
                )),
                ..step(
                    t(language, "Criar o papel", "Make the role"),
                    StepState::Failed,
                    Some("2,4 s"),
                )
            },
            step(
                t(language, "Aplicar as migrações", "Apply the migrations"),
                StepState::Running,
                Some("12 s"),
            ),
            step(t(language, "Publicar", "Publish"), StepState::Waiting, None),
        ],
    )
}

fn charts(language: Language) -> Markup {
    let months = [
        ("jul", 42.0),
        ("ago", 58.0),
        ("set", 51.0),
        ("out", 77.0),
        ("nov", 91.7),
    ];
    let point =
        |(month, value): &(&str, f64)| Point::new(*month, *value, format!("R$ {value} mil"));
    let won = Series {
        name: t(language, "Ganho", "Won"),
        points: months.iter().map(point).collect(),
    };
    let lost = Series {
        name: t(language, "Perdido", "Lost"),
        points: months
            .iter()
            .map(|(m, v)| point(&(*m, 100.0 - v)))
            .collect(),
    };
    let stages = Series {
        name: t(language, "Oportunidades", "Opportunities"),
        points: [
            ("Lead", 120.0),
            ("Proposta", 64.0),
            ("Negociação", 31.0),
            ("Ganho", 14.0),
        ]
        .map(|(l, v)| Point::new(l, v, format!("{v}")))
        .to_vec(),
    };
    let of = t(language, "Mês", "Month");
    let title = t(language, "Ganhos por mês", "Won a month");
    let description = t(
        language,
        "Os ganhos sobem desde setembro.",
        "Won sales rise since September.",
    );
    let caption = |id| Caption {
        id,
        title: &title,
        description: &description,
        of: &of,
    };
    let both = [won.clone(), lost];
    html! {
        div class="grid grid-wide" {
            (card(&title, None, bars(language, &caption("c-bars"), std::slice::from_ref(&won), Some((80.0, &t(language, "Meta: R$ 80 mil", "Goal: R$ 80k"))))))
            (card(&t(language, "Ganho e perdido", "Won and lost"), None, bars(language, &caption("c-both"), &both, None)))
            (card(&t(language, "Evolução", "Course"), None, line(language, &caption("c-line"), std::slice::from_ref(&won))))
            (card(&t(language, "Funil", "Funnel"), None, funnel(language, &caption("c-funnel"), &stages)))
        }
    }
}

fn board(language: Language) -> Markup {
    let make = |id: u32, title: &str, amount: &str, badges: Option<Markup>| BoardCard {
        id: id.to_string(),
        href: "#board".to_owned(),
        title: title.to_owned(),
        subtitle: Some("Café Aurora".to_owned()),
        amount: Some(amount.to_owned()),
        badges,
        owner: Some("Bruno de Souza".to_owned()),
        move_to: Some(format!("/opportunities/{id}/move/")),
        targets: vec![("WON".to_owned(), t(language, "Ganha", "Won"))],
        ..BoardCard::default()
    };
    let late = badge(Tone::Danger, &t(language, "atrasada", "late"));
    let column = |stage: &str, title: String, count: &str, tone, cards| BoardColumn {
        stage: stage.to_owned(),
        title,
        count: count.to_owned(),
        total: Some("R$\u{a0}84.200,00".to_owned()),
        tone,
        cards,
        ..BoardColumn::default()
    };
    Board {
        id: "board".to_owned(),
        label: t(
            language,
            "Oportunidades por etapa",
            "Opportunities by stage",
        ),
        csrf: "token".to_owned(),
        live: Some("opportunity"),
        columns: vec![
            BoardColumn {
                more: Some("?stage=NEW&after=30".to_owned()),
                ..column(
                    "NEW",
                    t(language, "Nova", "New"),
                    "32",
                    Tone::Info,
                    vec![
                        make(1, "Pão e doces, mensal", "R$\u{a0}12.000,00", None),
                        make(
                            2,
                            "Reforma da cozinha industrial da matriz e das filiais",
                            "R$\u{a0}48.900,00",
                            Some(late),
                        ),
                        make(3, "Café em grãos", "R$\u{a0}3.300,00", None),
                    ],
                )
            },
            column(
                "PROPOSAL",
                t(language, "Proposta", "Proposal"),
                "1",
                Tone::Accent,
                vec![make(4, "Móveis do salão", "R$\u{a0}20.000,00", None)],
            ),
            column(
                "NEGOTIATION",
                t(language, "Negociação", "Negotiation"),
                "0",
                Tone::Warn,
                vec![],
            ),
            column(
                "WON",
                t(language, "Ganha", "Won"),
                "1",
                Tone::Ok,
                vec![make(5, "Entrega semanal", "R$\u{a0}1.980,00", None)],
            ),
        ],
    }
    .render(language)
}
