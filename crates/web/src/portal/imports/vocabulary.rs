//! Words that files use for fields and choices: those of our pages in both languages, which exports have
//! too, and what people call them elsewhere.

use crate::pages::words::{fields as f, records as w};
use sindico_crm::imports::Vocabulary;
use sindico_domain::crm::{FieldType, Kind};
use sindico_domain::fold::fold;
use std::sync::LazyLock;

/// Other names of fields.
const OTHERS: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "nome",
            "nome completo",
            "razao social",
            "nome fantasia",
            "cliente",
            "full name",
            "contato",
            "contact",
            "pessoa",
        ],
    ),
    (
        "email",
        &[
            "e-mail",
            "email",
            "correio eletronico",
            "mail",
            "email address",
            "endereco de e-mail",
        ],
    ),
    (
        "phone",
        &[
            "telefone",
            "fone",
            "celular",
            "tel",
            "whatsapp",
            "mobile",
            "phone number",
        ],
    ),
    (
        "document",
        &[
            "cpf",
            "cnpj",
            "cpf/cnpj",
            "cpf cnpj",
            "documento",
            "tax id",
            "cnpj/cpf",
        ],
    ),
    ("kind", &["tipo", "type"]),
    (
        "owner",
        &["responsavel", "vendedor", "dono", "owner", "sales rep"],
    ),
    ("tags", &["etiquetas", "tags", "marcadores", "labels"]),
    (
        "notes",
        &[
            "observacoes",
            "observacao",
            "obs",
            "notas",
            "notes",
            "comments",
            "comentarios",
        ],
    ),
    ("source", &["origem", "fonte", "source", "canal"]),
    ("company", &["empresa", "company", "organizacao"]),
    ("status", &["situacao", "status", "estado"]),
    ("score", &["pontuacao", "score", "nota"]),
    ("budget", &["orcamento", "budget", "verba"]),
    ("customer", &["cliente", "customer", "conta", "account"]),
    (
        "title",
        &["titulo", "title", "assunto", "subject", "nome", "name"],
    ),
    ("stage", &["etapa", "fase", "stage"]),
    ("amount", &["valor", "amount", "montante", "value", "meta"]),
    (
        "expected_close_date",
        &[
            "previsao",
            "previsao de fechamento",
            "fechamento",
            "close date",
            "data prevista",
        ],
    ),
    ("probability", &["probabilidade", "probability", "chance"]),
    ("next_step", &["proximo passo", "next step"]),
    (
        "due_at",
        &["prazo", "vencimento", "due", "due date", "data"],
    ),
    ("priority", &["prioridade", "priority"]),
    ("description", &["descricao", "description"]),
    ("assigned_to", &["responsavel", "assigned to"]),
    ("year", &["ano", "year"]),
    ("month", &["mes", "month"]),
];

/// The words, made once.
pub(crate) fn words() -> &'static Vocabulary {
    static WORDS: LazyLock<Vocabulary> = LazyLock::new(make);
    &WORDS
}

fn plain(text: &str) -> String {
    fold(text)
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// The contract's stages; those that a company has besides are known by their names.
const STAGES: &[&str] = &["DISCOVERY", "PROPOSAL", "NEGOTIATION", "WON", "LOST"];

fn make() -> Vocabulary {
    let mut words = Vocabulary::default();
    for kind in Kind::ALL.iter().copied() {
        for field in kind.fields() {
            let label = f::label(kind, field.name);
            for text in [label.0, label.1] {
                words.heads.insert((kind, plain(text)), field.name);
            }
        }
        // What our own pages call a field counts more.
        for (name, others) in OTHERS {
            let Some(n) = kind.position(name) else {
                continue;
            };
            for other in *others {
                let head = (kind, plain(other));
                words.heads.entry(head).or_insert(kind.fields()[n].name);
            }
        }
        for field in kind.fields() {
            let codes = match field.ty {
                FieldType::Choice(codes) => codes,
                FieldType::Stage => STAGES,
                _ => continue,
            };
            for code in codes {
                let mut add = |text: &str| {
                    words.choices.insert((kind, field.name, fold(text)), *code);
                };
                add(code);
                if let Some(word) = f::value(kind, field.name, code) {
                    add(word.0);
                    add(word.1);
                }
            }
        }
    }
    for (n, code) in [
        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
    ]
    .iter()
    .enumerate()
    {
        if let Some(word) = i64::try_from(n + 1).ok().and_then(w::month) {
            for text in [word.0, word.1] {
                words
                    .choices
                    .insert((Kind::SalesGoal, "month", fold(text)), code);
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use sindico_crm::imports::guess;

    /// What an export names its columns, an import knows.
    #[test]
    fn our_own_heads_are_known_in_both_languages() {
        for kind in Kind::ALL.iter().copied() {
            let inputs = kind.fields().iter();
            let inputs = inputs.filter(|field| field.access == sindico_domain::crm::Access::Input);
            // Custom fields are columns of their own, each.
            let inputs = inputs.filter(|field| field.name != "custom_fields");
            for field in inputs {
                let label = f::label(kind, field.name);
                for head in [label.0, label.1] {
                    assert_eq!(
                        guess(kind, &[head.to_owned()], words()),
                        [field.name],
                        "{kind} {head}"
                    );
                }
            }
        }
    }
}
