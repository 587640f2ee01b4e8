//! Fields in all their states, filters, tables.

use super::t;
use crate::pages::kit::{
    Choice, Column, Field, Order, Row, Tone, avatar_small, badge, button, card, chips, data_table,
    error_summary, filter_bar, form_actions, more_menu, pager,
};
use crate::pages::language::Language;
use maud::{Markup, html};

pub(super) fn all(language: Language) -> Markup {
    html! {
        div class="columns" id="forms" {
            (card(&t(language, "Campos", "Fields"), None, fields(language)))
            (card(&t(language, "Com erros", "With errors"), None, wrong(language)))
        }
        (list(language))
    }
}

fn stages(language: Language) -> [Choice; 3] {
    [
        Choice::new("NEW", t(language, "Novo", "New")),
        Choice::new("CONTACTED", t(language, "Contatado", "Contacted")),
        Choice::new("QUALIFIED", t(language, "Qualificado", "Qualified")),
    ]
}

fn fields(language: Language) -> Markup {
    let fields = [
        Field::text("name", t(language, "Nome", "Name"))
            .required()
            .value("Ana Conceição"),
        Field::email("email", "E-mail").value("ana@aurora.example"),
        Field::phone("phone", t(language, "Telefone", "Phone"))
            .value("(11) 98765-4321")
            .hint(t(language, "Com DDD", "With the area code")),
        Field::document("document", "CPF/CNPJ").value("12.ABC.345/01DE-35"),
        Field::cep("cep", "CEP").value("01310-100"),
        Field::money("budget", t(language, "Orçamento", "Budget")).value("12.000,00"),
        Field::date("due", t(language, "Previsão", "Expected")).value("2026-11-23"),
        Field::datetime("at", t(language, "Quando", "When")).value("2026-11-23T14:30"),
        Field::select("stage", t(language, "Etapa", "Stage"))
            .choices(stages(language))
            .value("CONTACTED"),
        Field::select("owner", t(language, "Responsável", "Owner"))
            .or_none(t(language, "Ninguém", "Nobody"))
            .choices([Choice::new("1", "Ana"), Choice::new("2", "Bruno")]),
        Field::password("password", t(language, "Senha", "Password")),
        Field::text("locked", t(language, "Código", "Code"))
            .value("acme")
            .attr("readonly", ""),
        Field::radio("kind", t(language, "Tipo", "Kind"))
            .choices([
                Choice::new("COMPANY", t(language, "Empresa", "Company")),
                Choice::new("PERSON", t(language, "Pessoa", "Person")),
            ])
            .value("COMPANY"),
        Field::checkbox(
            "consent",
            t(
                language,
                "Aceita receber mensagens",
                "Agrees to receive messages",
            ),
        )
        .checked(true)
        .hint(t(
            language,
            "Fica registrado quando",
            "The time is recorded",
        )),
        Field::textarea("notes", t(language, "Observações", "Notes"))
            .value("Prefere falar à tarde.")
            .wide(),
    ];
    html! {
        form class="form" id="specimen-form" method="post" action="/specimen/" data-draft="specimen" {
            div class="form-grid" { @for field in fields { (field.render(language)) } }
            (form_actions(html! {
                (button(t(language, "Salvar", "Save")).primary())
                (button(t(language, "Cancelar", "Cancel")).quiet().plain())
            }))
        }
    }
}

fn wrong(language: Language) -> Markup {
    let message = t(language, "Não é um e-mail.", "Not an e-mail address.");
    let taken = t(
        language,
        "Já existe uma empresa com este CNPJ.",
        "A company with this CNPJ is there already.",
    );
    html! {
        form class="form" method="post" action="/specimen/" novalidate {
            (error_summary(language, &[("w-email".to_owned(), message.clone()), ("w-document".to_owned(), taken.clone())]))
            (Field::email("email", "E-mail").id("w-email").required().value("ana@").errors([message]).render(language))
            (Field::document("document", "CNPJ").id("w-document").value("11.222.333/0001-81").hint(t(language, "Só letras e números", "Letters and digits alone")).errors([taken]).render(language))
            (Field::radio("size", t(language, "Porte", "Size")).required().choices([Choice::new("S", t(language, "Pequeno", "Small")), Choice::new("L", t(language, "Grande", "Large"))]).errors([t(language, "Escolha um.", "Choose one.")]).render(language))
            (Field::text("off", t(language, "Desligado", "Off")).attr("disabled", "").value("...").render(language))
            (form_actions(html! { (button(t(language, "Salvar", "Save")).primary()) }))
        }
    }
}

fn list(language: Language) -> Markup {
    let columns = [
        Column::new(t(language, "Nome", "Name")).sorted_by("?sort=name", Some(Order::Ascending)),
        Column::new(t(language, "Empresa", "Company")).sorted_by("?sort=company", None),
        Column::new(t(language, "Etapa", "Stage")),
        Column::new(t(language, "Valor", "Value"))
            .numeric()
            .sorted_by("?sort=value", None),
        Column::new(t(language, "Responsável", "Owner")).shrink(),
        Column::new(t(language, "Ações", "Actions"))
            .silent()
            .shrink(),
    ];
    let people = [
        (
            "Ana Conceição",
            "Café Aurora",
            "12.000,00",
            Tone::Info,
            "Bruno de Souza",
        ),
        (
            "João Antônio Figueiredo",
            "Padaria São João da Boa Vista Ltda",
            "1.234.567,89",
            Tone::Ok,
            "Caio Mota",
        ),
        (
            "Élida Ferraz",
            "Móveis Ipê",
            "980,00",
            Tone::Warn,
            "Ana Conceição",
        ),
    ];
    let rows: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(index, (name, company, value, tone, owner))| Row {
            select: Some(("id".to_owned(), index.to_string(), (*name).to_owned())),
            ..Row::to(
                "#forms",
                [
                    html! { (name) },
                    html! { (company) },
                    badge(*tone, &t(language, "Contatado", "Contacted")),
                    html! { (value) },
                    avatar_small(owner),
                    more_menu(language, name, &[]),
                ],
            )
        })
        .collect();
    let filters = html! {
        (Field::search("q", t(language, "Buscar", "Search")).id("q-list").attr("placeholder", t(language, "Nome, telefone, CNPJ", "Name, phone, CNPJ")).render(language))
        (Field::select("stage", t(language, "Etapa", "Stage")).id("q-stage").or_none(t(language, "Todas", "All")).choices(stages(language)).render(language))
    };
    html! {
        section {
            (filter_bar(language, "#forms", filters, Some("#forms")))
            (chips(language, &[(t(language, "Etapa: Contatado", "Stage: Contacted"), "#forms".to_owned())]))
            (data_table(language, "Leads", &columns, &rows))
            (pager(language, &t(language, "1 a 3 de 10.000+", "1 to 3 of 10,000+"), Some("#forms"), Some("#forms")))
        }
    }
}
